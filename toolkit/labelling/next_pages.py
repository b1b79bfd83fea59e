"""The pages of a corpus that are to be labelled next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from ..corpus.folder import Corpus
from ..errors import UsageError
from ..page import Blocks, group_of
from ..support.hashing import shuffled
from . import sampling

if TYPE_CHECKING:
    from ..model import BlockClassifier

ORDERS = ("given", "uncertain", "diverse", "random")
POOL = 3000  # pages looked at; of a larger corpus as many are drawn by hash


def choose(
    corpus: Corpus, read: Callable[[Iterable[str]], list[Blocks]], how: str, *, limit: int | None,
    model: BlockClassifier | None = None, waiting: Collection[str] = (), answered: Collection[str] = (), seed: int = 0,
) -> list[Blocks]:  # fmt: skip
    """`limit` unlabelled pages (None: all): those `waiting` already, then the best of the rest by `how`.

    `read` segments pages. Pages with gold or annotations in the corpus, and the `answered` ones, are left out.
    """
    if how not in ORDERS:
        raise UsageError(f"unknown order {how!r}; choose one of {', '.join(ORDERS)}")
    done = labelled_ids(corpus) | set(answered)
    before = [id for id in corpus.rows if id in waiting and id not in done][:limit]
    rest = [id for id in corpus.rows if id not in waiting and id not in done]
    wanted = None if limit is None else limit - len(before)
    there = read(before)
    if wanted == 0:
        return there
    rest = [rest[i] for i in shuffled(rest, seed)]
    if how == "random":
        return there + read(rest[:wanted])
    pool = read(rest[:POOL])
    if how == "uncertain":
        return there + [pool[i] for i in _uncertain(pool, model, wanted)]
    seen = there + read(sorted(done & corpus.rows.keys())[: POOL - len(there)])
    pages = pool + seen
    vectors = sampling.vectors(pages)
    known = range(len(pool), len(pages))
    return there + [
        pool[i] for i in sampling.diverse(vectors, [group_of(page) for page in pages], wanted, seen=known, seed=seed)
    ]


def labelled_ids(corpus: Corpus) -> set[str]:
    """Pages of which the corpus has gold or a finished annotation."""
    found = {a.page for answers in corpus.annotations().values() for a in answers if a.state == "done" and not a.review}
    return found | (corpus.gold().keys() if (corpus.folder / "gold.jsonl").exists() else set())


def _uncertain(pool: list[Blocks], model: BlockClassifier | None, limit: int | None) -> list[int]:
    if model is None:
        raise UsageError("the order `uncertain` needs a model; give one, or choose diverse or random")
    scores = [
        sampling.uncertainty(page.text, probabilities)
        for page, probabilities in zip(pool, model.predict_proba(pool), strict=True)
    ]  # fmt: skip
    return sampling.uncertain(
        scores, sampling.density(sampling.vectors(pool)).tolist(), [group_of(page) for page in pool], limit=limit
    )
