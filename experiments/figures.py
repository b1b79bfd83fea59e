"""The tables of figures in README.md, made from default.json and text-only.json: they cannot say anything else.

    python experiments/figures.py            writes them
    python experiments/figures.py --check    only says whether they are up to date (exit status)
"""

from __future__ import annotations

import sys
from pathlib import Path

from toolkit.bootstrap import Figure
from toolkit.evaluate import Evaluation
from toolkit.experiment import read_result

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
MARKS = ("<!-- figures: python experiments/figures.py -->\n", "<!-- end of figures -->\n")
KINDS = {"HTML": "default", "plain text (the same pages as text dumps)": "text-only"}
ROUNDS = {"first": "first round", "second": "second round", "third": "third round"}
LANGUAGES = {"en": "English", "de": "German"}  # those with pages enough


def tables() -> str:
    """Both tables for HTML and for plain text, as Markdown."""
    found = {kind: read_result(HERE / f"{name}.json").points[0].evaluation for kind, name in KINDS.items()}
    made = [_by_group(kind, one) for kind, one in found.items()]
    return "\n".join([*made, _by_label(found)])


def with_interval(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _by_group(kind: str, one: Evaluation) -> str:
    rows = [("all", one.pages, one.blocks, one.figures["macro_f1"], one.figures["accuracy"], one.figures["corrections_per_page"])]
    for group, names in (("gold", ROUNDS), ("language", LANGUAGES)):
        known = {part.name: part for part in one.groups.get(group, [])}
        for name, title in names.items():
            if part := known.get(name):
                rows.append((title, part.pages, part.blocks, part.macro_f1, part.accuracy, part.corrections_per_page))
    lines = [f"| {kind} | pages | macro-F1 | accuracy | corrections a page |", "|---|---|---|---|---|"]
    for title, pages, blocks, f1, accuracy, mended in rows:
        wrong = f"{mended.value:.1f} of {blocks / pages:.0f} blocks"
        lines.append(f"| {title} | {pages} | {with_interval(f1)} | {accuracy.value:.3f} | {wrong} |")
    return "\n".join(lines) + "\n"


def _by_label(found: dict[str, Evaluation]) -> str:
    labels = next(iter(found.values())).labels
    lines = [f"| F1 of each label | {' | '.join(labels)} | calibration error |", "|---" * (len(labels) + 2) + "|"]
    for kind, one in found.items():
        figures = " | ".join(f"{one.by_label[label].f1.value:.3f}" for label in labels)
        lines.append(f"| {kind.partition(' (')[0]} | {figures} | {one.figures['calibration_error'].value:.1%} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    text = README.read_text("utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not end:
        sys.exit(f"{README}: the marks of the tables are gone; put {MARKS[0].strip()} and {MARKS[1].strip()} back")
    new = before + MARKS[0] + tables() + MARKS[1] + after
    if "--check" not in sys.argv[1:]:
        README.write_text(new, "utf-8")
        return 0
    if new != text:
        print(f"{README}: its figures are not those of default.json and text-only.json; run python experiments/figures.py")
    return int(new != text)


if __name__ == "__main__":
    sys.exit(main())
