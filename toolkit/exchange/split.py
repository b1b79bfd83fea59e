"""Which part of a corpus a site belongs to: train, validation or test. Never more than one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

SPLITS = ("train", "validation", "test")
_SHARES = (0.8, 0.1, 0.1)


def split_of(site: str, seed: int = 0) -> str:
    """The split of a site (see `page.group_of`), by its hash: about 80, 10 and 10 in a hundred sites.

    It stays the same when other sites come or go, on every machine.
    """
    digest = hashlib.blake2b(f"{seed}:{site}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    at = int.from_bytes(digest, "big") / 2**64
    return SPLITS[0] if at < _SHARES[0] else SPLITS[1] if at < _SHARES[0] + _SHARES[1] else SPLITS[2]


def splits_of(sites: Iterable[str], seed: int = 0) -> dict[str, str]:
    """Site -> split. Where chance leaves validation or test empty, a site of train's takes the place, if train keeps two."""
    found = {site: split_of(site, seed) for site in sorted(set(sites))}
    for split in SPLITS[1:]:
        train = [site for site, where in found.items() if where == "train"]
        if split not in found.values() and len(train) > 2:
            found[max(train, key=lambda site: _rank(site, seed))] = split
    return found


def read_splits(folder: Path, sites: Iterable[str]) -> dict[str, str] | None:
    """Site -> split by the corpus' own split (`pageblocks split`), None without one. Raises PageblocksError for another file."""
    from ..split import read_split, split_path

    if not split_path(folder).exists():
        return None
    chosen = read_split(split_path(folder))
    return {site: chosen.part(site) for site in sites}


def _rank(site: str, seed: int) -> str:
    return hashlib.blake2b(f"{seed}:moved:{site}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
