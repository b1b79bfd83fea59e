"""Which pages to label next. Pure functions: numbers in, indices out, the first to be labelled first.

Uncertain: pages on which the model hesitates (entropy) and which resemble many others (density), as in Settles and
Craven (2008). Diverse: a greedy spread over sites, clusters of pages, and distance. Random: by hash, the same on every
machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..page import Blocks

Array = npt.NDArray[np.float64]
WIDTH = 1024  # numbers a page: hashed words, then hashed markup
NEIGHBOURS = 10
_BATCH = 100  # pages looked at together


def entropy(probabilities: npt.NDArray[Any]) -> Array:
    """The entropy of each row (blocks, labels), from 0 (sure) to 1 (all labels alike)."""
    p = np.clip(np.asarray(probabilities, np.float64), 1e-12, 1)
    if p.ndim != 2 or p.shape[1] < 2:
        return np.zeros(len(p))
    return np.asarray(-(p * np.log(p)).sum(axis=1) / np.log(p.shape[1]))


def uncertainty(texts: Sequence[str], probabilities: npt.NDArray[Any]) -> float:
    """How much the model hesitates on a page, 0 to 1: the mean entropy of its blocks.

    Equal texts count once, by the one it hesitates on most: a hundred "Reply" links teach what one does. The mean, not
    the sum: a long page costs as much more as it teaches.
    """
    most: dict[str, float] = {}
    for text, value in zip(texts, entropy(probabilities).tolist(), strict=True):
        most[text] = max(most.get(text, 0.0), value)
    return sum(most.values()) / len(most) if most else 0.0


def vectors(pages: Sequence[Blocks]) -> Array:
    """What pages are like: (pages, WIDTH), rows of unit length (zero for a page without blocks), from hashed words and
    markup.
    """
    from scipy.sparse import csr_matrix  # start-up

    from ..features.bags import matrix  # start-up
    from ..features.build import extract  # start-up

    found: Array = np.zeros((len(pages), WIDTH))
    half = WIDTH // 2
    for k in range(0, len(pages), _BATCH):
        some = pages[k : k + _BATCH]
        if not any(map(len, some)):
            continue
        features = extract(some)
        page = features.batch.page
        member = csr_matrix((np.ones(len(page)), (page, np.arange(len(page)))), shape=(len(some), len(page)))
        for at, bags in ((0, features.text), (half, features.markup)):
            total = (member @ matrix(bags)).tocoo()
            np.add.at(found, (k + total.row, at + total.col % half), total.data)
    found = np.log1p(found)
    seen = (found > 0).sum(axis=0)
    found *= np.log((1 + len(found)) / (1 + seen)) + 0.1  # what every page has says little about any
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))


def density(vectors: Array, neighbours: int = NEIGHBOURS) -> Array:
    """How much each page is like those nearest to it: mean cosine with them, 0 to 1. An odd page teaches little about
    others.
    """
    n = len(vectors)
    k = min(neighbours, n - 1)
    if k < 1:
        return np.ones(n)
    out = np.empty(n)
    for start in range(0, n, 512):
        near = vectors[start : start + 512] @ vectors.T
        rows = np.arange(len(near))
        near[rows, start + rows] = -np.inf
        out[start : start + 512] = np.partition(near, n - k - 1, axis=1)[:, n - k :].mean(axis=1)
    return np.clip(out, 0, 1)


def uncertain(
    scores: Sequence[float], densities: Sequence[float], sites: Sequence[str], *, limit: int | None = None
) -> list[int]:
    """Indices by score times density, highest first. Each further page of a site counts half as much as the one before
    it.
    """
    value = np.asarray(scores, np.float64) * (0.5 + 0.5 * np.asarray(densities, np.float64))
    picked: list[int] = []
    of_site = _indices(sites)
    left = np.ones(len(value), bool)
    for _ in range(len(value) if limit is None else min(limit, len(value))):
        best = int(np.where(left, value, -1).argmax())
        left[best] = False
        picked.append(best)
        value[of_site[sites[best]]] /= 2
    return picked


def diverse(
    vectors: Array, sites: Sequence[str], limit: int | None = None, *, seen: Collection[int] = (), seed: int = 0
) -> list[int]:
    """Indices so that every beginning of the list is spread: first the site with fewest picks, then the cluster with
    fewest, then the page farthest from all picked ones. `seen` are indices that count as picked already and do not
    come.
    """
    n = len(vectors)
    clusters = _clusters(vectors, seed)
    by_site, by_cluster = Counter(sites[i] for i in seen), Counter(clusters[i] for i in seen)
    distance = np.full(n, 2.0)
    left = [i for i in range(n) if i not in set(seen)]
    for i in seen:
        distance = np.minimum(distance, 1 - vectors @ vectors[i])
    centre = vectors.mean(axis=0) if n else np.zeros(WIDTH)
    typical = vectors @ centre  # decides where all else is equal: the first page is no outlier
    picked: list[int] = []
    while left and (limit is None or len(picked) < limit):
        best = min(left, key=lambda i: (by_site[sites[i]], by_cluster[clusters[i]], -distance[i], -typical[i], i))
        left.remove(best)
        picked.append(best)
        by_site[sites[best]] += 1
        by_cluster[clusters[best]] += 1
        distance = np.minimum(distance, 1 - vectors @ vectors[best])
    return picked


def _clusters(vectors: Array, seed: int) -> list[int]:
    distinct = len(np.unique(vectors.round(6), axis=0)) if len(vectors) else 0
    count = min(distinct, max(2, round(len(vectors) ** 0.5)))
    if count < 2:
        return [0] * len(vectors)
    from sklearn.cluster import MiniBatchKMeans  # start-up

    found: list[int] = (
        MiniBatchKMeans(count, random_state=seed, n_init=10, batch_size=1024).fit_predict(vectors).tolist()
    )
    return found


def _indices(names: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        found.setdefault(name, []).append(i)
    return found
