"""Corpora in the forms that other tools read and write: data sets of the Hub, Label Studio, spaCy, CSV, Parquet."""

from __future__ import annotations

from .export import FORMATS, export
from .hub import dataset_dict, push_to_hub
from .importing import import_corpus

__all__ = ["FORMATS", "dataset_dict", "export", "import_corpus", "push_to_hub"]
