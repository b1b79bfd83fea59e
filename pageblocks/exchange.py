"""Corpora in the forms that other tools read and write."""

from toolkit.exchange import FORMATS, dataset_dict, export, import_corpus, push_to_hub

__all__ = ["FORMATS", "dataset_dict", "export", "import_corpus", "push_to_hub"]
