"""Corpora in the forms that other tools read and write: data sets of the Hub, Label Studio, spaCy, CSV, Parquet."""

from __future__ import annotations

from .export import FORMATS, export
from .hub import dataset_dict, push_to_hub
from .importing import bring

__all__ = ["FORMATS", "bring", "dataset_dict", "export", "push_to_hub"]
