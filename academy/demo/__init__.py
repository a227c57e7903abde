"""What `manage.py furnish` brings into an empty house: its foundations, and with --demo a term of invented
life.
"""
