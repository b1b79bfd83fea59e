"""A corpus is a folder: pages as they came, their list, and the labels that people gave them.

pages.jsonl            a line per page: id, file, url, format, sha256; media_type and encoding as the transport gave
                       them; type and language where known; url_from where the address is the page's own claim
pages/                 the pages, byte for byte
annotations/NAME.jsonl a file per annotator, stand-off
gold.jsonl             the adjudicated labels, stand-off
scheme.toml            the label scheme (see `scheme`)
split.json             which sites are for training, validation and test (`pageblocks split`)
README.md              the card
"""

from __future__ import annotations

import contextlib
import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput, BadPage, Mismatch, TooFewLabels
from ..page import Blocks, Page, site_of
from ..readers.base import gunzip
from ..scheme import Scheme
from ..segment import segment
from ..standoff import Annotation, attach, read_annotations, write_annotations
from ..support.files import read_jsonl, write_atomic, write_jsonl
from .scheme import keep_scheme, scheme_of
from .split import Split, read_split, split, split_path, without_test

_PLAIN_TYPES = ("text/html", "text/plain")  # these say no more than the format does


@dataclass(frozen=True)
class Corpus:
    """An opened corpus: a folder with pages, `pages.jsonl`, annotations, gold and a label scheme.

    Parameters
    ----------
    folder : Path
        The folder.
    rows : dict of str to dict
        The lines of `pages.jsonl` by page id.

    Examples
    --------
    >>> from pageblocks.corpus import Corpus
    >>> corpus = Corpus.open("corpora/sample")
    >>> pages, labels = corpus.read_labelled()
    >>> len(pages), pages[0].text[0], labels[0][0]
    (52, 'skip the links', 'sidebar')
    """

    folder: Path
    rows: dict[str, dict[str, Any]]

    @classmethod
    def open(cls, folder: Path | str) -> Corpus:
        """Open the corpus in a folder.

        Parameters
        ----------
        folder : Path or str
            The folder.

        Returns
        -------
        Corpus
            The corpus. Pages and labels are read when they are asked for.

        Raises
        ------
        BadInput
            If `pages.jsonl` is missing or incomplete.
        """
        folder = Path(folder)
        if not (folder / "pages.jsonl").exists():
            raise BadInput(f"{folder}: not a corpus (no pages.jsonl in it); make one with `pageblocks import`")
        rows: dict[str, dict[str, Any]] = {}
        for row in read_jsonl(folder / "pages.jsonl"):
            if not {"id", "file"} <= row.keys():
                raise BadInput(
                    f"{folder / 'pages.jsonl'}: a line has no `id` or no `file` ({row!r:.100}); correct or remove it"
                )
            if row["id"] in rows:
                raise BadInput(f"{folder / 'pages.jsonl'}: page {row['id']!r} is listed twice; remove one of the lines")
            rows[row["id"]] = row
        return cls(folder, rows)

    def page(self, id: str) -> Page:
        """Read one page.

        Parameters
        ----------
        id : str
            Id of the page.

        Returns
        -------
        Page
            The page.

        Raises
        ------
        BadInput
            If its file is missing.
        Mismatch
            If its file is not the one that `pages.jsonl` lists.
        """
        row = self.rows[id]
        path = (self.folder / row["file"]).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise BadInput(
                f"{self.folder}: the file of page {id!r} is outside the corpus ({row['file']}); correct pages.jsonl"
            )
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BadInput(
                f"{path}: cannot be read ({error.strerror}); restore the file, or remove its line from pages.jsonl"
            ) from error
        if content.startswith(b"\x1f\x8b"):
            content = gunzip(content, str(path))
        said = str(row.get("encoding") or ""), str(row.get("media_type") or "")
        page = Page(id, str(path), content, row.get("format", "html"), row.get("url", ""), *said)
        if row.get("sha256") and row["sha256"] != page.sha256:
            raise Mismatch(
                f"{path}: the page changed since pages.jsonl was written (its hash differs); restore the file"
            )
        return page

    def pages(self) -> Iterator[Page]:
        """Read all pages, one at a time.

        Returns
        -------
        iterator of Page
            The pages in the order of `pages.jsonl`.
        """
        return (self.page(id) for id in self.rows)

    def segmented(self, on_page: Callable[[], object] = lambda: None) -> list[Blocks]:
        """Cut all pages into blocks.

        Parameters
        ----------
        on_page : callable, optional
            Called without arguments after each page.

        Returns
        -------
        list of Blocks
            The pages that have text.
        """
        found = []
        for page in self.pages():
            with contextlib.suppress(BadPage):  # without text there is nothing to label either
                found.append(segment(page))
            on_page()
        return found

    def types(self) -> dict[str, str]:
        """Look up the kinds of pages.

        Returns
        -------
        dict of str to str
            Kind of page by page id, for pages whose line in `pages.jsonl` has a `type`.
        """
        return {id: str(row["type"]) for id, row in self.rows.items() if row.get("type")}

    def annotations(self) -> dict[str, list[Annotation]]:
        """Read the annotations of all annotators.

        Returns
        -------
        dict of str to list of Annotation
            Annotations by annotator.
        """
        files = sorted((self.folder / "annotations").glob("*.jsonl"))
        return {path.stem: read_annotations(path) for path in files}

    def gold(self) -> dict[str, Annotation]:
        """Read the gold.

        Returns
        -------
        dict of str to Annotation
            Gold by page id.

        Raises
        ------
        TooFewLabels
            If there is no gold.
        """
        path = self.folder / "gold.jsonl"
        if not path.exists():
            raise TooFewLabels(
                f"{self.folder}: no gold labels (gold.jsonl); pull annotations or run `pageblocks agree --gold`"
            )
        return {annotation.page: annotation for annotation in read_annotations(path)}

    def suggested_by(self) -> dict[str, list[str]]:
        """Look up the models whose suggestions were corrected to make the gold.

        Returns
        -------
        dict of str to list of str
            Versions of models by page id, for pages with a record of them.
        """
        return {id: said.models for id, said in self.gold().items() if said.models}

    def scheme(self, given: Scheme | Path | str | None = None, gold_only: bool = False) -> Scheme:
        """Find the scheme of the labels: the given one, else `scheme.toml`, else the one that comes with pageblocks.

        Parameters
        ----------
        given : Scheme, Path or str, optional
            The scheme, or its file.
        gold_only : bool, default=False
            Whether to check the gold only, and not the annotations.

        Returns
        -------
        Scheme
            The scheme.

        Raises
        ------
        BadScheme
            If the given scheme, that of the corpus, or those of its labels differ.
        """
        return scheme_of(self.folder, given, gold_only)

    def split(self) -> Split | None:
        """Read the split into train, validation and test.

        Sites newer than the split are where `pageblocks split` would put them: with similar sites. All pages count for
        that, not only labelled ones, so that every command gets the same answer.

        Returns
        -------
        Split or None
            The split, None without one.

        Raises
        ------
        SeenTestPages
            If similar sites are in different parts.
        """
        path = split_path(self.folder)
        if not path.exists():
            return None
        return split(self.segmented(), path, dry_run=True, more=self.sites()) if self.new_sites() else read_split(path)

    def split_or_made(self, seed: int = 0) -> Split:
        """Read the split, or make one as `pageblocks split --seed` does, without writing it.

        Parameters
        ----------
        seed : int, default=0
            Seed of a new split.

        Returns
        -------
        Split
            The split.
        """
        return self.split() or split(self.segmented(), seed=seed, more=self.sites())

    def sites(self) -> set[str]:
        """List the sites of all pages.

        Returns
        -------
        set of str
            The sites; a page without an address is a site of its own.
        """
        return {site_of(str(row.get("url") or "")) or f"page:{id}" for id, row in self.rows.items()}

    def new_sites(self) -> set[str]:
        """List the sites that are newer than the split.

        Returns
        -------
        set of str
            The sites; empty without a split.
        """
        path = split_path(self.folder)
        return self.sites() - read_split(path).sites.keys() if path.exists() else set()

    def read_labelled(self, test: bool = False) -> tuple[list[Blocks], list[list[str | None]]]:
        """Read the pages with gold and the labels of their blocks.

        Parameters
        ----------
        test : bool, default=False
            Whether to include the test pages of the split; by default they are left out.

        Returns
        -------
        pages : list of Blocks
            The pages, cut into blocks.
        labels : list of list of str or None
            For each page one label per block; None for a block without gold.

        Raises
        ------
        PageblocksError
            If there is no gold, or, without `test`, a test page is also in another part of the split.
        """
        pages, labels = [], []
        for id, annotation in self.gold().items():
            if id not in self.rows or annotation.state != "done":
                continue
            blocks = segment(self.page(id))
            answers = attach(blocks, annotation)
            if any(label is not None for label in answers):
                pages.append(blocks)
                labels.append(answers)
        if not test and (chosen := self.split()) is not None:
            pages, labels = without_test(pages, labels, chosen)
        if not pages:
            raise TooFewLabels(
                f"{self.folder}: no labelled pages; label some first (`pageblocks push`, then `pageblocks pull`)"
            )
        return pages, labels


def create(folder: Path | str, pages: Iterable[tuple[Page, dict[str, Any]]], card: str = "") -> Corpus:
    """Write a corpus of pages, each with what else is known of it. Page files are gzipped, their bytes kept."""
    folder = Path(folder)
    rows = []
    for page, more in pages:
        file = f"pages/{page.id}.{'html' if page.format == 'html' else 'txt'}.gz"
        write_atomic(folder / file, gzip.compress(page.content, mtime=0))
        row = {"id": page.id, "file": file, "url": page.url, "format": page.format, "sha256": page.sha256}
        # Without it the page would have other blocks than it had when it came.
        said = {"media_type": page.type if page.type not in _PLAIN_TYPES else "", "encoding": page.encoding}
        rows.append(row | {name: value for name, value in said.items() if value} | more)
    if card:
        write_atomic(folder / "README.md", card)
    write_jsonl(folder / "pages.jsonl", rows)
    return Corpus.open(folder)


def save_gold(folder: Path | str, annotations: Iterable[Annotation], scheme: Scheme | None = None) -> None:
    """Write the gold of a corpus, which remembers the scheme from then on.

    Without a `scheme` it remembers the one that comes with pageblocks, if the annotations are of that one.
    """
    gold = list(annotations)
    if scheme is None and {annotation.scheme for annotation in gold} == {Scheme.default().id}:
        scheme = Scheme.default()
    if scheme is not None:
        keep_scheme(folder, scheme)
    write_annotations(Path(folder) / "gold.jsonl", gold)


def save_annotations(folder: Path | str, annotations: Iterable[Annotation]) -> None:
    """Write the annotations of people to a corpus, a file for each person. Names are made safe as file names."""
    by_name: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        name = re.sub(r"[^\w+-][^\w.+-]*", "_", annotation.annotator)[:80] or "user"
        by_name.setdefault(name, []).append(annotation)
    for name, theirs in by_name.items():
        write_annotations(Path(folder) / "annotations" / f"{name}.jsonl", theirs)
