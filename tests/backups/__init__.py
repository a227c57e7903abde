"""Backups: written, checked and restored by the commands, in processes and databases of their own."""
