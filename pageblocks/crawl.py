"""A whole crawl through the classifier, into a folder."""

from toolkit.crawl import Progress, Summary, classify_crawl

__all__ = ["Progress", "Summary", "classify_crawl"]
