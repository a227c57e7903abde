"""Pages of the front desk and managers, under /office/."""
