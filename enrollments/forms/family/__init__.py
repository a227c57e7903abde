"""Forms of guardians."""
