"""The summary of an evaluation in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence

from ..checks import Check
from ..checks.check import of_state
from ..checks.gold import FEWEST_SITES, SUGGESTED
from ..checks.training import SEEN
from ..evaluate import Evaluation
from ..evaluate.slices import Slices
from ..support.text import counted


def summary(
    e: Evaluation, baseline: Evaluation | None, checks: Sequence[Check] = (), *, doubtful: int = 0
) -> list[str]:
    """Three to seven plain sentences; every number comes from the evaluation, or is the number of `doubtful` labels.

    `checks`: nothing is promised of other sites where the model has seen these, or where that is not known.
    """
    accuracy = e.figures["accuracy"]
    sentence = f"Of 100 blocks, {_per_hundred(accuracy.value)} get the right label"
    if not _doubtful(checks) and e.sites >= FEWEST_SITES and accuracy.low is not None and accuracy.high is not None:
        low, high = _per_hundred(accuracy.low), _per_hundred(accuracy.high)
        sentence += f"; on other sites of this kind, expect {low} to {high}" if low != high else ""
    lines = [sentence + "."]
    mended = e.figures["corrections_per_page"].value
    lines.append(
        f"On an average page of {counted(round(e.blocks / e.pages), 'block')}, a person would have to correct "
        f"{'less than one' if 0 < mended < 1 else 'none' if mended == 0 else f'{mended:.1f}'}."
    )
    if baseline is not None:
        lines.append(
            "The baseline, which always predicts the most common label, is right for "
            f"{_per_hundred(baseline.figures['accuracy'].value)} of 100."
        )
    scored = [(s.f1.value, label) for label, s in e.by_label.items() if s.support]
    if len(scored) > 1:
        best, worst = (f"{score:.2f}" for score in (max(scored)[0], min(scored)[0]))
        lines.append(
            f"The model is best on {max(scored)[1]} (F1 {best}) and worst on {min(scored)[1]} (F1 {worst})."
            if best != worst
            else f"The model has the same F1 on all labels ({best})."
        )
    mistakes = [
        (n, e.labels[i], e.labels[j]) for i, row in enumerate(e.confusion) for j, n in enumerate(row) if i != j and n
    ]
    if mistakes:
        n, true, guess = max(mistakes)
        wrong = sum(m[0] for m in mistakes)
        lines.append(
            f"The most common mistake is {true} labelled as {guess}: {n:,} of {counted(wrong, 'wrong block')}."
        )
        if doubtful:
            verb = "has" if doubtful == 1 else "have"
            lines.append(f"Of {counted(wrong, 'wrong block')}, {doubtful:,} {verb} a doubtful label: look there first.")
    return lines


def _doubtful(checks: Sequence[Check]) -> bool:
    """Whether pages, sites or labels were known to the model, or cannot be compared."""
    return any(
        (check.code in SEEN and check.state != "passed") or (check.code == SUGGESTED.code and check.state == "problem")
        for check in checks
    )


def checks_line(checks: Sequence[Check]) -> str:
    """`2 problems, 10 passed, 1 not checked`."""
    problems, passed, rest = (len(of_state(checks, state)) for state in ("problem", "passed", "not checked"))
    return ", ".join([counted(problems, "problem"), f"{passed} passed"] + [f"{rest} not checked"] * bool(rest))


def slices_line(found: Slices) -> str:
    """How the worst slices were found, and what that says."""
    if not found.chosen:
        return f"None of {counted(found.tried, 'slice')} with one or two properties has many more errors than the rest."
    kept = len(found.found)
    return (
        f"Half of the sites chose {found.chosen} of {counted(found.tried, 'slice')} with one or two properties; on the "
        f"other half, {kept or 'none'} of these {'has' if kept == 1 else 'have'} more errors than the rest. The "
        "figures are of that other half, so they are not the worst of many by chance."
    )


def _per_hundred(value: float) -> str:
    # 99.6 must not read as "100 of 100".
    number = 100 * value
    return f"{number:.1f}" if 99 <= number < 100 else f"{number:.0f}"
