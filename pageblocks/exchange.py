"""Corpora in the forms that other tools read and write."""

from toolkit.exchange import FORMATS, bring, dataset_dict, export, push_to_hub

__all__ = ["FORMATS", "bring", "dataset_dict", "export", "push_to_hub"]
