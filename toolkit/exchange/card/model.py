"""The card of a model: its training data and its scores, with the Hub's keys."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import BadModel
from ...support.text import counted
from .head import markdown_cell, merge_card, read_card, table

if TYPE_CHECKING:
    from ...evaluate import Evaluation

# The name of a figure here -> the Hub's name, and the name shown to readers.
_METRICS = {
    "macro_f1": ("f1", "macro F1"),
    "accuracy": ("accuracy", "accuracy"),
    "mcc": ("matthews_correlation", "MCC"),
    "ece": ("calibration_error", "calibration error"),
    "calibration_error": ("calibration_error", "calibration error"),
}
_TASK = {"type": "text-classification", "name": "Labelling the blocks of web pages"}


def model_card(folder: Path | str, results: Evaluation | None = None) -> str:
    """The text of the model's README.md; what people wrote in an existing one stays.

    The figures are those of `results`, or else those in `model.json` under `metrics`.
    """
    folder = Path(folder)
    try:
        facts = json.loads((folder / "model.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadModel(f"{folder / 'model.json'}: cannot be read ({error}); is this a model?") from error
    if not isinstance(facts, dict) or not isinstance(facts.get("labels"), list):
        raise BadModel(f"{folder / 'model.json'}: not a model's facts; copy or train the model again")
    title = f"pageblocks: {folder.resolve().name}"
    counted: dict[str, Any] = {}
    sections = {"facts": _facts(facts)}
    measured, how = _measured(facts, results)
    if measured:
        index: list[dict[str, Any]] = [
            {
                "task": dict(_TASK),  # one each: YAML would write a reference
                "dataset": {"type": "pageblocks", "name": name},
                "metrics": [
                    {"type": _METRICS[key][0], "name": _METRICS[key][1], "value": figure["value"]}
                    for key, figure in figures.items()
                    if figure["value"] is not None
                ],
            }
            for name, figures in measured.items()
        ]
        counted["model-index"] = [{"name": title, "results": index}]
        counted["metrics"] = sorted({metric["type"] for part in index for metric in part["metrics"]})
        told = results.told if results is not None else []
        sections["results"] = _results(measured, how) + "".join(
            f"\n\n{markdown_cell(line[:1].upper() + line[1:].rstrip('.'), 400)}." for line in told
        )
    given: dict[str, Any] = {"license": "unknown", "library_name": "pageblocks", "pipeline_tag": "text-classification"}
    given |= {"tags": ["web-pages", "boilerplate-removal", "content-extraction"]}
    body = f"# {title}\n\nLabels the blocks of web pages: {', '.join(f'`{name}`' for name in facts['labels'])}.\n"
    return merge_card(read_card(folder / "README.md"), counted, given, sections=sections, body=body)


_Measured = dict[str, dict[str, Mapping[str, Any]]]


def _measured(facts: Mapping[str, Any], results: Evaluation | None) -> tuple[_Measured, str]:
    """Name of what was tested on -> figure -> value, low, high; and how it was measured."""
    if results is not None:
        known = [key for key in _METRICS if key in results.figures]
        figures: dict[str, Mapping[str, Any]] = {key: results.figures[key].to_dict() for key in known}
        return {
            f"{counted(results.pages, 'page')} on {counted(results.sites, 'site')}": figures
        }, "Intervals are bootstrapped by site"
    said = facts.get("metrics")
    found: _Measured = {}
    for name, row in (said if isinstance(said, dict) else {}).items():
        if not isinstance(row, dict):
            continue
        numbers = [key for key in _METRICS if isinstance(row.get(key), int | float) and math.isfinite(row[key])]
        figures = {key: {"value": row[key]} for key in numbers}
        if "macro_f1" in figures:
            figures["macro_f1"] = {"value": row["macro_f1"], "low": row.get("low"), "high": row.get("high")}
        if figures:
            found[f"{name} ({counted(row['pages'], 'page')})" if isinstance(row.get("pages"), int) else name] = figures
    return found, str(said.get("how") or "") if isinstance(said, dict) else ""


def _results(measured: _Measured, how: str) -> str:
    names = [key for key in _METRICS if any(key in figures for figures in measured.values())]
    rows = [[name, *(_shown(figures.get(key)) for key in names)] for name, figures in measured.items()]
    text = (
        "## Results\n"
        + (f"{how[:1].upper()}{how[1:].rstrip('.')}. " if how else "")
        + "95 % intervals in parentheses.\n\n"
    )
    return text + table(["tested on", *(_METRICS[key][1] for key in names)], rows)


def _shown(figure: Mapping[str, Any] | None) -> str:
    if figure is None or figure.get("value") is None:
        return ""
    low, high = figure.get("low"), figure.get("high")
    return f"{figure['value']:.3f}" + ("" if low is None or high is None else f" ({low:.3f} to {high:.3f})")


def _facts(facts: Mapping[str, Any]) -> str:
    rows = [["labels", ", ".join(map(str, facts["labels"]))]]
    for key, name in (
        ("pages", "labelled training pages"),
        ("blocks", "their blocks"),
        ("silver_pages", "pages with silver labels"),
    ):
        if isinstance(facts.get(key), int):
            rows.append([name, f"{facts[key]:,}"])
    if isinstance(facts.get("init"), str):
        rows.append(["started from", f"{facts.get('started_from') or 'a model'} ({facts['init']})"])
    for key in ("corpus", "scheme"):
        if isinstance(facts.get(key), str):
            rows.append([key, facts[key]])
    recipe = facts.get("recipe")
    if isinstance(recipe, dict):
        rows.append(["recipe", str(recipe.get("title") or "")])
        rows.append(["public corpora", ", ".join(map(str, recipe.get("corpora") or [])) or "none"])
    for key in ("parameters", "versions"):
        if isinstance(facts.get(key), dict):
            rows.append([key, ", ".join(f"{name} {value}" for name, value in facts[key].items())])
    rows.append(["SHA-256 of the weights", str(facts.get("sha256") or "")])
    return "## Facts\n" + table(["what", "value"], rows).replace("--: |", "--- |")
