"""The training of a family: the first stage, and the second on out-of-fold answers of the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..features.build import Features
from ..features.codes import Floats, Index
from ..support.folds import held_out
from .arrays import LabelIndices, Sites, Targets
from .family import CONTENT, Family, second_input
from .fit_linear import VIEWS, Table, fit_linear
from .fit_network import fit_network
from .inputs import Scaler
from .linear import Linear, Linears

Progress = Callable[[str], None]
_SURE = 0.5  # a label that is less likely than this is not learned by the first stage, which knows no shares


@dataclass(frozen=True)
class Settings:
    """Parameters of the training; see `BlockClassifier`. `labels` is their number, `story` the index of the story's."""

    labels: int
    story: int
    seed: int = 0
    folds: int = 5
    members: int = 1
    hidden: int = 64
    epochs: int = 8
    vectors: bool = True


def fit_family(
    features: Features, targets: Targets, groups: Sites, *, settings: Settings, progress: Progress = lambda _: None
) -> Family:
    """Train on blocks of which something is known, and `groups`, the site of each block; the others are context.

    The second stage learns from out-of-fold probabilities of the first stage only, grouped by site.
    """
    scaler = Scaler.of(features.dense)
    scaled = scaler(features.dense)
    table = Table.of(features, scaled)
    tables = {view: table.view(view) for view in VIEWS}
    y, sure = targets.labels.argmax(axis=1), targets.labels.max(axis=1)
    labelled = (targets.weights > 0) & (sure > _SURE)
    weights = targets.weights * sure
    inside, known = (targets.main > 0.5).astype(np.int64), targets.main_weights > 0

    def fit(held: Sites | None = None) -> dict[str, Linear]:
        """Train the first stage on all sites except those held out."""
        there = np.ones(len(groups), bool) if held is None else ~np.isin(groups, held)
        models, rows = {}, np.flatnonzero(labelled & there)
        for view, x in tables.items():
            models[view] = fit_linear(
                view, x[rows], y[rows], labels=settings.labels, seed=settings.seed, weights=weights[rows]
            )
        rows = np.flatnonzero(known & there)
        if len(np.unique(inside[rows])) < 2:
            return models
        return models | {
            CONTENT: fit_linear("joint", tables["joint"][rows], inside[rows], labels=2, seed=settings.seed)
        }

    first: dict[str, Floats] = {}
    folds = _folds(y, labelled, groups, settings=settings)
    if len(np.unique(inside[known])) > 1:
        folds = [held for held in folds if len(np.unique(inside[known & ~np.isin(groups, held)])) > 1]

    def answer(models: dict[str, Linear], rows: Index) -> None:
        for name, said in Linears(models).probabilities(features, scaled).items():
            first.setdefault(name, np.zeros_like(said))[rows] = said[rows]

    for number, held in enumerate(folds, 1):
        progress(f"first stage, {number} of {len(folds) + 1}")
        answer(fit(held), np.flatnonzero(np.isin(groups, held)))
    progress(f"first stage, {len(folds) + 1} of {len(folds) + 1}")
    views = fit()
    # Sites of no fold, as where there is one site only, get in-sample answers.
    answer(views, np.flatnonzero(~np.isin(groups, np.concatenate([np.array([], np.str_), *folds]))))
    progress("second stage")
    x = second_input(features, first, settings.story, vectors=settings.vectors)[:]
    wide = Scaler.of(x)
    network = fit_network(
        wide(x), features.batch.sizes, targets, seed=settings.seed, members=settings.members, hidden=settings.hidden,
        epochs=settings.epochs,
    )  # fmt: skip
    content = views.pop(CONTENT, None)
    return Family(scaler, views, content, wide, network, settings.story, settings.vectors)


def fine_tune(base: Family, features: Features, targets: Targets, *, settings: Settings, same: bool) -> Family:
    """`base` with its second stage trained further (`same` labels) or anew; its first stage is kept."""
    x, sizes = base.second(features)[:], features.batch.sizes
    main = base.network.probabilities(x, sizes)[1]
    if main is not None:  # what is main content does not change with the labels: it is learned from the base
        targets = replace(targets, main=main, main_weights=np.ones_like(main))
    network = fit_network(
        x, sizes, targets, seed=settings.seed, members=settings.members,
        hidden=settings.hidden, epochs=settings.epochs, start=base.network if same else None,
    )  # fmt: skip
    return replace(base, network=network)


def _folds(y: LabelIndices, labelled: npt.NDArray[np.bool_], groups: Sites, *, settings: Settings) -> list[Sites]:
    """The sites of each fold; none for fewer than two sites, where the second stage learns from in-sample answers."""
    sites = np.unique(groups[labelled])
    count = min(settings.folds, len(sites))
    if count < 2:
        return []
    folds = [
        held
        for held in held_out(y[labelled], groups[labelled], count, seed=settings.seed)
        if len(held) and len(np.unique(y[labelled & ~np.isin(groups, held)])) > 1
    ]
    if not folds:
        return folds
    others = np.random.default_rng(settings.seed).permutation(np.setdiff1d(groups, sites))
    return [np.concatenate([fold, others[k :: len(folds)]]) for k, fold in enumerate(folds)]
