"""The result of an evaluation, which can be written as JSON and read back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..support.dump import to_readable_json
from .bootstrap import Figure
from .slices import Slices

FORMAT = 1

# The headline figures in the order in which they are shown: name and meaning.
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
    """A headline figure as text: shares in per cent, corrections with one decimal place, scores with three."""
    if name in PERCENT:
        return format(figure, ".1%")
    return format(figure, ".1f" if name == "corrections_per_page" else ".3f")


@dataclass(frozen=True)
class LabelScores:
    """The scores of one label, each from 0 to 1; NaN if neither gold nor predictions have the label.

    Parameters
    ----------
    precision : Figure
        Share of the blocks with this prediction that are right.
    recall : Figure
        Share of the gold blocks of this label that are found.
    f1 : Figure
        Harmonic mean of the two.
    support : int
        Number of gold blocks with this label.
    """

    precision: Figure
    recall: Figure
    f1: Figure
    support: int


@dataclass(frozen=True)
class Group:
    """The scores of the pages or blocks that share a value (a site, a language, a length).

    Parameters
    ----------
    name : str
        The value.
    pages, blocks, sites : int
        Numbers of pages, labelled blocks and sites.
    accuracy : Figure
        Share of the blocks with the right label.
    macro_f1 : Figure
        Mean of the labels' F1.
    corrections_per_page : Figure
        Wrong blocks on an average page.
    """

    name: str
    pages: int
    blocks: int
    sites: int
    accuracy: Figure
    macro_f1: Figure
    corrections_per_page: Figure

    def to_dict(self) -> dict[str, Any]:
        """Convert the group to JSON.

        Returns
        -------
        dict
            The fields, each figure with `value`, `low` and `high`.
        """
        return {
            "name": self.name,
            "pages": self.pages,
            "blocks": self.blocks,
            "sites": self.sites,
            **{key: getattr(self, key).to_dict() for key in ("accuracy", "macro_f1", "corrections_per_page")},
        }


@dataclass(frozen=True)
class Evaluation:
    """The result of `evaluate`. Intervals are 95 %, bootstrapped over sites.

    Parameters
    ----------
    labels : list of str
        All labels, in the order of the scheme.
    pages, blocks : int
        Numbers of pages and labelled blocks.
    words : int or None
        Number of words in the labelled blocks, if it was given.
    sites : int
        Number of sites, the units of the bootstrap.
    figures : dict of str to Figure
        Scores of all labels together: the keys of `FIGURES` as far as they can be computed, and `macro_` and
        `weighted_` precision and recall.
    by_label : dict of str to LabelScores
        Scores of each label.
    macro, weighted : dict of str to float
        `precision`, `recall` and `f1-score`, averaged over labels as scikit-learn does.
    confusion : list of list of int
        Confusion matrix: rows gold, columns predictions, in the order of `labels`.
    by_site : dict of str to list of list of int
        A confusion matrix for each site, for paired comparisons.
    calibration : list of dict
        Bins of confidence: `low`, `high`, `blocks`, mean `confidence`, `accuracy`, `accuracy_interval`.
    precision_recall : dict of str to dict
        For each label its precision-recall `curve`, and the thresholds that reach precision `targets`.
    groups : dict of str to list of Group
        Scores by site, length, language and so on.
    seed, draws : int
        Seed and draws of the bootstrap.
    slices : Slices or None
        The slices of blocks with the most errors, if they were searched for (`evaluate_predictions` does).
    told : list of str
        What the checks of `pageblocks evaluate --json` found, and whether it is known what the model has seen.
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
    slices: Slices | None = None
    told: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Convert the evaluation to JSON with stable keys.

        Returns
        -------
        dict
            The fields; NaN is None. `report` is that of scikit-learn's `classification_report(output_dict=True)`.
        """
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
            **({"slices": self.slices.to_dict()} if self.slices is not None else {}),
        }

    def to_json(self) -> str:
        """Write the evaluation as JSON.

        Returns
        -------
        str
            The text of a JSON file.
        """
        return to_readable_json(self.to_dict())

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Evaluation:
        """Read what `to_dict` wrote.

        Parameters
        ----------
        data : dict
            The JSON object.

        Returns
        -------
        Evaluation
            The evaluation.

        Raises
        ------
        BadInput
            If `data` is anything else, or from a newer version.
        """
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
                slices=Slices.from_dict(data["slices"]) if "slices" in data else None,
                told=_told(data),
                **{key: data[key] for key in _PLAIN},
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise BadInput(f"not an evaluation ({error!r}); give the JSON that pageblocks evaluate writes") from error

    @classmethod
    def read(cls, path: Path | str) -> Evaluation:
        """Read an evaluation from a JSON file.

        Parameters
        ----------
        path : Path or str
            A file that `to_json` or `pageblocks evaluate --json` made.

        Returns
        -------
        Evaluation
            The evaluation.

        Raises
        ------
        BadInput
            If the file cannot be read or is not an evaluation.
        """
        try:
            data = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
        except ValueError as error:
            raise BadInput(f"{path}: not JSON ({error})") from error
        return cls.from_dict(data)


_COUNTS = ("pages", "blocks", "words", "sites", "seed", "draws")
_PLAIN = ("labels", "confusion", "by_site", "calibration", "precision_recall", *_COUNTS)


_SEEN = ("PB001", "PB002")  # the checks whether the model has seen the pages or their sites


def _told(data: dict[str, Any]) -> list[str]:
    if "checks" not in data:  # as older versions wrote it
        return [str(line) for line in (data.get("seen") or {}).get("told", [])]
    return [
        str(row["found"])
        for row in data["checks"]
        if row["state"] == "problem" or (row["state"] == "not checked" and row["code"] in _SEEN)
    ]


def _averages(row: dict[str, float]) -> dict[str, float]:
    return {key: row[key] for key in ("precision", "recall", "f1-score")}


def _group(data: dict[str, Any]) -> Group:
    keys = ("accuracy", "macro_f1", "corrections_per_page")
    return Group(**{**data, **{key: Figure.from_dict(data[key]) for key in keys}})
