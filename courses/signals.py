"""Signals sent by the timetable, inside the transaction that makes the change."""

from django.dispatch import Signal

# session (a Session), at (a datetime): its capacity, last day to join or dates have changed. If an editor
# changed the places: before ({"capacity": 12, "held_back": 0}) and by (the user).
places_changed = Signal()
# meeting (a Meeting, as it is now), before (a timetable.Slot), at: one class was moved or cancelled, and no
# family has been told yet.
# left: the room it leaves, if it changes room.
meeting_changed = Signal()
# meetings (classes that have not started), added and removed (users), at: who teaches them has changed.
teachers_changed = Signal()
# session (a Session): receivers return how many children wait there and how many hold an offer, as an object
# with the numbers `waiting` and `offered`, and with `mark`, which differs when they are other children.
queue_asked = Signal()
