"""/<language>/office/ — front desk and managers."""

from django.urls import path

from enrollments.views import guardians, notes, office, policies

urlpatterns = [
    path("", office.office, name="office"),
    path("sessions/", office.sessions, name="office_sessions"),
    path("sessions/<int:session_id>/", office.session_roster, name="office_roster"),
    path("children/<int:child_id>/consents/", policies.office_child_consents, name="office_child_consents"),
    path("policies/", policies.office_policies, name="office_policies"),
    path("policies/<slug:code>/", policies.office_policy, name="office_policy"),
    path("policies/<slug:code>/publish/", policies.publish_policy, name="office_policy_publish"),
    path("children/<int:child_id>/safety/", notes.office_safety_note, name="office_safety_note"),
    path(
        "children/<int:child_id>/guardians/<int:tie_id>/remove/", guardians.office_remove_guardian, name="office_guardian_remove"
    ),
]
