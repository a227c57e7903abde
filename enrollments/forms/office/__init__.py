"""Forms of the front desk and managers."""
