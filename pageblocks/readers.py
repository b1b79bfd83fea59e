"""Sources to pages: files, folders, archives, tables, web addresses."""

from toolkit.readers import Columns, Skipped, read_file, read_pages, read_stream

__all__ = ["Columns", "Skipped", "read_file", "read_pages", "read_stream"]
