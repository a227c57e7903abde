"""/<language>/family/ — guardians."""

from django.urls import path

from enrollments.views import basket, child, consents, family, guardians, invited, merging, places, privacy

urlpatterns = [
    path("", family.family, name="family"),
    path("children/add/", family.add_child, name="child_add"),
    path("children/<int:child_id>/", child.child_file, name="child"),
    path("children/<int:child_id>/change/", child.change_child, name="child_change"),
    path("children/<int:child_id>/collection/", child.collection, name="child_collection"),
    path("children/<int:child_id>/safety/", child.safety, name="child_safety"),
    path("children/<int:child_id>/guardians/", guardians.child_guardians, name="child_guardians"),
    path("children/<int:child_id>/guardians/leave/", guardians.leave, name="guardian_leave"),
    path("children/<int:child_id>/guardians/<int:tie_id>/remove/", guardians.remove_guardian, name="guardian_remove"),
    path("children/<int:child_id>/consents/", consents.child_consents, name="child_consents"),
    path("consents/", consents.own_consents, name="consents"),
    path("consents/history/", consents.history, name="consent_history"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/copy/", privacy.make_copy, name="privacy_copy"),
    path("privacy/copy/<uuid:name>.zip", privacy.copy, name="privacy_download"),
    path("privacy/account/erase/", privacy.erase_account, name="account_erase"),
    path("children/<int:child_id>/erase/", privacy.erase_child, name="child_erase"),
    path("children/<int:child_id>/merge/", merging.child_merge, name="child_merge"),
    path("confirm/", child.confirm, name="confirm_data"),
    path("invitations/<int:invitation_id>/revoke/", guardians.revoke_invitation, name="invitation_revoke"),
    path("invitations/<str:token>/", guardians.invitation, name="invitation"),
    path("enroll/<int:session_id>/", family.enroll, name="enroll"),
    path("enroll/<int:session_id>/level/<int:child_id>/", family.declare, name="declare_level"),
    path("invited/", invited.session_code, name="session_code"),
    path("invited/<str:code>/", invited.session_code, name="session_link"),
    path("basket/", basket.basket_page, name="basket"),
    path("basket/add/", basket.basket_add_pairs, name="basket_add_pairs"),
    path("fitting/", basket.fitting_page, name="fitting"),
    path("basket/<int:session_id>/add/", basket.basket_add, name="basket_add"),
    path("basket/<int:session_id>/<int:child_id>/remove/", basket.basket_remove, name="basket_remove"),
    path("places/<int:row_id>/answer/", places.answer_offer, name="place_answer"),
    path("places/<int:row_id>/leave/", places.leave_place, name="place_leave"),
    path("places/<int:row_id>/take-back/", places.take_back, name="place_take_back"),
    path("places/<int:row_id>/move/", places.move_place, name="place_move"),
    path("enrollments/<slug:reference>/", family.enrollment, name="enrollment"),
]
