"""A public corpus on disk, fetched by pageblocks or laid out by others, behind one interface: its rows, its pages, what
it may be used for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import BadInput, SeenTestPages
from ...page import Page
from ...readers.base import gunzip
from ...support.files import read_jsonl
from ..folder import Corpus
from .entry import find_entry, names
from .layouts import PublicPage
from .layouts import mirror as mirrored

FACTS, TRUTH = "corpus.json", "content.jsonl"


@dataclass(frozen=True)
class Mirror:
    """`records`: page id -> what is known of the page. `use` is "train" or "test"."""

    folder: Path
    records: dict[str, PublicPage]
    use: str

    @classmethod
    def open(cls, folder: Path | str) -> Mirror:
        """A fetched corpus (`pages.jsonl`, `content.jsonl`) or a mirror's folder (`pages.jsonl.gz`, `html/`)."""
        folder = Path(folder)
        if (folder / "pages.jsonl").exists():
            records = _fetched(folder)
        elif (folder / "pages.jsonl.gz").exists():
            records = mirrored(folder)
        else:
            fetch = (
                f"; `pageblocks corpus fetch {folder.name} --out {folder}` brings it" if folder.name in names() else ""
            )
            raise BadInput(f"{folder}: no corpus of that name in the mirror (no pages.jsonl or pages.jsonl.gz){fetch}")
        return cls(folder, {record.id: record for record in records}, str(facts_of(folder).get("use", "train")))

    def page(self, id: str) -> Page:
        """Raises BadInput when its file cannot be read."""
        record = self.records[id]
        return Page(id, str(record.path), read_page(record.path), "html", record.url)


def read_page(path: Path) -> bytes:
    """A page's bytes, unpacked where they are gzipped."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror or error})") from error
    return gunzip(content, str(path)) if content.startswith(b"\x1f\x8b") else content


def _fetched(folder: Path) -> Iterator[PublicPage]:
    truths = {row["page"]: row for row in read_jsonl(folder / TRUTH)} if (folder / TRUTH).exists() else {}
    for id, row in Corpus.open(folder).rows.items():
        path = (folder / row["file"]).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise BadInput(
                f"{folder}: the file of page {id!r} is outside the corpus ({row['file']}); fetch the corpus again"
            )
        facts: dict[str, Any] = {key: row[key] for key in ("type", "country") if key in row}
        truth = {key: value for key, value in truths.get(id, {}).items() if key != "page"}
        yield PublicPage(id, row.get("url", ""), path, facts, truth)


def facts_of(folder: Path) -> dict[str, Any]:
    """What a fetched corpus remembers of where it is from; {} for any other folder."""
    path = folder / FACTS
    try:
        found = json.loads(path.read_text("utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read ({error}); fetch the corpus again") from error
    return found if isinstance(found, dict) else {}


def refuse_test(corpora: Iterable[str], mirror: Path) -> None:
    """Raise SeenTestPages when one of these corpora is there for testing: nothing may be trained on it."""
    for name in corpora:
        known = name in names() and find_entry(name)[0].use == "test"
        if known or facts_of(mirror / name).get("use") == "test":
            raise SeenTestPages(
                f"{name} is a test corpus, and training on it is refused; use another corpus", names=[name]
            )
