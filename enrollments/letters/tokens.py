"""Links and codes that open something are kept as a hash only."""

import hashlib


def hash_of(token: str) -> str:
    """What is kept of a link: enough to know it again, not to rebuild it."""
    return hashlib.sha256(token.encode()).hexdigest()
