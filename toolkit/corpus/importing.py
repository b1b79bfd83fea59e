"""Pages, or labelled pages from elsewhere -> a corpus, whatever segmentation their labels were made with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadInput, NothingRead, PageblocksError
from ..page import Page
from ..readers import OnSkip, read_pages
from ..readers.skipped import log_skipped
from ..scheme import Scheme
from ..segment import segment
from ..standoff import Annotation, detach
from ..support.overwrite import making
from .addresses import with_address
from .align import align
from .folder import Corpus, create, save_annotations, save_gold
from .labelled import read_labelled, scheme_of_rows
from .scheme import keep_scheme

OnError = Callable[[PageblocksError], None]
IMPORT = "import"  # the command, as the record of the folders that it makes has it


@dataclass(frozen=True)
class Imported:
    """What an import did. `unmatched`: texts that match no block; `unlabelled`: blocks without a label.

    `annotators`: for each person the number of `pages` and of blocks that were labelled by hand (`set`), those of them
    with another label than the suggestion (`corrected`), and blocks whose suggestion was `accepted`.
    """

    corpus: Corpus
    pages: int
    blocks: int
    texts: int
    unmatched: int
    unlabelled: int
    annotators: dict[str, Counter[str]] = field(default_factory=dict)


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
    labelled: Path | str | Iterable[Path | str], out: Path | str, scheme: Scheme | None = None,
    *, on_page: Callable[[], object] | None = None, force: bool = False,
) -> Imported:  # fmt: skip
    """Make the corpus `out` from JSON-lines files with one labelled page a line (see `labelled`).

    The labels of a line are gold, or the annotations of its `annotator`; then several lines, of one file or several,
    may have the same page. `on_page` is called after each line, `force` replaces what an import made before. Raises
    BadInput, and leaves `out` as it was, when a page is missing or is another one, or a label is not in the scheme.
    """
    paths = [Path(labelled)] if isinstance(labelled, (str, Path)) else [Path(path) for path in labelled]
    scheme = scheme_of_rows(paths, scheme)
    gold: list[Annotation] = []
    annotations: list[Annotation] = []
    counts = {"texts": 0, "unmatched": 0, "unlabelled": 0, "blocks": 0}
    annotators: dict[str, Counter[str]] = {}
    hashes: dict[str, str] = {}
    said: set[tuple[str, str]] = set()

    def pages() -> Iterator[tuple[Page, dict[str, Any]]]:
        for row in read_labelled(paths, scheme):
            page, claim = with_address(row.page)
            if hashes.get(page.id, page.sha256) != page.sha256:
                raise BadInput(f"{row.place}: another page has this id; give one of them another id")
            if (page.id, row.annotator) in said:
                raise BadInput(f"{row.place}: the page occurs twice; remove one of the lines")
            said.add((page.id, row.annotator))
            blocks = segment(page)
            found, left = align(row.texts, row.labels, blocks)
            made = detach(blocks, found, row.annotator, scheme=scheme.id, created_at=row.created_at)
            made.suggested_by = row.suggested_by
            if not row.by_hand:
                gold.append(made)
            elif made.labels:
                annotations.append(made)
                annotators[row.annotator] = annotators.get(row.annotator, Counter()) + row.counts()
            counts["texts"] += len(row.labels) - row.labels.count(None)
            counts["unmatched"] += sum(row.labels[i] is not None for i in left)
            if on_page is not None:
                on_page()
            if page.id not in hashes:
                hashes[page.id] = page.sha256
                counts["unlabelled"] += found.count(None)
                counts["blocks"] += len(blocks)
                yield page, {"language": blocks.language, **row.facts, **claim}

    with making(out, IMPORT, force) as folder:
        create(folder, pages())
        if not said:
            raise BadInput(f"{paths[0]}: the file has no labelled pages; give one with a page on each line")
        if gold:
            save_gold(folder, gold, scheme)
        save_annotations(folder, annotations)
        keep_scheme(folder, scheme)
    return Imported(Corpus.open(out), len(hashes), **counts, annotators=annotators)
