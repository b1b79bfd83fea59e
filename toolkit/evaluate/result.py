"""What an evaluation found, as a value that goes to JSON and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..support.dump import to_readable_json
from .bootstrap import Figure

FORMAT = 1

# The headline figures in the order in which they are shown: what each is called, what it says, and whether it is a
# share.
FIGURES: dict[str, tuple[str, str]] = {
    "macro_f1": ("macro F1", "mean of the labels' F1, every label counts the same"),
    "accuracy": ("accuracy", "share of blocks with the right label"),
    "word_accuracy": ("accuracy by words", "share of words in blocks with the right label"),
    "weighted_f1": ("weighted F1", "mean of the labels' F1, weighted by their blocks"),
    "mcc": ("MCC", "Matthews correlation coefficient: 0 is chance, 1 is perfect"),
    "corrections_per_page": (
        "corrections per page",
        "wrong blocks on an average page, which a person would have to correct",
    ),
    "log_loss": ("log loss", "penalty for low probabilities of the true labels; lower is better"),
    "brier": ("Brier score", "squared error of the probabilities; lower is better"),
    "calibration_error": ("calibration error", "mean difference between confidence and accuracy; lower is better"),
}
PERCENT = {"accuracy", "word_accuracy", "calibration_error"}


def format_figure(name: str, figure: Figure) -> str:
    """A headline figure as text: shares in per cent, corrections with one decimal, scores with three."""
    if name in PERCENT:
        return format(figure, ".1%")
    return format(figure, ".1f" if name == "corrections_per_page" else ".3f")


@dataclass(frozen=True)
class LabelScores:
    """One label: shares from 0 to 1 (NaN where neither gold nor predictions have it), and its blocks in the gold."""

    precision: Figure
    recall: Figure
    f1: Figure
    support: int


@dataclass(frozen=True)
class Group:
    """The pages or blocks that share a value (a site, a language, a length)."""

    name: str
    pages: int
    blocks: int
    sites: int
    accuracy: Figure
    macro_f1: Figure
    corrections_per_page: Figure

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "pages": self.pages,
            "blocks": self.blocks,
            "sites": self.sites,
            **{key: getattr(self, key).to_dict() for key in ("accuracy", "macro_f1", "corrections_per_page")},
        }


@dataclass(frozen=True)
class Evaluation:
    """The result of `evaluate()`. Intervals are 95 %, bootstrapped over sites; `sites` counts what was drawn.

    `figures` has the keys of FIGURES, those that could be computed, and macro_ and weighted_ precision and recall.
    `confusion` has gold in rows, predictions in columns, in the order of `labels`; `by_site` has one such matrix a
    site, so that two evaluations can be compared site by site. `told`: why the figures flatter and what could not be
    checked, from what `pageblocks evaluate --json` wrote.
    """

    labels: list[str]
    pages: int
    blocks: int
    words: int | None
    sites: int
    figures: dict[str, Figure]
    by_label: dict[str, LabelScores]
    macro: dict[str, float]
    weighted: dict[str, float]
    confusion: list[list[int]]
    by_site: dict[str, list[list[int]]]
    calibration: list[dict[str, Any]] = field(default_factory=list)
    precision_recall: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, list[Group]] = field(default_factory=dict)
    seed: int = 0
    draws: int = 0
    told: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Stable keys; `report` is that of scikit-learn's `classification_report(output_dict=True)`. No NaN: null."""
        labels = {
            name: {
                "precision": s.precision.to_dict(),
                "recall": s.recall.to_dict(),
                "f1-score": s.f1.to_dict(),
                "support": s.support,
            }
            for name, s in self.by_label.items()
        }
        report: dict[str, Any] = {
            name: {k: v["value"] if isinstance(v, dict) else v for k, v in scores.items()}
            for name, scores in labels.items()
        }
        report["accuracy"] = self.figures["accuracy"].to_dict()["value"]
        report["macro avg"] = {**self.macro, "support": self.blocks}
        report["weighted avg"] = {**self.weighted, "support": self.blocks}
        return {
            "format": FORMAT,
            "labels": self.labels,
            "pages": self.pages,
            "blocks": self.blocks,
            "words": self.words,
            "sites": self.sites,
            "seed": self.seed,
            "draws": self.draws,
            "figures": {name: value.to_dict() for name, value in self.figures.items()},
            "report": report,
            "by_label": labels,
            "confusion": self.confusion,
            "calibration": self.calibration,
            "precision_recall": self.precision_recall,
            "groups": {name: [group.to_dict() for group in groups] for name, groups in self.groups.items()},
            "by_site": self.by_site,
        }

    def to_json(self) -> str:
        return to_readable_json(self.to_dict())

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Evaluation:
        """The evaluation that `to_dict` wrote. Raises PageblocksError for anything else."""
        try:
            if data["format"] != FORMAT:
                raise BadInput(
                    f"an evaluation of format {data['format']!r}, this version reads {FORMAT}; evaluate again"
                )
            figure = Figure.from_dict
            return cls(
                figures={k: figure(v) for k, v in data["figures"].items()},
                by_label={
                    name: LabelScores(figure(s["precision"]), figure(s["recall"]), figure(s["f1-score"]), s["support"])
                    for name, s in data["by_label"].items()
                },
                macro=_averages(data["report"]["macro avg"]),
                weighted=_averages(data["report"]["weighted avg"]),
                groups={name: [_group(g) for g in groups] for name, groups in data["groups"].items()},
                told=[str(line) for line in (data.get("seen") or {}).get("told", [])],
                **{key: data[key] for key in _PLAIN},
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise BadInput(f"not an evaluation ({error!r}); give the JSON that pageblocks evaluate writes") from error

    @classmethod
    def read(cls, path: Path | str) -> Evaluation:
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
        except ValueError as error:
            raise BadInput(f"{path}: not JSON ({error})") from error
        return cls.from_dict(data)


_COUNTS = ("pages", "blocks", "words", "sites", "seed", "draws")
_PLAIN = ("labels", "confusion", "by_site", "calibration", "precision_recall", *_COUNTS)


def _averages(row: dict[str, float]) -> dict[str, float]:
    return {key: row[key] for key in ("precision", "recall", "f1-score")}


def _group(data: dict[str, Any]) -> Group:
    keys = ("accuracy", "macro_f1", "corrections_per_page")
    return Group(**{**data, **{key: Figure.from_dict(data[key]) for key in keys}})
