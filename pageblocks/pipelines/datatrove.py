"""Steps for datatrove: a reader of pages, and one that labels their blocks. Needs the extra `datatrove`."""

from toolkit.pipelines.datatrove import LabelBlocks, ReadPages, clean_warc

__all__ = ["LabelBlocks", "ReadPages", "clean_warc"]
