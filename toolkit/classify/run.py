"""From pages to labelled blocks.

>>> import pageblocks
>>> model = pageblocks.load()
>>> page = model.classify("<h1>The night ferry sails again</h1><p>It left on Monday.", url="https://ferry.example/news")
>>> page.labels
['article', 'article']
>>> model.extract("<h1>The night ferry sails again</h1><p>It left on Monday.")
'The night ferry sails again\\n\\nIt left on Monday.'

This module does not import the model: it needs `classes_` and `predict_proba` only (`BlockModel`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

from ..errors import PageblocksError, UsageError
from ..page import Blocks, Page
from ..readers.given import page_given
from ..segment import segment
from .layout import TextFormat
from .least import MinProbability, least_of
from .only_a_name import only_a_name, refuse_name
from .result import STORY, Classified

OnError = Callable[[PageblocksError], None]
# What can be classified: HTML or plain text (as bytes in any encoding), a page, or its blocks.
Source: TypeAlias = str | bytes | Page | Blocks


class BlockModel(Protocol):
    """A classifier of blocks."""

    classes_: Any

    def predict_proba(self, pages: Sequence[Blocks]) -> Sequence[np.ndarray[Any, Any]]:
        """One array (blocks, labels) per page."""


class Classifies:
    """Methods for whole pages, for classes that have `classes_` and `predict_proba` (see `BlockModel`)."""

    def classify(self: BlockModel, page: Source, url: str = "", content_type: str = "") -> Classified:
        """Label the blocks of one page.

        Parameters
        ----------
        page : str, bytes, Page or Blocks
            The page. Whether str or bytes are HTML or plain text is detected from their beginning.
        url : str, default=""
            Address of a page given as str or bytes. It is a feature for the model and is never fetched.
        content_type : str, default=""
            Content-Type header of a page given as str or bytes: XHTML, HTML or plain text, and the encoding of bytes.

        Returns
        -------
        Classified
            The blocks with labels and probabilities.

        Raises
        ------
        BadPage
            If the page has no text.
        UsageError
            If it is only a path or an address; `pageblocks.read_pages` reads those.

        Examples
        --------
        >>> import pageblocks
        >>> html = "<h1>The night ferry sails again</h1><p>It left on Monday."
        >>> page = pageblocks.load().classify(html, url="https://ferry.example/news")
        >>> for block, label in zip(page.blocks, page.labels):
        ...     print(label, block.text)
        article The night ferry sails again
        article It left on Monday.
        """
        (found,) = label_pages([as_blocks(page, url, content_type)], self)
        return found

    def classify_many(
        self: BlockModel, pages: Iterable[Source], batch: int = 32, on_error: OnError | None = None
    ) -> Iterator[Classified]:
        """Label the blocks of many pages, several times as fast as page by page.

        Parameters
        ----------
        pages : iterable of str, bytes, Page or Blocks
            The pages, as for `classify`.
        batch : int, default=32
            Number of pages that share one prediction and are in memory at a time.
        on_error : callable, optional
            Called with the `PageblocksError` of each page that cannot be used; by default the error is raised.

        Returns
        -------
        iterator of Classified
            The pages in their order, without those that cannot be used.

        Examples
        --------
        >>> import pageblocks
        >>> bad = []
        >>> pages = pageblocks.read_pages(["corpora/sample/pages"])
        >>> found = list(pageblocks.load().classify_many(pages, on_error=bad.append))
        >>> len(found), len(bad)
        (52, 0)
        """
        return _in_batches(pages, self, batch, on_error=on_error)

    def extract(
        self: BlockModel, page: Source, keep: Collection[str] | None = None, url: str = "",
        *, headline: bool | None = None, byline: bool | None = None, content_type: str = "",
        format: TextFormat = "text", visible: bool = False, links: bool = False,
        min_probability: MinProbability | None = None,
    ) -> str:  # fmt: skip
        """Extract the main content of a page, or the text of the blocks with given labels.

        Parameters
        ----------
        page : str, bytes, Page or Blocks
            The page, as for `classify`.
        keep : collection of str, optional
            Labels of the blocks to include; by default the main content is included.
        url : str, default=""
            Address of the page, as for `classify`.
        headline : bool, optional
            Whether to include the headline of the story; by default see `Classified.text`.
        byline : bool, optional
            Whether to include the byline; by default see `Classified.text`.
        content_type : str, default=""
            Content-Type header of the page, as for `classify`.
        format : {"text", "markdown"}, default="text"
            Plain text or Markdown; see `Classified.text`.
        visible : bool, default=False
            Whether to leave out blocks that are hidden from a reader of the page.
        links : bool, default=False
            Whether Markdown has the address of a block that is nearly all link.
        min_probability : float or mapping of str to float, optional
            Least probability of the labels of `keep`; see `Classified.text`.

        Returns
        -------
        str
            The text; "" if no block is chosen.

        Raises
        ------
        BadPage
            If the page has no text.
        UsageError
            If it is only a path or an address, the model does not have a label of `keep`, there is no such format, or
            `min_probability` is no probability of a label of `keep`.

        Examples
        --------
        >>> import pageblocks
        >>> html = "<h1>The night ferry sails again</h1><p>It left on Monday."
        >>> pageblocks.load().extract(html, headline=False)
        'It left on Monday.'
        >>> pageblocks.load().extract(html, keep={"article", "caption"})
        'The night ferry sails again\\n\\nIt left on Monday.'
        >>> pageblocks.load().extract(html, keep={"article"}, min_probability=0.999)
        ''
        >>> pageblocks.load().extract(html, headline=True, format="markdown")
        '# The night ferry sails again\\n\\nIt left on Monday.'
        """
        if keep is not None or not hasattr(self, "predict_both"):
            known_labels({STORY} if keep is None else keep, self)
        least_of(keep, min_probability)
        (found,) = label_pages([as_blocks(page, url, content_type)], self)
        how: dict[str, Any] = {"format": format, "visible": visible, "links": links}
        return found.text(keep, headline, byline, min_probability=min_probability, **how)


def known_labels(keep: Collection[str], model: BlockModel) -> None:
    """Raise UsageError if the model does not have a label of `keep`."""
    if isinstance(keep, str):
        raise UsageError(f"keep is a set of labels: {{{keep!r}}}, not {keep!r}")
    if wrong := unknown_labels(keep, [str(name) for name in model.classes_]):
        raise UsageError(wrong)


def unknown_labels(keep: Collection[str], labels: Sequence[str]) -> str:
    """An error message if `keep` has other labels than these, else ""."""
    unknown = sorted(set(keep) - set(labels))
    if not unknown:
        return ""
    mend = "; give keep once for each label" if any("," in name for name in unknown) else ""
    return f"the model has no label {', '.join(map(repr, unknown))}; it has {', '.join(labels)}{mend}"


def as_blocks(page: Source, url: str = "", content_type: str = "") -> Blocks:
    """The blocks of a page in any form. A page given as str or bytes gets the id `page`.

    Raises UsageError if it is only a path or an address.
    """
    if isinstance(page, Blocks):
        return page
    if isinstance(page, (str, bytes)):
        refuse_name(page)
        page = page_given("page", "page", page, url=url, content_type=content_type)
    if isinstance(page, os.PathLike):
        raise only_a_name(str(page), "path")
    if not isinstance(page, Page):
        raise UsageError(
            f"a page is str, bytes, Page or Blocks, not {type(page).__name__}; pageblocks.read_pages reads files and "
            "archives, "
            "classify_many takes several pages"
        )
    return segment(page)


def segment_pages(pages: Iterable[Source], on_error: OnError | None = None) -> Iterator[Blocks]:
    """The blocks of each page. The error of a page without blocks goes to `on_error`; without it the error is raised.

    Raises UsageError for a single page instead of several.
    """
    if isinstance(pages, (str, bytes, bytearray, os.PathLike, Page, Blocks)):
        raise UsageError(
            f"pages are a list or an iterator of pages, not {type(pages).__name__}; classify takes one page"
        )
    return _segmented(pages, on_error)


def _segmented(pages: Iterable[Source], on_error: OnError | None) -> Iterator[Blocks]:
    for page in pages:
        try:
            yield as_blocks(page)
        except PageblocksError as error:
            if on_error is None:
                raise
            on_error(error)


def classify(
    pages: Iterable[Source], model: BlockModel, batch: int = 32, *, on_error: OnError | None = None
) -> Iterator[Classified]:
    """Label the blocks of each page, in order, with one prediction for each `batch` pages.

    Errors go to `on_error` as in `segment_pages`.
    """
    return _in_batches(pages, model, batch, on_error=on_error)


def _in_batches(
    pages: Iterable[Source], model: BlockModel, batch: int, *, on_error: OnError | None
) -> Iterator[Classified]:
    waiting: list[Blocks] = []
    for blocks in segment_pages(pages, on_error):
        waiting.append(blocks)
        if len(waiting) >= batch:
            yield from label_pages(waiting, model)
            waiting = []
    if waiting:
        yield from label_pages(waiting, model)


def label_pages(pages: list[Blocks], model: BlockModel, main: bool = True) -> Iterator[Classified]:
    """Label all pages with one prediction; without `main` main content is not estimated."""
    classes = [str(name) for name in model.classes_]
    both = getattr(model, "predict_both", None) if main else None
    answers = both(pages) if both else [(p, None) for p in model.predict_proba(pages)]
    for blocks, (probabilities, likely) in zip(pages, answers, strict=True):
        labels = [classes[i] for i in probabilities.argmax(axis=1)] if len(blocks) else []
        yield Classified(blocks, labels, probabilities, classes, likely)
