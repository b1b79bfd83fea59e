"""A random order by hash, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def shuffled(ids: Sequence[str], seed: int = 0) -> list[int]:
    """Indices in an order that depends on ids and seed only: added pages do not change the order of the others."""
    return sorted(range(len(ids)), key=lambda i: seeded_hash(ids[i], seed))


def seeded_hash(id: str, seed: int) -> bytes:
    """Eight bytes that depend on id and seed."""
    return hashlib.blake2b(f"{seed}:{id}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
