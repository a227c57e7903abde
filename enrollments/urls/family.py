"""/<language>/family/ — guardians."""

from django.urls import path

from enrollments.views import family

urlpatterns = [
    path("", family.family, name="family"),
    path("children/add/", family.add_child, name="child_add"),
    path("children/<int:child_id>/", family.change_child, name="child_change"),
    path("enroll/<int:session_id>/", family.enroll, name="enroll"),
    path("enroll/<int:session_id>/level/<int:child_id>/", family.declare, name="declare_level"),
    path("enrollments/<slug:reference>/", family.enrollment, name="enrollment"),
]
