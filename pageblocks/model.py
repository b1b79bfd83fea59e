"""The classifier, and which of some pages it has learned from."""

from toolkit.model import BlockClassifier, load
from toolkit.model.seen import Seen, learned_from, seen

__all__ = ["BlockClassifier", "Seen", "learned_from", "load", "seen"]
