"""What `BlockClassifier.fit` learns: the labels, a family of weights for each format, and facts of the training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import TooFewLabels
from ..features.build import extract
from ..page import Blocks
from .family import Family
from .fit_family import Progress, Settings, fine_tune, fit_family
from .interruptions import interrupted
from .sample import SILVER, ContentPages, Sample, Silver, check_lengths, gather, main_blocks, sites_of, targets_of
from .seen import learned_from
from .text_dumps import as_text

if TYPE_CHECKING:
    from . import BlockClassifier

_APPEAL = "appeal"  # the label of pitches; with a scheme without it the written pitches are not used


@dataclass(frozen=True)
class Learned:
    """The fitted attributes of a `BlockClassifier`, which describes them."""

    classes: npt.NDArray[np.str_]
    story: str
    families: dict[str, Family]
    facts: dict[str, Any]


def learn(
    model: BlockClassifier, pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]], *,
    content: ContentPages | None, silver: Silver | None, formats: Collection[str], progress: Progress,
    init: BlockClassifier | None,
) -> Learned:  # fmt: skip
    """Train with the parameters of `model`; see `BlockClassifier.fit`. The model itself is not changed."""
    _check(pages, labels)
    if init is not None:  # its first stage has learned from them, and is kept
        content = silver = None
    found = {label for page in labels for label in page if label is not None}
    same = init is not None and found <= set(init.classes_.tolist())
    classes: npt.NDArray[np.str_] = init.classes_ if init is not None and same else np.array(sorted(found))
    words: Counter[str] = Counter()
    for page, answers in zip(pages, labels, strict=True):
        for text, label in zip(page.text, answers, strict=True):
            if label is not None:
                words[label] += len(text.split())
    story = words.most_common(1)[0][0]
    column = int(np.searchsorted(classes, story))
    samples = gather(pages, labels, content, classes=classes.tolist(), silver=silver)
    html = [sample for sample in samples if sample.page.page.format == "html"]
    if not any(k >= 0 for sample in html for k in sample.numbers):
        html = []
    texts = [sample for sample in samples if sample.page.page.format == "text"]
    if "text" in formats:
        appeal = classes.tolist().index(_APPEAL) if _APPEAL in classes else None
        for n, sample in enumerate(html):
            texts += text_versions(sample, n, column, appeal=appeal, dumps=model.dumps, seed=model.random_state)
    families: dict[str, Family] = {}
    for name, what, some in (("html", "HTML pages", html), ("text", "text pages", texts)):
        if name in formats and any(k >= 0 for sample in some for k in sample.numbers):
            families[name] = _fit(model, some, classes, story=column, what=what, progress=progress, init=init)
    facts: dict[str, Any] = {
        "pages": len(pages),
        "blocks": sum(label is not None for answers in labels for label in answers),
    }
    if silver is not None:
        facts["silver_pages"] = sum(sample.weight == SILVER for sample in samples)
    facts |= learned_from(main_blocks(samples, column), getattr(init, "facts_", None))
    if init is not None:
        facts["init"] = init.version
        if first := _first_labels(init, families, classes.tolist()):
            facts["first_labels"] = first
    return Learned(classes, story, families, facts)


def _first_labels(
    init: BlockClassifier, families: Mapping[str, Family], classes: list[str]
) -> dict[str, list[str]]:  # fmt: skip
    """The labels of the first stage of each family that is kept from `init`, where they are not `classes`."""
    known = init.facts_.get("first_labels", {})
    kept = {name: known.get(name, init.classes_.tolist()) for name in families if name in init.families_}
    return {name: labels for name, labels in kept.items() if labels != classes}


def text_versions(sample: Sample, n: int, story: int, *, appeal: int | None, dumps: int, seed: int) -> Iterator[Sample]:
    """Plain-text versions of the `n`th page: one if it has silver labels, else `dumps`.

    Every second one has an interruption inserted into the story. `story` and `appeal` are numbers of labels.
    """
    for k in range(dumps) if sample.weight > SILVER else [n % 2] * bool(dumps):
        told = interrupted(sample, story, appeal=appeal, seed=seed + k) if k % 2 else sample
        yield told.moved(*as_text(told.page, seed + k))


def _fit(
    model: BlockClassifier, samples: Sequence[Sample], classes: npt.NDArray[np.str_], *, story: int, what: str,
    progress: Progress, init: BlockClassifier | None,
) -> Family:  # fmt: skip
    features = extract([sample.page for sample in samples])
    targets = targets_of(samples, features.words)
    settings = Settings(
        len(classes), story, model.random_state, model.folds, model.members, model.hidden, model.epochs, model.vectors
    )
    base = init.families_.get(samples[0].page.page.format) if init is not None else None
    if base is not None and init is not None:
        progress(f"{what}: second stage, from {init.version}")
        return fine_tune(base, features, targets, settings=settings, same=np.array_equal(init.classes_, classes))
    if len(known := {k for sample in samples for k in sample.numbers} - {-1}) == 1:
        only = classes[known.pop()]
        raise TooFewLabels(f"all labelled blocks of the {what} are {only!r}; a classifier needs at least two labels")
    return fit_family(
        features, targets, sites_of(samples), settings=settings, progress=lambda step: progress(f"{what}: {step}")
    )


def _check(pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]]) -> None:
    check_lengths(pages, labels)
    found = {label for answers in labels for label in answers if label is not None}
    if not found:
        raise TooFewLabels("no labelled blocks to learn from; label some pages first")
    if len(found) == 1:
        raise TooFewLabels(f"all labelled blocks are {found.pop()!r}; a classifier needs at least two")
