"""Uploaded files: each is judged by its content before it is stored."""
