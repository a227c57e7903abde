"""Places in sessions: eligibility, enrollment, the waiting list, withdrawals and staff decisions."""
