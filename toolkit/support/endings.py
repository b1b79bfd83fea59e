"""Refuses file names whose ending contradicts the format of the result."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError

_OF = {
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "json": (".json",),
    "text": (".txt", ".text", ".md"),
    "markdown": (".md", ".markdown", ".txt"),
    "csv": (".csv",),
    "parquet": (".parquet",),
    "html": (".html", ".htm", ".xhtml"),
    "zip": (".zip",),
}
# Endings of formats, including those that are not written here.
_KNOWN = {ending for endings in _OF.values() for ending in endings} | set(
    ".tsv .xlsx .xls .ods .arrow .feather .pickle .pkl .npz .toml .yaml .xml .pdf .docx .warc "
    ".gz .bz2 .xz .zst .tar".split()
)


def refuse_ending(path: Path | str, format: str, mend: str = "") -> None:
    """Raise UsageError if the ending of a file name contradicts `format` ("jsonl", "csv" and so on; "folder")."""
    path = Path(path)
    ending, right = path.suffix.lower(), _OF.get(format, ())
    if ending in _KNOWN and ending not in right:
        what = "a folder" if format == "folder" else f"{format}, not {ending.removeprefix('.')}"
        mend = mend or (f"give a name that ends in {right[0]}" if right else "give a name without an ending")
        raise UsageError(f"{path}: the output is {what}; {mend}")
