"""Emails to families and staff: the outbox, delivery and samples of every kind."""
