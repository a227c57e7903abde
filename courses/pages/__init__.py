"""Public pages: what a course page shows, structured data, pictures for sharing, and the blocks of the page
editor.
"""
