"""Pages with what is known of their blocks: labels of people, probabilities of a model, main content, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..errors import Mismatch, UsageError
from ..features.codes import Floats
from ..page import Blocks, group_of
from ..support.text import counted
from .arrays import Probabilities, Sites, Targets

# Pages with known content, but without labels: for each block whether it is content (1) or not (0).
ContentPages = tuple[Sequence[Blocks], Sequence[Sequence[int]]]

SILVER = 0.5  # weight of a block that a model labelled; one that an annotator labelled has 1
_KNOWN = 0.5  # a silver block that is less likely to have one of the labels than this is unknown
_MOST_WORDS = 80  # of a block in the weight of its main content
_MOST_WEIGHT = 10.0


@dataclass(frozen=True)
class Silver:
    """Pages that a model labelled.

    Parameters
    ----------
    pages : list of Blocks
        The pages.
    classes : list of str
        The labels.
    probabilities : list of ndarray of shape (n_blocks, n_classes)
        For each page the probabilities, columns in the order of `classes`; NaN for blocks without.
    main : list of ndarray of shape (n_blocks,)
        For each page how likely each block is main content; NaN where it is not known.
    """

    pages: list[Blocks] = field(repr=False)
    classes: list[str]
    probabilities: list[Probabilities] = field(repr=False)
    main: list[npt.NDArray[np.float32]] = field(repr=False)

    def of_pages(self, chosen: Sequence[int]) -> Silver:
        """Keep only these pages.

        Parameters
        ----------
        chosen : sequence of int
            Their indices.

        Returns
        -------
        Silver
            The labels of these pages.
        """
        return Silver(
            [self.pages[i] for i in chosen],
            self.classes,
            [self.probabilities[i] for i in chosen],
            [self.main[i] for i in chosen],
        )


@dataclass(frozen=True)
class Sample:
    """A page of n blocks. `labels` (n, classes) are probabilities and `main` (n,) is main content, NaN for unknown."""

    page: Blocks
    labels: Probabilities
    main: npt.NDArray[np.float32]
    weight: float = 1.0

    @property
    def numbers(self) -> list[int]:
        """The most likely label of each block, -1 for unknown."""
        found: list[int] = np.where(np.isnan(self.labels[:, 0]), -1, np.nan_to_num(self.labels).argmax(axis=1)).tolist()
        return found

    def moved(self, page: Blocks, rows: Sequence[int]) -> Sample:
        """What is known for another version of the page, whose blocks are these rows of this one."""
        return Sample(page, self.labels[rows], self.main[rows], self.weight)


def labelled_sample(page: Blocks, numbers: Sequence[int], classes: int) -> Sample:
    """A page with label numbers, -1 for a block without."""
    labels = np.full((len(numbers), classes), np.nan, np.float32)
    known = np.flatnonzero(np.asarray(numbers, np.int64) >= 0)
    labels[known] = np.eye(classes, dtype=np.float32)[np.asarray(numbers, np.int64)[known]]
    return Sample(page, labels, np.full(len(numbers), np.nan, np.float32))


def check_samples(pages: Sequence[Blocks]) -> None:
    """Raise UsageError unless these are pages with their blocks."""
    if odd := [type(page).__name__ for page in pages if not isinstance(page, Blocks)]:
        raise UsageError(
            f"a sample is the Blocks of a page, not {odd[0]}; pageblocks.segment.segment(page) makes them, "
            "and classify and classify_many take HTML"
        )


def check_lengths(pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]]) -> None:
    """Raise Mismatch unless there is one label for each block of each page, and UsageError as `check_samples`."""
    check_samples(pages)
    if len(pages) != len(labels):
        raise Mismatch(f"{counted(len(pages), 'page')} but labels for {len(labels)}; give one list of labels per page")
    for page, answers in zip(pages, labels, strict=True):
        if len(page) != len(answers):
            raise Mismatch(
                f"{page.page.id}: {counted(len(page), 'block')} but {counted(len(answers), 'label')}; give one label "
                "per block"
            )


def gather(
    pages: Sequence[Blocks], labels: Sequence[Sequence[str | None]], content: ContentPages | None,
    *, classes: list[str], silver: Silver | None,
) -> list[Sample]:  # fmt: skip
    """What is known of all pages, each page once: labels before silver, and main content for both.

    Raises Mismatch if silver has other labels.
    """
    number: dict[str | None, int] = {name: k for k, name in enumerate(classes)}
    samples = [
        labelled_sample(page, [number.get(label, -1) for label in answers], len(classes))
        for page, answers in zip(pages, labels, strict=True)
    ]
    known = {page.page.id: k for k, page in enumerate(pages)}
    if silver is not None:
        # A rare label may be missing from the labels of a fold.
        shared = [name for name in silver.classes if name in number]
        if len(shared) < max(2, len(silver.classes) / 2):
            raise Mismatch(f"silver labels are {', '.join(silver.classes)}, but labels are {', '.join(classes)}")
        columns = [classes.index(name) for name in shared]
        theirs = [silver.classes.index(name) for name in shared]
        for page, chances, main in zip(silver.pages, silver.probabilities, silver.main, strict=True):
            if page.page.id not in known:
                known[page.page.id] = len(samples)
                wide = np.zeros((len(page), len(classes)), np.float32)
                wide[:, columns] = chances[:, theirs]
                if len(shared) < len(silver.classes):
                    wide /= np.maximum(wide.sum(axis=1, keepdims=True), _KNOWN)
                wide[~(chances[:, theirs].sum(axis=1) > _KNOWN)] = np.nan
                samples.append(Sample(page, wide, np.array(main, np.float32), SILVER))
    for page, inside in zip(*content or ((), ()), strict=True):
        at = known.get(page.page.id)
        if at is None:
            samples.append(labelled_sample(page, [-1] * len(page), len(classes)))
        samples[-1 if at is None else at].main[:] = inside
    return samples


def main_blocks(samples: Sequence[Sample], story: int) -> Iterator[tuple[Blocks, list[bool]]]:
    """The pages that are learned from, each with its main content: as it is known, or the blocks of the story."""
    for sample in samples:
        known = ~np.isnan(sample.main)
        if known.any() or any(k >= 0 for k in sample.numbers):
            yield sample.page, np.where(known, sample.main > 0.5, np.array(sample.numbers) == story).tolist()


def targets_of(samples: Sequence[Sample], words: npt.NDArray[np.float64]) -> Targets:
    """What is known of all blocks of the samples, which have so many `words`.

    Extraction is scored by words on each page, so long blocks count more for main content, and all pages the same.
    """
    sizes = [len(sample.page) for sample in samples]
    labels = np.concatenate([sample.labels for sample in samples])
    weights = np.repeat(np.array([sample.weight for sample in samples], np.float32), sizes)
    main = np.concatenate([sample.main for sample in samples])
    page = np.repeat(np.arange(len(samples)), sizes)
    heavy = np.minimum(words, _MOST_WORDS) + 1
    share = heavy / np.bincount(page, heavy, minlength=len(samples))[page]
    evened: Floats = np.minimum(share / share.mean(), _MOST_WEIGHT).astype(np.float32)
    return Targets(
        np.nan_to_num(labels),
        np.where(np.isnan(labels[:, 0]), 0, weights).astype(np.float32),
        np.nan_to_num(main),
        np.where(np.isnan(main), 0, evened).astype(np.float32),
    )


def sites_of(samples: Sequence[Sample]) -> Sites:
    """The site of each block."""
    names = np.array([group_of(sample.page) for sample in samples], np.str_)
    return np.repeat(names, [len(sample.page) for sample in samples])
