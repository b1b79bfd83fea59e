"""The HTML report: one file, no network, safe with hostile page text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checks import Check, check_scores
from ..checks.check import of_state
from ..errors import BadScheme
from ..evaluate import Evaluation
from ..labelling.as_seen import AsSeen
from ..labelling.doubtful import doubtful_labels
from ..labelling.readings import Readings
from ..page import Blocks
from ..scheme import Scheme
from ..support.files import write_atomic
from ..support.templates import policy_hash, template
from ..support.text import counted, encode_utf8
from ..train.fit import Predictions
from . import plots
from .browser import error_browser
from .readings import advice, readings_tables
from .views import (
    average_rows,
    calibration_rows,
    confusion_rows,
    group_tables,
    headline_cards,
    label_rows,
    slice_table,
    target_rows,
    with_code,
)
from .words import checks_line, summary

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = ("blocks.js", "errors.js")


def write_report(
    path: Path | str,
    evaluation: Evaluation,
    baseline: Evaluation | None,
    *,
    pages: Sequence[Blocks],
    gold: Sequence[Sequence[str | None]],
    predicted: Sequence[Sequence[str]],
    probabilities: Sequence[NDArray[np.floating]] | None,
    scheme: Scheme,
    meta: Mapping[str, Any] | None = None,
    classes: Sequence[str] | None = None,
    checks: Sequence[Check] | None = None,
    doubts: Mapping[tuple[int, int], str] | None = None,
) -> None:
    """Write the report of an evaluation as one HTML file, with the wrong blocks of each page in their context.

    Parameters
    ----------
    path : Path or str
        The file to write.
    evaluation : Evaluation
        The scores.
    baseline : Evaluation or None
        Scores to show beside them.
    pages : sequence of Blocks
        The test pages.
    gold : sequence of sequence of str or None
        For each page the true label of each block.
    predicted : sequence of sequence of str
        For each page the predicted label of each block.
    probabilities : sequence of ndarray of shape (n_blocks, n_labels) or None
        For each page the probabilities.
    scheme : Scheme
        The labels and their colours.
    meta : mapping, optional
        Facts to show ("model", "corpus", "date" and so on), and special entries: "title" and "note" (str), "task_urls"
        (address of the Label Studio task by page id), "as_seen" and "readings" (what `score_as_seen` and
        `measure_readings` give: how people took suggestions).
    classes : sequence of str, optional
        Order of the columns of `probabilities`; by default that of `evaluation.labels`.
    checks : sequence of Check, optional
        What `pageblocks.checks.check_evaluation` found; by default what the scores alone tell.
    doubts : mapping of (int, int) to str, optional
        By page and block (their indices) why the label of a wrong block is doubtful.

    Raises
    ------
    Mismatch
        If the lists do not fit the pages.
    PageblocksError
        If the file cannot be written.
    """
    write_atomic(
        path,
        render(
            evaluation,
            baseline,
            pages,
            gold=gold,
            predicted=predicted,
            probabilities=probabilities,
            scheme=scheme,
            meta=meta,
            classes=classes,
            checks=checks,
            doubts=doubts,
        ),
    )


def render(
    evaluation: Evaluation,
    baseline: Evaluation | None,
    pages: Sequence[Blocks],
    *,
    gold: Sequence[Sequence[str | None]],
    predicted: Sequence[Sequence[str]],
    probabilities: Sequence[NDArray[np.floating]] | None,
    scheme: Scheme,
    meta: Mapping[str, Any] | None = None,
    classes: Sequence[str] | None = None,
    checks: Sequence[Check] | None = None,
    doubts: Mapping[tuple[int, int], str] | None = None,
) -> bytes:
    """Make the report of an evaluation as HTML.

    Parameters
    ----------
    evaluation : Evaluation
        The scores.
    baseline : Evaluation or None
        Scores to show beside them.
    pages : sequence of Blocks
        The test pages.
    gold : sequence of sequence of str or None
        For each page the true label of each block.
    predicted : sequence of sequence of str
        For each page the predicted label of each block.
    probabilities : sequence of ndarray of shape (n_blocks, n_labels) or None
        For each page the probabilities.
    scheme : Scheme
        The labels and their colours.
    meta : mapping, optional
        As for `write_report`.
    classes : sequence of str, optional
        Order of the columns of `probabilities`; by default that of `evaluation.labels`.
    checks : sequence of Check, optional
        What `pageblocks.checks.check_evaluation` found; by default what the scores alone tell.
    doubts : mapping of (int, int) to str, optional
        By page and block (their indices) why the label of a wrong block is doubtful.

    Returns
    -------
    bytes
        The HTML in UTF-8.
    """
    from markupsafe import Markup  # start-up

    facts = dict(meta or {})
    title, note, tasks = facts.pop("title", "Evaluation"), facts.pop("note", ""), facts.pop("task_urls", {})
    people = _people(facts.pop("as_seen", None), facts.pop("readings", None))
    checks = check_scores(evaluation, baseline) if checks is None else checks
    missing = [label for label in evaluation.labels if label not in scheme.names]
    if missing:
        raise BadScheme(
            f"the scheme {scheme.name} has no label {', '.join(missing)}; give the scheme of the evaluation"
        )
    browser = error_browser(
        pages,
        gold,
        predicted,
        probabilities=probabilities,
        labels=evaluation.labels,
        classes=classes or evaluation.labels,
        tasks=tasks,
        doubts=doubts,
    )
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8") + label_colours(evaluation.labels, scheme)
    script = "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    text = template(_TEMPLATES, "report.html").render(
        title=title,
        note=note,
        facts=facts,
        e=evaluation,
        counted=counted,
        scheme=scheme,
        summary=summary(evaluation, baseline, checks, doubtful=browser.doubtful),
        checks={state: of_state(checks, state) for state in ("problem", "not checked", "passed")},
        checks_line=checks_line(checks),
        with_code=with_code,
        cards=headline_cards(evaluation, baseline),
        label_rows=label_rows(evaluation, scheme),
        average_rows=average_rows(evaluation),
        calibration_rows=calibration_rows(evaluation),
        confusion=confusion_rows(evaluation),
        calibration=Markup(plots.calibration(evaluation.calibration)) if evaluation.calibration else "",
        target_rows=target_rows(evaluation),
        group_tables=group_tables(evaluation),
        slices=slice_table(evaluation),
        people=people,
        browser=browser,
        # Two files of this package and JSON without < > &: no page text can end these elements.
        css=Markup(css),
        script=Markup(script),
        data=Markup(_json(browser.data)),
        # Only these exact texts may style and run; nothing may be fetched from anywhere.
        policy=f"default-src 'none'; style-src {policy_hash(css)}; script-src {policy_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
    )
    return encode_utf8(text)


def _people(as_seen: AsSeen | None, readings: Readings | None) -> dict[str, Any] | None:
    """What the section on people and suggestions shows; None where nobody saw a suggestion."""
    if as_seen is None and not readings:
        return None
    said = f"{as_seen or ''}"
    lines = [f"{said[:1].upper()}{said[1:]}."] if said else []
    if not readings:
        return {"lines": lines, "tables": []}
    return {"lines": lines + advice(readings), "tables": readings_tables(readings)}


def label_colours(labels: Sequence[str], scheme: Scheme) -> str:
    """The style of each label by its number."""
    return "".join(f".l{i}{{--c:{scheme.color(x)};--t:{scheme.text_color(x)}}}" for i, x in enumerate(labels))


def _json(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def write_evaluation(
    scores: Evaluation,
    floor: Evaluation,
    found: Predictions,
    *,
    path: Path | str,
    scheme: Scheme | None = None,
    meta: Mapping[str, Any] | None = None,
    checks: Sequence[Check] | None = None,
    doubts: Mapping[tuple[int, int], str] | None = None,
) -> None:
    """Write the report of predictions as one HTML file that needs no network.

    Parameters
    ----------
    scores : Evaluation
        The scores of the predictions.
    floor : Evaluation
        The scores of the baseline.
    found : Predictions
        The predictions.
    path : Path or str
        The file to write.
    scheme : Scheme, optional
        The labels and their colours; by default the scheme that comes with pageblocks.
    meta : mapping, optional
        As for `write_report`.
    checks : sequence of Check, optional
        As for `write_report`.
    doubts : mapping, optional
        As for `write_report`; by default what the predictions tell.
    """
    write_report(
        path, scores, floor, pages=found.pages, gold=found.gold, predicted=found.predicted,
        probabilities=found.probabilities, scheme=scheme or Scheme.default(), meta=meta,
        classes=found.classes, checks=checks, doubts=doubtful_labels(found) if doubts is None else doubts,
    )  # fmt: skip
