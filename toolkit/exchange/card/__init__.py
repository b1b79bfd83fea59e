"""Cards: a README.md with the Hub's YAML head, counted from a corpus or read from a model; what people wrote in it
stays.
"""

from __future__ import annotations

from .dataset import corpus_card
from .head import read_card
from .model import model_card
from .write import make_card

__all__ = ["corpus_card", "make_card", "model_card", "read_card"]
