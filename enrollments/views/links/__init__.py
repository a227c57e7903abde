"""Pages behind a link or a code that work without signing in."""
