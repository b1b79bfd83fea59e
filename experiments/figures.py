"""Write figures into the documentation, from the files of results:

README.md               scores of the default model, and beside other tools (default.json, text-only.json, bench/*.json)
docs/model.md           scores of the default model; also in the model's own facts
docs/extraction.md      what others measured (bench/extraction.json)
docs/cost.md            speed, memory and cost (bench/cost.json, bench/budgets.json)

python experiments/figures.py            write them
python experiments/figures.py --check    exit with status 1 if they are out of date
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import front
from bench import tables as bench

from toolkit.evaluate import Evaluation
from toolkit.evaluate.bootstrap import Figure
from toolkit.experiment import read_result
from toolkit.support.dump import to_readable_json

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
DETAILS = HERE.parent / "docs/model.md"
MODEL = HERE.parent / "toolkit/data/model/default/model.json"
COST = HERE.parent / "docs/cost.md"
EXTRACTION = HERE.parent / "docs/extraction.md"
BEGIN, END = "<!-- figures{}: python experiments/figures.py -->\n", "<!-- end of figures -->\n"
KINDS = {"HTML": "default", "plain text (the same pages as text dumps)": "text-only"}
ROUNDS = {"first": "first round", "second": "second round", "third": "third round", "fourth": "fourth round"}
LANGUAGES = {"English": "English", "other languages": "other languages"}


def summary() -> str:
    """The one table of the README, as Markdown."""
    found = _evaluations()
    labels = next(iter(found.values())).labels
    lines = [f"| | macro-F1 | accuracy | {' | '.join(f'{label} F1' for label in labels)} |"]
    lines.append("|---" * (len(labels) + 3) + "|")
    for kind, one in found.items():
        by_label = " | ".join(f"{one.by_label[label].f1.value:.2f}" for label in labels)
        f1, accuracy = one.figures["macro_f1"], one.figures["accuracy"]
        lines.append(f"| {kind.partition(' (')[0]} | {with_interval(f1)} | {accuracy.value:.3f} | {by_label} |")
    return "\n".join(lines) + "\n"


def tables() -> str:
    """The tables by round, language and label, for HTML and for plain text, as Markdown."""
    found = _evaluations()
    made = [_by_group(kind, one) for kind, one in found.items()]
    return "\n".join([*made, _by_label(found)])


def _evaluations() -> dict[str, Evaluation]:
    return {kind: read_result(HERE / f"{name}.json").points[0].evaluation for kind, name in KINDS.items()}


def with_interval(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _by_group(kind: str, one: Evaluation) -> str:
    rows = [
        (
            "all",
            one.pages,
            one.blocks,
            one.figures["macro_f1"],
            one.figures["accuracy"],
            one.figures["corrections_per_page"],
        )
    ]
    for group, names in (("gold", ROUNDS), ("in English", LANGUAGES)):
        known = {part.name: part for part in one.groups.get(group, [])}
        for name, title in names.items():
            if part := known.get(name):
                rows.append((title, part.pages, part.blocks, part.macro_f1, part.accuracy, part.corrections_per_page))
    lines = [f"| {kind} | pages | macro-F1 | accuracy | corrections per page |", "|---|---|---|---|---|"]
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


def metrics() -> dict[str, Any]:
    """The figures of each round, and of all pages, as a model's facts have them."""
    made: dict[str, Any] = {"how": "cross-validation by site, 3 folds"}
    for name, kind in {"default": "HTML", "text-only": "text"}.items():
        one = read_result(HERE / f"{name}.json").points[0].evaluation
        known = {part.name: part for part in one.groups["gold"]}
        for key, title in ROUNDS.items():
            made[f"{title}, {kind}"] = {"pages": known[key].pages} | _interval(known[key].macro_f1)
        error = round(one.figures["calibration_error"].value, 3)
        made[f"all rounds, {kind}"] = {"pages": one.pages} | _interval(one.figures["macro_f1"]) | {"ece": error}
    return made


def _interval(figure: Figure) -> dict[str, float]:
    return {"macro_f1": round(figure.value, 3), "low": round(figure.low, 3), "high": round(figure.high, 3)}


def speed() -> dict[str, str]:
    """The parts of docs/cost.md whose figures have been measured, by name."""
    made: dict[str, str] = {}
    for name, parts in {
        "cost": {"speed": bench.lead, "cost": bench.cost, "a snapshot": bench.snapshot},
        "budgets": {"budgets": bench.budgets},
    }.items():
        if found := _bench(name):
            made |= {part: write(found) for part, write in parts.items()}
    return made


def answers() -> str:
    """The answers on the first screen of the README."""
    html, text = _evaluations().values()
    return front.answers(html, text, _bench("extraction"), _bench("cost"))


def _bench(name: str) -> Any:
    path = HERE / f"bench/{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def filled(path: Path, parts: Mapping[str, str]) -> str:
    """The text of the file with each part between its marks; the part "" has marks without a name."""
    text = path.read_text("utf-8")
    for name, part in parts.items():
        begin = BEGIN.format(f" of {name}" if name else "")
        before, _, rest = text.partition(begin)
        _, end, after = rest.partition(END)
        if not end:
            sys.exit(f"{path}: the marks of the tables are missing; restore {begin.strip()} and {END.strip()}")
        text = before + begin + part + END + after
    return text


def main() -> int:
    facts = json.loads(MODEL.read_text("utf-8")) | {"metrics": metrics()}
    texts = {
        README: filled(README, {"": summary(), "answers": answers()}),
        DETAILS: filled(DETAILS, {"": tables()}),
        COST: filled(COST, speed()),
        EXTRACTION: filled(EXTRACTION, {"what others measured": front.measured_by_others(_bench("extraction"))}),
        MODEL: to_readable_json(facts),
    }
    stale = [path for path, text in texts.items() if path.read_text("utf-8") != text]
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path}: out of date; run python experiments/figures.py")
        else:
            path.write_text(texts[path], "utf-8")
    return int("--check" in sys.argv[1:] and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
