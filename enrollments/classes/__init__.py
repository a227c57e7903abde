"""Classes: the schedule of a team member, register, roster, progress, make-ups, rescheduling, going home,
incidents and messages.
"""
