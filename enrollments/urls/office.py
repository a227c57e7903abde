"""/<language>/office/ — front desk and managers."""

from django.urls import path

from enrollments.views import office

urlpatterns = [
    path("", office.office, name="office"),
    path("sessions/", office.sessions, name="office_sessions"),
    path("sessions/<int:session_id>/", office.session_roster, name="office_roster"),
]
