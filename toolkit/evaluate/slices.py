"""The slices of blocks with the most errors: found on half of the sites, measured on the other half.

The worst of thousands of slices looks worse than it is, because chance chose it too. So the sites are halved: one half
only chooses, the other only measures. Of the few that were chosen, those are kept that are worse than the rest on the
second half as well, by an interval that allows for their number (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bootstrap import DRAWS, Array, Figure, draw_groups, figure, resample
from .properties import Property
from .scores import divide

CHOSEN = 10  # slices that are measured
LOOKED_AT = 300  # slices whose errors are counted by site
FEWEST_BLOCKS, FEWEST_SHARE = 20, 0.002  # blocks of a slice on each half, at least, and as a share of the half
FEWEST_UNITS = 5  # sites of a slice on each half
WORSE = 1.3  # times the error of all blocks
_SAME = 0.5  # common part of the errors from which two slices are one
_SURE = 1.645  # standard errors below the error rate: slices are ranked by this bound
Index = NDArray[np.intp]
# A block's two labels together are a cell of the confusion matrix: right or wrong throughout.
_NOT_TOGETHER = {("true label", "predicted label")}


@dataclass(frozen=True)
class Slice:
    """Blocks that share one or two properties, on the sites that measure.

    Parameters
    ----------
    where : dict of str to str
        The properties.
    blocks, wrong, sites : int
        Numbers of labelled blocks, of wrong ones among them, and of sites.
    error : Figure
        Share of wrong blocks.
    rest : float
        Share of wrong blocks among all others.
    """

    where: dict[str, str]
    blocks: int
    wrong: int
    sites: int
    error: Figure
    rest: float

    def __str__(self) -> str:
        return ", ".join(name if value == "yes" else f"{name}: {value}" for name, value in self.where.items())

    def to_dict(self) -> dict[str, Any]:
        """Convert the slice to JSON.

        Returns
        -------
        dict
            The fields; `error` has `value`, `low` and `high`.
        """
        return vars(self) | {"error": self.error.to_dict()}


@dataclass(frozen=True)
class Slices:
    """What a search for the worst slices found.

    Parameters
    ----------
    tried : int
        Number of slices that were large enough to be looked at.
    chosen : int
        Number of slices that one half of the sites chose.
    found : list of Slice
        Those that are worse than the rest on the other half as well, the highest error first.
    """

    tried: int
    chosen: int
    found: list[Slice]

    def to_dict(self) -> dict[str, Any]:
        """Convert the slices to JSON.

        Returns
        -------
        dict
            The fields.
        """
        return vars(self) | {"found": [one.to_dict() for one in self.found]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Slices:
        """Read what `to_dict` wrote."""
        found = [Slice(**{**row, "error": Figure.from_dict(row["error"])}) for row in data["found"]]
        return cls(int(data["tried"]), int(data["chosen"]), found)


@dataclass(frozen=True)
class _Half:
    """The blocks of half of the units. `codes` of a property: the number of each block's value, -1 for none."""

    wrong: Array
    unit: Index
    codes: dict[str, Index]

    def own(self, where: Sequence[tuple[str, int]]) -> NDArray[np.bool_]:
        inside = np.ones(len(self.wrong), dtype=bool)
        for name, value in where:
            inside &= self.codes[name] == value
        return inside

    def sums(self, inside: NDArray[np.bool_]) -> Array:
        """Wrong blocks and blocks of each unit: (units, 2)."""
        units = int(self.unit.max()) + 1
        both = (self.wrong, np.ones(len(self.wrong)))
        return np.stack([np.bincount(self.unit[inside], w[inside], units) for w in both], axis=1)


def find_slices(
    wrong: Sequence[bool],
    units: Sequence[str],
    properties: Mapping[str, Property],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> Slices:
    """Search the slices of one and two properties for those with the most errors.

    Parameters
    ----------
    wrong : sequence of bool
        For each block whether its predicted label is wrong.
    units : sequence of str
        The site of each block.
    properties : mapping of str to Property
        The properties of the blocks.
    seed : int, default=0
        Seed of the halves and of the bootstrap.
    draws : int, default=2000
        Draws of the bootstrap.

    Returns
    -------
    Slices
        The slices; none if there are too few sites.
    """
    of_block = Property.of(units).codes
    count = int(of_block.max(initial=-1)) + 1
    if count < 2 * FEWEST_UNITS:
        return Slices(0, 0, [])
    first = np.random.default_rng(seed).permutation(count) < count // 2
    halves = []
    for side in (first, ~first):
        chosen = side[of_block]
        number = np.cumsum(side) - 1  # the units of this half, numbered anew
        codes = {name: one.codes[chosen] for name, one in properties.items()}
        halves.append(_Half(np.asarray(wrong, dtype=np.float64)[chosen], number[of_block[chosen]], codes))
    search, measure = halves
    tried, candidates = _search(search)
    chosen_slices = _different(search, candidates)
    found = []
    for where in chosen_slices:
        inside = measure.own(where)
        if (row := _measured(measure, inside, len(chosen_slices), seed=seed, draws=draws)) is not None:
            said = {name: properties[name].values[value] for name, value in where}
            own = measure.sums(inside)
            found.append(
                Slice(said, int(own[:, 1].sum()), int(own[:, 0].sum()), int((own[:, 1] > 0).sum()), row[0], row[1])
            )
    return Slices(tried, len(chosen_slices), sorted(found, key=lambda one: -one.error.value))


Where = tuple[tuple[str, int], ...]


def _search(half: _Half) -> tuple[int, list[Where]]:
    """How many slices are large enough, and those with many errors, the worst first."""
    least = max(FEWEST_BLOCKS, FEWEST_SHARE * len(half.wrong))
    usual = half.wrong.mean()
    tried = 0
    rough: list[tuple[float, Where]] = []
    rates: dict[tuple[str, int], float] = {}
    for names, blocks, errors in _tables(half):
        if len(names) == 1:
            rates |= {(names[0], i): rate for i, rate in enumerate(divide(errors, blocks).tolist())}
        tried += int((blocks >= least).sum())
        for value in np.argwhere((blocks >= least) & (errors > WORSE * usual * blocks)).tolist():
            n = blocks[tuple(value)]
            rate = errors[tuple(value)] / n
            bound = rate - _SURE * np.sqrt(rate * (1 - rate) / n)
            rough.append((float(bound), tuple(zip(names, value, strict=True))))
    # The true bound, in which the blocks of a site are no independent witnesses, takes longer to compute.
    ranked = []
    for _, where in sorted(rough, key=lambda row: (-row[0], row[1]))[:LOOKED_AT]:
        sums = half.sums(half.own(where))
        sums = sums[sums[:, 1] > 0]
        rate = sums[:, 0].sum() / sums[:, 1].sum()
        spread = float(np.sqrt(((sums[:, 0] - rate * sums[:, 1]) ** 2).sum())) / sums[:, 1].sum()
        bound = rate - _SURE * spread
        # Two properties have to say more than each of them alone.
        simpler = max([usual, *(rates[one] for one in where if where[1:])])
        if len(sums) >= FEWEST_UNITS and bound > simpler and rate >= WORSE * simpler:
            ranked.append((bound, where))
    return tried, [where for _, where in sorted(ranked, key=lambda row: (-row[0], row[1]))]


def _tables(half: _Half) -> Iterator[tuple[tuple[str, ...], Array, Array]]:
    """For one and two properties: their names, and the blocks and wrong blocks by their values, with an axis each."""
    size = {name: int(codes.max(initial=-1)) + 1 for name, codes in half.codes.items()}
    up = {name: codes + 1 for name, codes in half.codes.items()}  # 0 is for blocks without a value
    weights: tuple[Array, Array] = (np.ones(len(half.wrong)), half.wrong)
    for name in half.codes:
        blocks, errors = (_sums(up[name], w, size[name] + 1) for w in weights)
        yield (name,), blocks[1:], errors[1:]
    for a, b in combinations(half.codes, 2):
        if (a, b) in _NOT_TOGETHER:
            continue
        shape = (size[a] + 1, size[b] + 1)
        key = up[a] * shape[1] + up[b]
        blocks, errors = (_sums(key, w, shape[0] * shape[1]).reshape(shape) for w in weights)
        yield (a, b), blocks[1:, 1:], errors[1:, 1:]


def _sums(key: Index, weight: Array, size: int) -> Array:
    return np.asarray(np.bincount(key, weight, size), dtype=np.float64)


def _different(half: _Half, candidates: Sequence[Where]) -> list[Where]:
    """The worst slices, without those whose errors are mostly those of a worse one."""
    chosen: list[tuple[Where, NDArray[np.bool_]]] = []
    for where in candidates:
        own = half.own(where) & (half.wrong > 0)
        if all((own & other).sum() < _SAME * min(own.sum(), other.sum()) for _, other in chosen):
            chosen.append((where, own))
            if len(chosen) == CHOSEN:
                break
    return [where for where, _ in chosen]


def _measured(
    half: _Half, inside: NDArray[np.bool_], tests: int, *, seed: int, draws: int
) -> tuple[Figure, float] | None:
    """The error of a slice and of the rest; None if the slice is too small here or not clearly worse."""
    own, rest = half.sums(inside), half.sums(~inside)
    if own[:, 1].sum() < FEWEST_BLOCKS or (own[:, 1] > 0).sum() < FEWEST_UNITS:
        return None
    weights = draw_groups(len(own), draws, seed)
    drawn = resample(weights, np.concatenate([own, rest], axis=1))
    gaps = divide(drawn[:, 0], drawn[:, 1]) - divide(drawn[:, 2], drawn[:, 3])
    if np.isnan(gaps).mean() > 0.5 or np.nanpercentile(gaps, 100 * 0.025 / tests) <= 0:
        return None
    error = figure(own, lambda sums: divide(sums[..., 0], sums[..., 1]), weights)
    return error, float(rest[:, 0].sum() / max(rest[:, 1].sum(), 1))
