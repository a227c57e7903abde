"""What the CMS adds to pages: blocks, serving with a French fallback, history, pending translations and
content checks.
"""
