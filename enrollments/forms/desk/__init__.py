"""Forms of instructors."""
