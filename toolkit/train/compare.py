"""Two runs over the same labelled pages: the difference of their scores, and the blocks that changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..errors import BadInput
from ..evaluate import Changes, Comparison, Evaluation, compare_evaluations, compare_labels, evaluate, find_changes
from ..page import Blocks, group_of
from ..scheme import Scheme

Labels = Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class ComparedRuns:
    """Two runs over the same labelled pages.

    Parameters
    ----------
    names : tuple of (str, str)
        What the runs are called.
    pages : list of Blocks
        The pages.
    gold, a, b : sequence of sequence of str or None
        For each page the true label of each block, and its labels in both runs.
    evaluations : tuple of (Evaluation, Evaluation)
        The scores of both runs on the blocks that gold and both runs label.
    scores, labels : list of Comparison
        The differences of the scores, and of the F1 of each label.
    changes : Changes
        The blocks that have different labels.
    """

    names: tuple[str, str]
    pages: list[Blocks] = field(repr=False)
    gold: Labels = field(repr=False)
    a: Labels = field(repr=False)
    b: Labels = field(repr=False)
    evaluations: tuple[Evaluation, Evaluation] = field(repr=False)
    scores: list[Comparison]
    labels: list[Comparison]
    changes: Changes = field(repr=False)


def compare_runs(
    pages: list[Blocks], gold: Labels, names: tuple[str, str], *, a: Labels, b: Labels, scheme: Scheme, seed: int = 0
) -> ComparedRuns:
    """Compare the labels that two runs give to the same pages.

    Blocks that gold or a run does not label are left out.

    Parameters
    ----------
    pages : list of Blocks
        The pages.
    gold : sequence of sequence of str or None
        For each page the true label of each block.
    names : tuple of (str, str)
        What the runs are called.
    a, b : sequence of sequence of str or None
        For each page the labels of a run.
    scheme : Scheme
        The labels and their order.
    seed : int, default=0
        Seed of the bootstrap.

    Returns
    -------
    ComparedRuns
        The differences.

    Raises
    ------
    BadInput
        If no block has a label in gold and in both runs.
    Mismatch
        If pages or blocks differ in number.
    """
    changes = find_changes(gold, a, b)
    if not changes.blocks:
        raise BadInput(f"{names[0]} and {names[1]} have no labelled block in common; compare runs over the same pages")
    common = [
        [label if x is not None and y is not None else None for label, x, y in zip(*page, strict=True)]
        for page in zip(gold, a, b, strict=True)
    ]
    sites = [group_of(page) for page in pages]
    words = [[len(text.split()) for text in page.text] for page in pages]

    def scored(run: Labels) -> Evaluation:
        filled = [[label or scheme.names[0] for label in page] for page in run]  # blocks without a label do not count
        return evaluate(common, filled, sites, labels=scheme.names, words=words, seed=seed)

    first, second = scored(a), scored(b)
    return ComparedRuns(
        names, pages, common, a, b, (first, second),
        compare_evaluations(first, second, seed=seed), compare_labels(first, second, seed=seed), changes,
    )  # fmt: skip
