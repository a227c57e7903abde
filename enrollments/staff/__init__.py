"""The team: who works here, in which role, and how a lost second factor is replaced."""
