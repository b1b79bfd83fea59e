"""Extraction compared: this package and other extractors over the same pages, in one run."""
