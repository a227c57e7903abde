"""What a child takes home from a course: certificates, and the report of a term."""
