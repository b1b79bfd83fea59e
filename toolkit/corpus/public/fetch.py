"""A public corpus -> a corpus folder: from a mirror or the network, each page checked; all of it or nothing."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import BadInput, Mismatch
from ...page import Page
from ...readers.base import plain_id
from ...support.files import write_atomic, write_json, write_jsonl
from ...support.overwrite import making, refuse_foreign
from ...support.text import counted
from ..addresses import with_address
from ..folder import Corpus, create
from .download import download
from .entry import Entry, Sums, checksums, find_entry
from .layouts import PublicPage, unpacked
from .mirror import FACTS, TRUTH, Mirror, read_page
from .unpack import unpack

FETCH = "corpus fetch"  # the command, as the record of the folders that it makes has it
OnBytes = Callable[[int, int | None], object]


@dataclass(frozen=True)
class Fetched:
    """`checked`: whether every page was compared with a pinned hash. `others`: pages whose main content is not the
    pinned one.

    `archive_sha256` is of what came over the network, "" for a mirror. `sums` are the lines that would pin these pages.
    """

    corpus: Corpus
    entry: Entry
    checked: bool
    others: list[str]
    archive_sha256: str
    sums: dict[str, Sums] = field(repr=False)


def fetch_corpus(
    name: str | Path, out: Path | str, mirror: Path | str | None = None, *, force: bool = False,
    on_bytes: OnBytes | None = None, on_page: Callable[[], object] | None = None,
    card: Callable[[Corpus], str] | None = None,
) -> Fetched:  # fmt: skip
    """Make the corpus `out` from the public corpus `name` (or a TOML file): from `mirror`/NAME where given, else the
    network.

    Beside what every corpus has there are `content.jsonl`, what the corpus says of its pages (main text, captions,
    texts that an extraction must and must not have), `corpus.json`, where it is from, and, where `card` is given,
    `README.md`, what `card` says of the corpus. `out` is as it was when something fails, and `force` replaces an
    earlier fetch and nothing else. Raises BadInput for a page that is missing or another one, for no network,
    for a broken or wrong archive.
    """
    out = Path(out)
    refuse_foreign(out, FETCH, force)
    entry, folder = find_entry(name)
    pinned = checksums(entry, folder)
    with making(out, FETCH, force) as made_in, tempfile.TemporaryDirectory(dir=made_in.parent) as at:
        digest = ""
        if mirror is not None:
            records: Iterable[PublicPage] = Mirror.open(Path(mirror) / entry.name).records.values()
        else:
            archive = Path(at) / f"{entry.name}.tar.gz"
            digest = download(entry.url, archive, entry.archive_mib << 20, on_bytes=on_bytes)
            if entry.sha256 and digest != entry.sha256:
                raise Mismatch(
                    f"{entry.url}: not the archive that {entry.name}.toml names (its SHA-256 is {digest}); "
                    "correct the recipe, or use a copy of the old archive"
                )
            unpack(archive, Path(at) / "archive", entry.folder, largest=entry.unpacked_mib << 20)
            records = unpacked(Path(at) / "archive", entry)
        made, others, sums = _write(made_in, entry, records, pinned=pinned, on_page=on_page)
        facts = entry.model_dump(include={"name", "title", "license", "credit", "homepage", "commit", "use"})
        facts |= {"pages": len(sums), "checked": bool(pinned), "archive_sha256": digest}
        write_json(made.folder / FACTS, facts)
        if card is not None:
            write_atomic(made.folder / "README.md", card(made))
    return Fetched(Corpus.open(out), entry, bool(pinned), others, digest, sums)


def _write(
    folder: Path,
    entry: Entry,
    records: Iterable[PublicPage],
    *,
    pinned: dict[str, Sums],
    on_page: Callable[[], object] | None,
) -> tuple[Corpus, list[str], dict[str, Sums]]:
    sums: dict[str, Sums] = {}
    others: list[str] = []
    truths: list[dict[str, Any]] = []

    def pages() -> Iterator[tuple[Page, dict[str, Any]]]:
        for record in records:
            if pinned and record.id not in pinned:
                continue
            if plain_id(record.id) != record.id or record.id in sums:
                raise BadInput(
                    f"{entry.name}: {record.id!r:.80} cannot be the id of a page, because it becomes a file name"
                )
            page = Page(record.id, str(record.path), read_page(record.path), "html", record.url)
            sums[page.id] = Sums(page.sha256, content_sum(record.truth))
            if pinned and pinned[page.id].page != page.sha256:
                raise Mismatch(f"{entry.name}: page {page.id} is not the one that was pinned (its hash differs)")
            if pinned and pinned[page.id].content != sums[page.id].content:
                others.append(page.id)
            truths.append({"page": page.id, **record.truth})
            if on_page is not None:
                on_page()
            page, claim = with_address(page) if entry.reader == "files" else (page, {})
            yield page, {**record.facts, "source": entry.name, **claim}

    corpus = create(folder, pages())
    if missing := sorted(pinned.keys() - sums.keys()):
        raise BadInput(
            f"{entry.name}: {counted(len(missing), 'page', 'is')} missing (of {len(pinned)}), the first is {missing[0]}"
        )
    if not sums:
        raise BadInput(f"{entry.name}: no pages found; is this the corpus that {entry.name}.toml means?")
    write_jsonl(folder / TRUTH, truths)
    return corpus, others, sums


def content_sum(truth: dict[str, Any]) -> str:
    """SHA-256 of the main content, "" without one."""
    content = truth.get("content") or ""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest() if content else ""


def sums_file(sums: dict[str, Sums]) -> str:
    """The text of a file of checksums."""
    head = "# SHA-256 of the page's bytes (unpacked), SHA-256 of its main content (- for none), page id\n"
    return head + "".join(f"{sums[id].page} {sums[id].content or '-'} {id}\n" for id in sorted(sums))
