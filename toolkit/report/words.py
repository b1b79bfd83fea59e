"""The summary of an evaluation in plain sentences."""

from __future__ import annotations

from ..evaluate import Evaluation
from ..model.seen import Seen
from ..support.text import counted

FEW_SITES = 10  # below, an interval over sites says little


def summary(e: Evaluation, baseline: Evaluation | None, seen: Seen | None = None) -> list[str]:
    """Three to ten plain sentences; every number comes from the evaluation.

    `seen`: which pages the model was trained on, and which could not be checked.
    """
    accuracy = e.figures["accuracy"]
    sentence = f"Of 100 blocks, {_per_hundred(accuracy.value)} get the right label"
    fair = seen is None or not (seen.too_high or seen.without_address)
    if fair and e.sites >= FEW_SITES and accuracy.low is not None and accuracy.high is not None:
        low, high = _per_hundred(accuracy.low), _per_hundred(accuracy.high)
        sentence += f"; on other sites of this kind, expect {low} to {high}" if low != high else ""
    lines = [sentence + "."]
    if seen is not None:
        lines += _seen(seen)
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
        lines.append(f"The most common mistake is {true} labelled as {guess}: {n} of {counted(wrong, 'wrong block')}.")
    rare = [label for label, s in e.by_label.items() if s.support < 30]
    if rare:
        lines.append(f"Too few blocks to judge (under 30): {', '.join(rare)}. Label more pages with these labels.")
    if e.sites < FEW_SITES:
        lines.append(f"The test has only {counted(e.sites, 'site')}: the intervals are unreliable.")
    return lines


def _seen(seen: Seen) -> list[str]:
    of_these = f"of these {counted(seen.total, 'page')}"
    lines = []
    if seen.pages:
        lines.append(f"The model was trained on {seen.pages} {of_these}: expect lower scores on other pages.")
    if seen.sites:
        lines.append(
            f"The model was trained on the sites of {seen.sites} {of_these}: expect lower scores on other sites."
        )
    return lines + [f"{line[:1].upper()}{line[1:]}." for line in (*seen.suggested(), *seen.unchecked())]


def _per_hundred(value: float) -> str:
    # 99.6 must not read as "100 of 100".
    number = 100 * value
    return f"{number:.1f}" if 99 <= number < 100 else f"{number:.0f}"
