"""What the timetable tells the floors above it, in the transaction of what happened."""

from django.dispatch import Signal

# session (a Session), at (an instant): its places, its last day to join or its dates are no longer what they were.
places_changed = Signal()
