"""Pages of guardians, under /family/."""
