"""The card of a folder: a corpus, an export or a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...corpus.folder import Corpus
from ...errors import BadInput, UsageError
from .dataset import corpus_card
from .model import model_card

if TYPE_CHECKING:
    from ...evaluate import Evaluation
    from ...scheme import Scheme


def make_card(folder: Path | str, scheme: Scheme | None = None, results: Evaluation | None = None) -> str:
    """The text of the README.md of a corpus or a model; nothing is written. `results` are a model's.

    Raises BadInput for any other folder, and for a README.md whose head is no YAML.
    """
    folder = Path(folder)
    if (folder / "model.json").exists():
        return model_card(folder, results)
    if not (folder / "pages.jsonl").exists():
        raise BadInput(
            f"{folder}: neither a corpus (no pages.jsonl in it) nor a model (no model.json); give the folder of one"
        )
    if results is not None:
        raise UsageError(f"{folder}: results belong to a model's card, and this is a corpus")
    return corpus_card(Corpus.open(folder), scheme)
