"""What children make: files that are read and never run.

This file imports nothing: the child process that reads a file passes through it.
"""
