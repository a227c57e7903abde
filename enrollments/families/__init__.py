"""Families: children, guardians, who collects, safety notes, consents, sign-in cards, and what a guardian
sees at a glance.
"""
