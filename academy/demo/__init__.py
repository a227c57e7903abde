"""Data loaded by `manage.py furnish`: the base data, and with --demo a term of invented demo data."""
