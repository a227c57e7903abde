"""Read a child's file by its content, in a process of its own.

Plain Python: nothing here imports Django, and nothing of ours but the pixels of `home/files/pixels.py`, so
that the process starts in a moment and knows no settings, no database and no family. `isolation.py` starts
it; `academy/docs/formats.md` says what real files do.
"""
