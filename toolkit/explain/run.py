"""Explains the labels of a page."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..classify.run import Source, as_blocks, known_labels
from ..errors import BadModel
from ..features.build import extract
from ..model import BlockClassifier
from .explanation import Explanation, best
from .neighbours import neighbours_of
from .reasons import reasons_of


def explain(model: BlockClassifier, page: Source, label: str | None = None, *, url: str = "") -> list[Explanation]:
    """Explain the labels of a page: which words, names and tags spoke for them, and what the neighbours changed.

    Parameters
    ----------
    model : BlockClassifier
        A fitted model.
    page : str, bytes, Page or Blocks
        The page, as for `BlockClassifier.classify`.
    label : str, optional
        The label to explain; by default the most probable of each block.
    url : str, default=""
        Address of a page given as str or bytes.

    Returns
    -------
    list of Explanation
        One per block.

    Raises
    ------
    BadPage
        If the page has no text.
    UsageError
        If the model does not have this label.
    BadModel
        If the model did not learn from pages of this format, or does not say which labels its first stage has.

    Examples
    --------
    >>> import pageblocks
    >>> from pageblocks.explain import explain
    >>> found = explain(pageblocks.load(), "<h1>The night ferry sails again</h1><p>It left on Monday.")
    >>> found[1].label, found[1].first_label
    ('article', 'article')
    >>> total = found[1].bias + sum(reason.weight for reason in found[1].reasons)
    >>> bool(abs(total - found[1].score) < 1e-4)
    True
    """
    blocks = as_blocks(page, url)
    if label is not None:
        known_labels({label}, model)
    (final,) = model.predict_proba([blocks])
    classes = [str(name) for name in model.classes_]
    family = model.families_[blocks.page.format]
    linear = family.views["joint"]
    names = model.facts_.get("first_labels", {}).get(blocks.page.format, classes)
    if len(names) != len(linear.bias):
        raise BadModel(
            "this model does not say which labels its first stage has (it was trained from another model by an older "
            "pageblocks); train it again"
        )
    features = extract([blocks])
    first, scaled = family.first(features)["joint"], family.scaler(features.dense)
    found = []
    for i, block in enumerate(blocks):
        chances = dict(zip(classes, final[i].tolist(), strict=True))
        told = label or best(chances)
        column = names.index(told) if told in names else int(first[i].argmax())
        reasons = reasons_of(blocks, i, linear, label=column, features=features, scaled=scaled)
        bias = float(linear.bias[column])
        found.append(
            Explanation(
                block=block,
                position=i,
                label=told,
                first=dict(zip(names, first[i].tolist(), strict=True)),
                final=chances,
                first_label=names[column],
                score=bias + float(np.sum([reason.weight for reason in reasons])),
                bias=bias,
                reasons=reasons,
                occlude=partial(neighbours_of, model, blocks, i),
            )
        )
    return found
