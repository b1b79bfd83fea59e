"""Small drawings as inline SVG. Only numbers go in: no text of a page, no style attribute (the report's policy forbids
it).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..evaluate.bootstrap import Figure
from ..support.text import counted


def bar(figure: Figure, beside: Figure | None = None) -> str:
    """A bar from 0 to 1 with its interval as a line, and a tick at the baseline. The number is beside
    it.
    """
    value = _unit(figure.value)
    parts = [
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">',
        '<rect class="ground" width="100" height="10" rx="1"/>',
        f'<rect class="fill" width="{value:.1f}" height="10" rx="1"/>',
    ]
    if figure.low is not None and figure.high is not None:
        low, high = _unit(figure.low), _unit(figure.high)
        parts.append(f'<rect class="range" x="{low:.1f}" y="4" width="{max(high - low, 0.4):.1f}" height="2"/>')
    if beside is not None:
        parts.append(f'<rect class="tick" x="{min(_unit(beside.value), 99):.1f}" width="1" height="10"/>')
    return "".join([*parts, "</svg>"])


def calibration(bins: Sequence[dict[str, float]]) -> str:
    """The calibration curve: confidence to the right, accuracy upwards; dots as large as their share of blocks."""
    left, top, side = 46, 10, 270
    total = sum(b["blocks"] for b in bins) or 1

    def at(x: float, y: float) -> tuple[float, float]:
        return left + side * x, top + side * (1 - y)

    words = "; ".join(
        f"confidence {b['confidence']:.0%}: {b['accuracy']:.0%} right, {counted(round(b['blocks']), 'block')}"
        for b in bins
    )
    parts = [
        f'<svg class="plot" viewBox="0 0 {left + side + 14} {top + side + 44}" role="img" aria-labelledby="cal-t '
        'cal-d">',
        '<title id="cal-t">Calibration: accuracy by confidence</title>',
        f'<desc id="cal-d">{words}</desc>',
    ]
    for i in range(0, 11, 2):
        x, y = at(i / 10, i / 10)
        parts.append(f'<path class="grid" d="M{x:.0f} {top}V{top + side}M{left} {y:.0f}H{left + side}"/>')
        parts.append(f'<text x="{x:.0f}" y="{top + side + 16}" text-anchor="middle">{i * 10}</text>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{i * 10}</text>')
    parts.append(f'<path class="ideal" d="M{left} {top + side}L{left + side} {top}"/>')
    points = [at(b["confidence"], b["accuracy"]) for b in bins]
    parts.append('<path class="line" d="M' + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + '"/>')
    for (x, y), b in zip(points, bins, strict=True):
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{3 + 8 * (b["blocks"] / total) ** 0.5:.1f}"/>')
    middle = left + side / 2
    parts.append(f'<text x="{middle:.0f}" y="{top + side + 38}" text-anchor="middle">confidence, %</text>')
    parts.append(
        f'<text transform="rotate(-90 12 {top + side / 2:.0f})" x="12" y="{top + side / 2:.0f}" text-anchor="middle">'
        "accuracy, %</text></svg>"
    )
    return "".join(parts)


def _unit(value: float) -> float:
    """0 to 100, whatever comes."""
    return 0.0 if value != value else 100 * min(max(value, 0.0), 1.0)
