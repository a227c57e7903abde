"""/<language>/… — pages behind a link or a code that work without signing in.

Emails and printed codes carry these addresses.
"""

from django.urls import path

from enrollments.views.links import (
    certificates,
    login_cards,
    offers,
    pickup_passes,
    policies,
    room,
    showcase,
    surveys,
    team_invitations,
    unsubscribe,
)

urlpatterns = [
    path("policies/<slug:code>/", policies.policy, name="policy"),
    path("team/<str:token>/", team_invitations.team_invitation, name="team_invitation"),
    path("pass/<str:token>/", pickup_passes.pickup_pass, name="pickup_pass"),
    path("offers/<str:token>/", offers.offer, name="offer"),
    path("letters/<str:token>/end/", unsubscribe.end_letters, name="end_letters"),
    path("showcase/", showcase.showcase_page, name="showcase"),
    path("showcase/<str:code>/", showcase.showcase_picture, name="showcase_picture"),
    path("showcase/<str:code>/small/", showcase.showcase_picture, {"small": True}, name="showcase_small"),
    path("showcase/<str:code>/remove/", showcase.showcase_remove, name="showcase_remove"),
    path("survey/<str:token>/", surveys.survey, name="survey"),
    path("room/", room.room, name="room"),
    path("room/<str:code>/", room.room_lesson, name="room_lesson"),
    path("certificate/", certificates.certificate_code, name="certificate_code"),
    path("certificate/<str:code>/", certificates.certificate_check, name="certificate_check"),
    path("card/<str:token>/", login_cards.login_card, name="login_card"),
]
