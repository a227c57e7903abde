"""Tokens in links and codes, stored as hashes only."""

import hashlib


def hash_of(token: str) -> str:
    """Return the hash of a token: enough to verify it, not to recover it."""
    return hashlib.sha256(token.encode()).hexdigest()
