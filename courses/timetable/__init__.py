"""Timetable: lay out, move and cancel meetings, publish a term, change many sessions,
and warn before saving.
"""
