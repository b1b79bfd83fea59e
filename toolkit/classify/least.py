"""The least probability at which a block is kept for a label."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from ..errors import UsageError

# For all labels that are kept, or for each by its name.
MinProbability: TypeAlias = float | Mapping[str, float]


def least_of(keep: Collection[str] | None, min_probability: MinProbability | None) -> dict[str, float]:
    """The least probability of each label of `keep`; {} without `min_probability`.

    Raises UsageError without `keep`, for a label that is not in it, and for a number that is no probability.
    """
    if min_probability is None:
        return {}
    if not keep:
        raise UsageError("min_probability is the least probability of a label: name the labels with keep")
    given = min_probability if isinstance(min_probability, Mapping) else dict.fromkeys(keep, min_probability)
    for label, least in given.items():
        if label not in keep:
            raise UsageError(f"min_probability of {label!r}, which is not kept; keep has {', '.join(sorted(keep))}")
        if not _is_probability(least):
            raise UsageError(f"min_probability is a number from 0 to 1, not {least!r:.100}")
    return {label: float(least) for label, least in sorted(given.items())}


def _is_probability(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
