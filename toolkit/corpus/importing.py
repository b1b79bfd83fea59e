"""Pages, or labelled pages from elsewhere -> a corpus, whatever segmentation their labels were made with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput, Mismatch, NothingRead, PageblocksError
from ..page import Page
from ..readers import OnSkip, page_of, read_pages
from ..readers.given import page_given
from ..readers.skipped import log_skipped
from ..scheme import Scheme
from ..segment import segment
from ..standoff import GOLD, Annotation, detach
from ..support.files import read_jsonl
from ..support.overwrite import making
from .addresses import with_address
from .align import align
from .folder import Corpus, create, save_gold
from .scheme import keep_scheme

OnError = Callable[[PageblocksError], None]
IMPORT = "import"  # the command, as the record of the folders that it makes has it


@dataclass(frozen=True)
class Imported:
    """What an import did. `unmatched`: texts that match no block; `unlabelled`: blocks without a label."""

    corpus: Corpus
    pages: int
    blocks: int
    texts: int
    unmatched: int
    unlabelled: int


def is_labelled(source: str | Path) -> bool:
    """Whether a source is a file of labelled pages, as `import_gold` takes it: JSON lines with `blocks`."""
    path = Path(source)
    if path.suffix != ".jsonl" or not path.is_file():
        return False
    return "blocks" in next(read_jsonl(path), {})


def import_pages(
    sources: Iterable[str | Path], out: Path | str, on_error: OnError | None = None, *, force: bool = False,
    on_skip: OnSkip = log_skipped, scheme: Scheme | None = None,
) -> Corpus:  # fmt: skip
    """Make the corpus `out` from unlabelled pages. Sources, `on_error` and `on_skip` as `read_pages`
    takes them. A page without an address gets the one that it claims for itself, marked as such (see
    `toolkit.corpus.addresses`).

    `force` replaces what an import made at `out` before; `scheme` is remembered. Raises BadInput or AlreadyExists, and
    leaves `out` as it was, when there is no page, two pages have one id, or `out` holds something else.
    """
    seen: set[str] = set()

    def pages() -> Iterator[tuple[Page, dict[str, Any]]]:
        for page in read_pages(sources, on_error, on_skip=on_skip):
            if page.id in seen:
                raise BadInput(
                    f"{page.source}: a second page with the id {page.id!r}; rename its file, or give the folder above "
                    "both"
                )
            seen.add(page.id)
            yield with_address(page)

    with making(out, IMPORT, force) as folder:
        create(folder, pages())
        if not seen:
            raise NothingRead("no pages to make a corpus of; give files or folders of HTML or text")
        if scheme is not None:
            keep_scheme(folder, scheme)
    return Corpus.open(out)


def import_gold(
    labelled: Path | str, out: Path | str, scheme: Scheme | None = None, *, on_page: Callable[[], object] | None = None,
    force: bool = False,
) -> Imported:  # fmt: skip
    """Make the corpus `out` from a JSON-lines file with one labelled page a line.

    A line is {"id", "url", "sha256", "html", "blocks": [{"text", "label"}, ...]}: `html` is the page's file beside the
    labelled file, gzipped or not, `blocks` its texts in reading order. A null label is a text without a label.
    `on_page` is called after each page, `force` replaces what an import made before. Raises BadInput, and leaves
    `out` as it was, when a page is missing or is another one, or a label is not in the scheme.
    """
    labelled, scheme = Path(labelled), scheme or Scheme.default()
    gold: list[Annotation] = []
    counts = {"texts": 0, "unmatched": 0, "unlabelled": 0, "blocks": 0}

    def pages() -> Iterator[tuple[Page, dict[str, Any]]]:
        for row in read_jsonl(labelled):
            page, texts, labels = _labelled_page(row, labelled, scheme)
            page, claim = with_address(page)
            blocks = segment(page)
            found, left = align(texts, labels, blocks)
            gold.append(detach(blocks, found, GOLD, scheme=scheme.id))
            counts["texts"] += len(labels) - labels.count(None)
            counts["unmatched"] += sum(labels[i] is not None for i in left)
            counts["unlabelled"] += found.count(None)
            counts["blocks"] += len(blocks)
            if on_page is not None:
                on_page()
            more = {"source": row["source"]} if row.get("source") else {}
            yield page, {"language": blocks.language, **more, **claim}

    with making(out, IMPORT, force) as folder:
        create(folder, pages())
        if not gold:
            raise BadInput(f"{labelled}: the file has no labelled pages; give one with a page on each line")
        save_gold(folder, gold, scheme)
    return Imported(Corpus.open(out), len(gold), **counts)


def _labelled_page(row: dict[str, Any], labelled: Path, scheme: Scheme) -> tuple[Page, list[str], list[str | None]]:
    try:
        id, file = str(row["id"]), str(row["html"])
        texts = [str(block["text"]) for block in row["blocks"]]
        labels = [None if block["label"] is None else str(block["label"]) for block in row["blocks"]]
    except (KeyError, TypeError) as error:
        raise BadInput(
            f'{labelled}: a line is no labelled page ({error}); it needs "id", "html" and "blocks"'
        ) from error
    scheme.refuse_unknown([labels], f"{labelled}: page {id!r}")
    if any(not part or part.startswith(".") for part in id.split("/")):
        raise BadInput(
            f"{labelled}: {id!r} cannot be the id of a page, because it becomes a file name; use letters, digits "
            "and hyphens"
        )
    path = (labelled.parent / file).resolve()
    if not path.is_relative_to(labelled.parent.resolve()):
        raise BadInput(f"{labelled}: the file of page {id!r} is outside the folder ({file}); correct `html`")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be read ({error.strerror or error}); restore the file, or remove its line from "
            f"{labelled.name}"
        ) from error
    page = page_of(id, str(path), content, url=str(row.get("url") or ""))
    if said := str(row.get("content_type") or ""):
        page = page_given(id, str(path), page.content, url=page.url, content_type=said)
    if row.get("sha256") and row["sha256"] != page.sha256:
        raise Mismatch(
            f"{path}: the page changed since {labelled.name} was written (its hash differs); restore the file"
        )
    return page, texts, labels
