"""Pages of instructors, under /desk/."""
