"""/<language>/office/ — front desk and managers."""

from django.urls import path

from enrollments.views import files, guardians, merging, notes, office, people, policies, team, tending, till

urlpatterns = [
    path("", office.office, name="office"),
    path("sessions/", office.sessions, name="office_sessions"),
    path("sessions/<int:session_id>/", office.session_roster, name="office_roster"),
    path("sessions/<int:session_id>/places/", tending.session_places, name="office_session_places"),
    path("sessions/<int:session_id>/cancel/", tending.session_cancel, name="office_session_cancel"),
    path("till/<slug:reference>/", till.reference_till, name="office_till"),
    path("receipts/<int:receipt_id>/", till.receipt, name="office_receipt"),
    path("receipts/<int:receipt_id>/back/", till.credit_note, name="office_credit_note"),
    path("calls/", tending.calls, name="office_calls"),
    path("calls/<int:row_id>/", tending.call_answer, name="office_call_answer"),
    path("decisions/", tending.decisions, name="office_decisions"),
    path("checks/", tending.checks, name="office_checks"),
    path("places/<int:row_id>/", tending.place, name="office_place"),
    path("children/<int:child_id>/enroll/", tending.enroll_child, name="office_enroll"),
    path("children/<int:child_id>/waive/<int:session_id>/", tending.waive, name="office_waive"),
    path("children/<int:child_id>/consents/", policies.office_child_consents, name="office_child_consents"),
    path("people/", people.office_people, name="office_people"),
    path("people/new/", people.office_new_family, name="office_new_family"),
    path("people/<int:user_id>/", people.office_person, name="office_person"),
    path("people/<int:user_id>/change/", people.office_person_change, name="office_person_change"),
    path("people/<int:user_id>/children/add/", people.office_child_add, name="office_child_add"),
    path("people/<int:user_id>/card/", people.office_card, name="office_card"),
    path("team/", team.office_team, name="office_team"),
    path("team/invitations/<int:invitation_id>/revoke/", team.office_team_revoke, name="office_team_revoke"),
    path("team/<int:user_id>/rescue/", team.office_rescue, name="office_rescue"),
    path("team/<int:user_id>/roles/<str:role>/take/", team.office_role_take, name="office_role_take"),
    path("letters/<int:letter_id>/told/", people.office_told, name="office_told"),
    path("children/<int:child_id>/", files.office_child, name="office_child"),
    path("children/<int:child_id>/erase/", files.office_erase, name="office_child_erase"),
    path("children/<int:child_id>/collection/", files.office_collection, name="office_collection"),
    path("children/<int:child_id>/guardians/add/", files.office_guardian_add, name="office_guardian_add"),
    path("children/<int:child_id>/spoken/", files.office_spoken, name="office_spoken"),
    path("children/<int:child_id>/birth-date/", files.office_birth_date, name="office_birth_date"),
    path("children/<int:child_id>/barred/", files.office_barred, name="office_barred"),
    path("children/<int:child_id>/barred/<int:barring_id>/lift/", files.office_lift, name="office_lift"),
    path("children/<int:child_id>/protected/", files.office_protected, name="office_protected"),
    path("children/<int:child_id>/with/<int:other_id>/", merging.office_merge, name="office_merge"),
    path("merges/<int:proposal_id>/withdraw/", merging.office_merge_withdraw, name="office_merge_withdraw"),
    path("policies/", policies.office_policies, name="office_policies"),
    path("policies/<slug:code>/", policies.office_policy, name="office_policy"),
    path("policies/<slug:code>/publish/", policies.publish_policy, name="office_policy_publish"),
    path("children/<int:child_id>/safety/", notes.office_safety_note, name="office_safety_note"),
    path(
        "children/<int:child_id>/guardians/<int:tie_id>/remove/", guardians.office_remove_guardian, name="office_guardian_remove"
    ),
]
