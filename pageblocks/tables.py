"""Labelled pages and features as tables with one row per block."""

from toolkit.classify.table import to_arrow, to_pandas
from toolkit.features.table import FeatureTable, feature_table

__all__ = ["FeatureTable", "feature_table", "to_arrow", "to_pandas"]
