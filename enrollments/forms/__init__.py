"""Forms: what is asked, and what is answered when it is wrong.

Shared ones here, the others by who fills them in.
"""
