"""Files of other tools -> a corpus: CSV, Parquet, data sets, spaCy's JSON lines, Label Studio's JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..corpus.align import align
from ..corpus.folder import Corpus, create, save_annotations, save_gold
from ..corpus.importing import IMPORT, Imported
from ..corpus.scheme import keep_scheme, read_scheme, scheme_of
from ..errors import BadInput, UsageError
from ..page import Blocks, Page
from ..readers.base import plain_id
from ..scheme import Scheme
from ..segment import segment
from ..standoff import GOLD, Annotation, attach, detach
from ..support.files import read_jsonl
from ..support.overwrite import making
from ..support.text import counted, encode_utf8, without_surrogates
from .columns import read_parquet_rows
from .grouped import TablePage, grouped
from .lines import labels_by_span, read_spans
from .sheet import read_csv
from .tasks import answers_of, one_version, read_tasks

BRINGS = ("label-studio", "spacy", "textcat", "csv", "parquet", "datasets")


def import_corpus(
    path: Path | str, out: Path | str, format: str, *, scheme: Scheme | None = None, pages: Corpus | None = None,
    on_page: Callable[[], object] | None = None, force: bool = False,
) -> tuple[Imported, list[str]]:  # fmt: skip
    """Make a corpus from a file of another tool.

    These formats hold no HTML. Each page becomes a text page with an empty line between blocks, unless `pages` has a
    page with its id, which is used instead. If the import fails, `out` stays as it was.

    Parameters
    ----------
    path : Path or str
        The file; for `datasets` the exported folder or a Parquet file.
    out : Path or str
        The folder of the new corpus.
    format : {"label-studio", "spacy", "textcat", "csv", "parquet", "datasets"}
        Format of the file.
    scheme : Scheme, optional
        The scheme of the labels. By default that of the exported folder, else that of `pages`, else the one that comes
        with pageblocks.
    pages : Corpus, optional
        A corpus with the original pages.
    on_page : callable, optional
        Called without arguments after each page.
    force : bool, default=False
        Whether to replace a corpus that an import made.

    Returns
    -------
    imported : Imported
        The new `corpus`; numbers of its `pages`, `blocks` and `unlabelled` blocks, of the `texts` read, and of
        those that match no block (`unmatched`).
    odd : list of str
        One line for each thing that was left out or is unusual.

    Raises
    ------
    UsageError
        If the format is unknown.
    BadInput
        If the file is not of the format, has no pages, or has a page twice.
    BadScheme
        If a label is not in the scheme, or the given scheme differs from that of the exported folder.
    AlreadyExists
        If `out` exists and `force` is false, or it holds files that no import made.
    """
    path, out = Path(path), Path(out)
    told = _told_scheme(path, scheme, pages)
    scheme = told or Scheme.default()
    odd: list[str] = []
    if format == "label-studio":
        return _bring_tasks(path, out, scheme, originals=pages, on_page=on_page, force=force, told=told is not None)
    if format == "spacy":
        source = _by_span(path, pages)
    elif format in BRINGS:
        source = _by_table(path, format, pages, odd=odd)
    else:
        raise UsageError(f"cannot import the format {format!r}; choose one of {', '.join(BRINGS)}")
    gold: list[Annotation] = []
    counts = {"texts": 0, "unmatched": 0, "unlabelled": 0, "blocks": 0}

    def made() -> Iterator[tuple[Page, dict[str, Any]]]:
        for blocks, labels, facts, texts, unmatched in source:
            scheme.refuse_unknown([labels], f"{path}: page {blocks.page.id!r}")
            if any(label is not None for label in labels):
                gold.append(detach(blocks, labels, GOLD, scheme=scheme.id))
            for key, more in zip(counts, (texts, unmatched, labels.count(None), len(blocks)), strict=True):
                counts[key] += more
            if on_page is not None:
                on_page()
            yield blocks.page, {"language": blocks.language, **facts, **_claim(pages, blocks)}

    with making(out, IMPORT, force) as folder:
        if not create(folder, _each_once(made(), path)).rows:
            raise BadInput(f"{path}: no pages in it")
        if told is not None:
            keep_scheme(folder, told)
        if gold:
            save_gold(folder, gold, scheme)
    corpus = Corpus.open(out)
    return Imported(corpus, len(corpus.rows), **counts, annotators={}), odd


def _told_scheme(path: Path, given: Scheme | None, pages: Corpus | None) -> Scheme | None:
    """The scheme that an exported folder remembers, and that a given one must be; else the given one, else that of
    `pages`.
    """
    if path.is_dir() and read_scheme(path) is not None:
        return scheme_of(path, given)
    return given or (read_scheme(pages.folder) if pages is not None else None)


_Found = tuple[Blocks, list[str | None], dict[str, str], int, int]


def _by_table(path: Path, format: str, originals: Corpus | None, *, odd: list[str]) -> Iterator[_Found]:
    empty = 0
    for page in grouped(_rows(path, format), path):
        blocks = _original(originals, page.id)
        if blocks is None:
            empty += page.without_text
            yield (
                *_text_page(page.id, page.url, page.texts, labels=page.labels, path=path),
                page.facts,
                len(page.texts),
                0,
            )
        elif page.ids == blocks.ids:
            yield blocks, page.labels, page.facts, len(page.texts), 0
        else:
            # Blocks of another segmentation are matched by words, unless all are blocks of this one and some are left
            # out.
            found = _by_id(page, blocks)
            left: list[int] = []
            if found is None:
                found, left = align(page.texts, page.labels, blocks)
                empty += page.without_text
            yield blocks, found, page.facts, *_counts(page.labels, left)
    if empty:
        odd.append(
            f"{path}: {counted(empty, 'labelled row', 'has')} no text; a block without text is none, so they are left "
            "out"
        )


def _rows(path: Path, format: str) -> Iterator[dict[str, Any]]:
    if format == "csv":
        yield from read_csv(path)
    elif format == "textcat":
        for number, row in enumerate(read_jsonl(path), 1):
            meta = row.get("meta") if isinstance(row, dict) else None
            if not isinstance(meta, dict) or not {"text", "label"} <= row.keys():
                raise BadInput(f'{path}:{number}: a line needs "text", "label" and "meta" with "page" in it')
            yield {**meta, "text": row["text"], "label": row["label"]}
    else:
        yield from read_parquet_rows(path)


def _by_id(page: TablePage, blocks: Blocks) -> list[str | None] | None:
    """Labels by the ids of blocks, which are each used once; None where the page names other blocks."""
    at = {id: i for i, id in enumerate(blocks.ids)}
    if not set(page.ids) <= at.keys() or len(set(page.ids)) < len(page.ids):
        return None
    labels: list[str | None] = [None] * len(blocks)
    for id, label in zip(page.ids, page.labels, strict=True):
        labels[at[id]] = label
    return labels


def _counts(labels: Sequence[str | None], left: Sequence[int]) -> tuple[int, int]:
    """How many texts have a label, and how many of them found no place."""
    return sum(label is not None for label in labels), sum(labels[i] is not None for i in left)


def _by_span(path: Path, originals: Corpus | None) -> Iterator[_Found]:
    for number, (meta, text, spans) in enumerate(read_spans(path), 1):
        id = str(meta.get("id") or f"{plain_id(path.stem)}-{number}")
        facts = {key: str(meta[key]) for key in ("type", "language") if meta.get(key)}
        page = Page(plain_id(id), f"{path}:{number}", encode_utf8(text), "text", str(meta.get("url") or ""))
        blocks = segment(page)
        labels = labels_by_span(text, list(zip(blocks.start, blocks.end, strict=True)), spans)
        original = _original(originals, id)
        if original is None:
            yield blocks, labels, facts, len(blocks), 0
        elif meta.get("blocks") == original.ids and len(labels) == len(original):
            yield original, labels, facts, len(labels), 0
        else:
            found, left = align(blocks.text, labels, original)
            yield original, found, facts, *_counts(labels, left)


def _bring_tasks(
    path: Path,
    out: Path,
    scheme: Scheme,
    *,
    originals: Corpus | None,
    on_page: Callable[[], object] | None,
    force: bool,
    told: bool,
) -> tuple[Imported, list[str]]:
    from ..studio import tasks  # start-up

    found, twice = one_version(read_tasks(path))
    annotations, odd = answers_of(found, scheme.id)
    scheme.refuse_unknown(([run.label for run in annotation.labels] for annotation in annotations), path)
    odd = twice + odd
    # Page -> its blocks as they were labelled, its blocks in the new corpus, and whether both are of the same bytes.
    homes: dict[str, tuple[Blocks, Blocks, bool]] = {}

    def made() -> Iterator[tuple[Page, dict[str, Any]]]:
        for item in found:
            id = str(item["data"].get("external_id", ""))
            if not id or id in homes:
                continue  # reported already
            shown = tasks.blocks_of(item["data"])
            url = "" if shown.page.url == id else shown.page.url
            original = _original(originals, id)
            if original is not None and original.page.sha256 == item["data"].get("sha256"):
                homes[id] = shown, original, True
            else:
                blocks, _ = _text_page(id, url, shown.text, labels=[None] * len(shown), path=path)
                homes[id] = shown, blocks, False
            if on_page is not None:
                on_page()
            blocks = homes[id][1]
            yield blocks.page, {"language": blocks.language, **(_claim(originals, blocks) if homes[id][2] else {})}

    with making(out, IMPORT, force) as folder:
        if not create(folder, _each_once(made(), path)).rows:
            raise BadInput(f"{path}: no pages in it that pageblocks pushed or exported")
        moved = [_moved(annotation, homes[annotation.page]) for annotation in annotations]
        gold = [annotation for annotation in moved if annotation.annotator == GOLD]
        save_annotations(folder, (annotation for annotation in moved if annotation.annotator != GOLD))
        if told or annotations:
            keep_scheme(folder, scheme)
        if gold:
            save_gold(folder, gold, scheme)
    corpus = Corpus.open(out)
    blocks_in_all = sum(len(blocks) for _, blocks, _ in homes.values())
    labelled = sum(len(annotation.labels) for annotation in gold)
    texts = sum(len(shown) for shown, _, _ in homes.values())
    done = Imported(corpus, len(corpus.rows), blocks_in_all, texts, 0, blocks_in_all - labelled)
    return done, odd


def _moved(annotation: Annotation, home: tuple[Blocks, Blocks, bool]) -> Annotation:
    """The annotation on the page that the corpus has: as it is on the labelled page, else block by block on its
    text.
    """
    shown, blocks, own = home
    if own or annotation.state == "skipped":
        annotation.page, annotation.sha256 = blocks.page.id, blocks.page.sha256
        return annotation
    labels = attach(shown, replace(annotation, sha256=""))  # a task holds no page to compare with
    placed: Sequence[str | None] = labels
    if len(blocks) != len(shown):
        placed, _ = align(shown.text, labels, blocks)
    made = detach(blocks, placed, annotation.annotator, scheme=annotation.scheme, created_at=annotation.created_at)
    return replace(made, review=annotation.review, suggested_by=annotation.suggested_by)


def _text_page(
    id: str, url: str, texts: Sequence[str], *, labels: Sequence[str | None], path: Path
) -> tuple[Blocks, list[str | None]]:
    """A text page of these blocks, and a label for each block that it is cut into."""
    lines = [" ".join(without_surrogates(text).split()) for text in texts]
    page = Page(plain_id(id), str(path), "\n\n".join(lines).encode(), "text", url)
    blocks = segment(page)
    if blocks.text == [line for line in lines if line]:
        return blocks, [label for line, label in zip(lines, labels, strict=True) if line]
    return blocks, align(lines, labels, blocks)[0]


def _claim(originals: Corpus | None, blocks: Blocks) -> dict[str, str]:
    """Where the page itself gives its address, if it does and the page is one of the originals."""
    row = originals.rows.get(blocks.page.id, {}) if originals is not None else {}
    origin = row.get("url_from") if row.get("url") == blocks.page.url else None
    return {"url_from": str(origin)} if origin else {}


def _original(originals: Corpus | None, id: str) -> Blocks | None:
    return segment(originals.page(id)) if originals is not None and id in originals.rows else None


def _each_once(pages: Iterator[tuple[Page, dict[str, Any]]], path: Path) -> Iterator[tuple[Page, dict[str, Any]]]:
    seen: set[str] = set()
    for page, more in pages:
        if page.id in seen:
            raise BadInput(f"{path}: page {page.id!r} occurs twice; remove one of them")
        seen.add(page.id)
        yield page, more
