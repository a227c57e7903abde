"""Backups of everything that cannot be made again: written, checked, restored (trust 39)."""
