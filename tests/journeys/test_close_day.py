"""A manager closes a day in the morning on a phone: classes moved, every family notified,
at most eight taps.
"""

from datetime import timedelta

from courses.models import Meeting
from enrollments.models import Letter
from tests.factories import SessionFactory, saturday_in
from tests.journeys.test_walk_in import Desk


def test_a_day_is_closed_in_eight_taps(demonstration, new_page, log_in):
    day = saturday_in(3)
    session = SessionFactory(first_on=day, count=2)
    desk = Desk(log_in(new_page(), demonstration.logins["manager"]))
    desk.page.goto("/fr/office/")
    desk.tap("nav.tabs a[href$='/office/sessions/']", "**/office/sessions/")
    desk.tap("a[href$='/office/days/close/']", "**/days/close/")
    desk.taps += 1  # the browser's own calendar for the day
    desk.page.fill("[name=day]", f"{day:%Y-%m-%d}")
    desk.type("[name=name]", "Panne de courant")
    desk.tap("main form[method=get] button[type=submit]", "**/days/close/?**")
    assert (
        "vont changer" in desk.page.locator("main").inner_text() and session.meetings.filter(on=day).exists()
    )
    desk.tap("main form[method=post] button[type=submit]", "**/office/sessions/")
    assert desk.taps <= 8, desk.taps
    assert not Meeting.objects.filter(on=day, cancelled_at=None).exists()
    assert list(session.meetings.order_by("starts_at").values_list("on", flat=True))[-1] == day + timedelta(
        weeks=2
    )
    assert Letter.objects.filter(kind="classes_changed").exists()
