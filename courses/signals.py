"""What the timetable tells the floors above it, in the transaction of what happened."""

from django.dispatch import Signal

# session (a Session), at (an instant): its places, its last day to join or its dates are no longer what they
# were.
# When an editor changed the places: before ({"capacity": 12, "held_back": 0}) and by (the user).
places_changed = Signal()
# meeting (a Meeting, as it is now), before (a timetable.Slot), at: one class was moved or cancelled, and
# nobody has told the families yet.
meeting_changed = Signal()
