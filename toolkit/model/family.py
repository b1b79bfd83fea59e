"""A family of weights for pages of one format: first stage, context, second stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ..features.build import Features
from ..features.codes import Floats
from ..features.context import context
from ..support.folds import held_out
from .arrays import LabelIndices, Sites
from .linear import VIEWS, Linear, Linears, Table, fit_linear
from .network import Network, Scaler, fit_network
from .teacher import taught

Progress = Callable[[str], None]
_CONTENT = "content"


@dataclass(frozen=True)
class Settings:
    """Parameters of the training; see `BlockClassifier`. `labels` is their number, `story` the index of the story's."""

    labels: int
    story: int
    seed: int = 0
    folds: int = 5
    members: int = 2
    hidden: int = 64
    epochs: int = 6


@dataclass(frozen=True)
class Content:
    """Blocks without labels but with known main content (`inside`: 1 or 0); `groups` is the site of each."""

    features: Features
    inside: LabelIndices
    groups: Sites


@dataclass
class Family:
    """`views` and `content` are the first stage, `network` is the second; `main` estimates main content."""

    scaler: Scaler
    views: dict[str, Linear]
    content: Linear | None
    wide: Scaler
    network: Network
    main: Network | None
    story: int

    @cached_property
    def _linears(self) -> Linears:
        return Linears(_named(self.views, self.content))

    def probabilities(self, features: Features) -> Floats:
        """(blocks, labels) for a batch of pages."""
        return self.network.probabilities(self.second(features))

    def both(self, features: Features) -> tuple[Floats, Floats | None]:
        """`probabilities`; and (blocks,), how likely each block is main content, None if that was not learned."""
        x = self.second(features)
        return self.network.probabilities(x), self.main.probabilities(x)[:, 1] if self.main else None

    def first(self, features: Features) -> dict[str, Floats]:
        """The probabilities (blocks, labels) of each view of the first stage."""
        return self._linears.probabilities(features, self.scaler(features.dense))

    def second(self, features: Features) -> Floats:
        """The input of the second stage, (blocks, features)."""
        return self.wide(_second(features, self.first(features), self.story))


@dataclass
class _Material:
    """Blocks, and probabilities from first-stage models that have not seen their site."""

    features: Features
    scaled: Floats
    groups: Sites
    first: dict[str, Floats] = field(default_factory=dict)

    def add_first_stage(self, models: dict[str, Linear], sites: Sites | None = None) -> None:
        """Keep the answers of these first-stage models about the blocks of `sites`, or of all sites."""
        for name, said in Linears(models).probabilities(self.features, self.scaled).items():
            here = np.isin(self.groups, sites) if sites is not None else slice(None)
            self.first.setdefault(name, np.zeros_like(said))[here] = said[here]


def fit_family(
    features: Features, y: LabelIndices, groups: Sites, *, settings: Settings, content: Content | None = None,
    progress: Progress = lambda _: None,
) -> Family:  # fmt: skip
    """Train on blocks with label numbers `y` (-1: not labelled, context only) and `groups`, the site of each block.

    The second stage learns from out-of-fold probabilities of the first stage only, grouped by site.
    """
    scaler = Scaler.of(features.dense)
    gold = _Material(features, scaler(features.dense), groups)
    more = _Material(content.features, scaler(content.features.dense), content.groups) if content else None
    known = np.flatnonzero(y >= 0)
    table = Table.of(features, gold.scaled)
    tables = {view: table.view(view) for view in VIEWS}
    theirs = Table.of(more.features, more.scaled).view("joint") if more else None

    def fit(held: Sites | None = None) -> dict[str, Linear]:
        """Train the first stage on all sites except those held out."""
        use = known if held is None else known[~np.isin(groups[known], held)]
        views = {
            view: fit_linear(view, x[use], y[use], labels=settings.labels, seed=settings.seed)
            for view, x in tables.items()
        }
        if content is None or theirs is None:
            return views
        some = np.arange(len(content.inside)) if held is None else np.flatnonzero(~np.isin(content.groups, held))
        return _named(views, fit_linear("joint", theirs[some], content.inside[some], labels=2, seed=settings.seed))

    materials = [material for material in (gold, more) if material]
    folds = _folds(y[known], groups[known], more.groups if more else None, settings=settings)
    for number, held in enumerate(folds, 1):
        progress(f"first stage, {number} of {len(folds) + 1}")
        models = fit(held)
        for material in materials:
            material.add_first_stage(models, held)
    progress(f"first stage, {len(folds) + 1} of {len(folds) + 1}")
    views = fit()
    if not folds:
        for material in materials:
            material.add_first_stage(views)
    progress("second stage")
    x = _second(features, gold.first, settings.story)[known]
    wide = Scaler.of(x)
    x, targets, weights, main = wide(x), y[known], None, None
    if content is not None and more is not None:
        there = wide(_second(more.features, more.first, settings.story))
        main = fit_network(
            there, content.inside, 2, seed=settings.seed, members=_MAIN_MEMBERS, hidden=settings.hidden,
            epochs=settings.epochs, weights=_by_words(more.features),
        )  # fmt: skip
        progress("second stage, more pages")
        there = there[~np.isin(content.groups, groups)]
        rows, said = taught(x, targets, there, seed=settings.seed)
        x, targets = np.concatenate([x, there[rows]]), np.concatenate([targets, said])
        weights = np.repeat(np.array([_GOLD, 1.0], np.float32), [len(known), len(rows)])
    network = fit_network(
        x, targets, settings.labels, seed=settings.seed, members=settings.members, hidden=settings.hidden,
        epochs=settings.epochs, weights=weights,
    )  # fmt: skip
    if len(targets) > len(known):
        network = network.cooled(_TEMPERATURE)
    content_view = views.pop(_CONTENT, None)
    return Family(scaler, views, content_view, wide, network, main, settings.story)


def fine_tune(base: Family, features: Features, y: LabelIndices, *, settings: Settings, same: bool) -> Family:
    """`base` with its second stage trained further (`same` labels) or anew; its first stage is kept."""
    known = np.flatnonzero(y >= 0)
    x = base.second(features)[known]
    start = base.network if same else None
    network = fit_network(
        x, y[known], settings.labels, seed=settings.seed, members=settings.members, hidden=settings.hidden,
        epochs=settings.epochs, start=start,
    )  # fmt: skip
    return replace(base, network=network)


# Learning from confident trees makes the network overconfident: cross-validated by site, this lowers the calibration
# error from 4.3 % to 0.9 %.
_TEMPERATURE = 1.4
_GOLD = 2.0  # weight of a labelled block; one that the trees labelled has 1
_MAIN_MEMBERS = 2  # there are more blocks than with labels, so the members differ less


def _by_words(features: Features) -> Floats:
    """Weights for extraction, which is scored by words on each page: long blocks count more, all pages the same."""
    page = features.batch.page
    weights = np.minimum(features.words, 80) + 1
    share = weights / np.bincount(page, weights)[page]
    return np.asarray(np.minimum(share / share.mean(), 10), np.float32)


def _named(views: dict[str, Linear], content: Linear | None) -> dict[str, Linear]:
    return views | ({_CONTENT: content} if content else {})


def _folds(y: LabelIndices, groups: Sites, more: Sites | None, *, settings: Settings) -> list[Sites]:
    """The sites of each fold; none for fewer than two sites, where the second stage learns from in-sample answers."""
    sites = np.unique(groups)
    count = min(settings.folds, len(sites))
    if count < 2:
        return []
    folds = [
        held
        for held in held_out(y, groups, count, seed=settings.seed)
        if len(held) and len(np.unique(y[~np.isin(groups, held)])) > 1
    ]
    if more is None or not folds:
        return folds
    others = np.random.default_rng(settings.seed).permutation(np.setdiff1d(more, sites))
    return [np.concatenate([fold, others[k :: len(folds)]]) for k, fold in enumerate(folds)]


def _second(features: Features, first: dict[str, Floats], story: int) -> Floats:
    around: Floats = first["joint"]
    if _CONTENT in first:
        around = np.hstack([around, first[_CONTENT][:, 1:]])
    parts: list[Floats] = [features.dense, *(np.log(np.clip(p, 1e-4, 1.0)) for p in first.values())]
    parts.append(
        context(features.batch, around, features.words, shapes=features.batch.shape, texts=features.texts, story=story)
    )
    return np.concatenate(parts, axis=1, dtype=np.float32)


def sites_of(names: Sequence[str], sizes: npt.NDArray[np.int64]) -> Sites:
    """The site of each block, from the site and the number of blocks of each page."""
    return np.repeat(np.array(names, np.str_), sizes)
