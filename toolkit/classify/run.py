"""Pages -> labelled blocks: what `pageblocks classify` does, as a library.

>>> import pageblocks
>>> model = pageblocks.load()
>>> page = model.classify("<h1>The night ferry sails again</h1><p>It left on Monday.", url="https://ferry.example/news")
>>> page.labels
['article', 'article']
>>> model.extract("<h1>The night ferry sails again</h1><p>It left on Monday.")
'The night ferry sails again\n\nIt left on Monday.'

Stands below the model: all that it asks of one is `classes_` and `predict_proba` (`Labels`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ..errors import PageblocksError, UsageError
from ..page import Blocks, Page
from ..segment import segment
from .only_a_name import only_a_name, refuse_name
from .result import STORY, Classified

if TYPE_CHECKING:
    import numpy as np

OnError = Callable[[PageblocksError], None]
# What can be classified: the HTML or plain text of a page (bytes: in any encoding), a page, or its blocks.
Source: TypeAlias = str | bytes | Page | Blocks


class Labels(Protocol):
    """What labels blocks: names of labels, and for each page an array (blocks, labels) of probabilities."""

    classes_: Any

    def predict_proba(self, pages: Sequence[Blocks]) -> Sequence[np.ndarray[Any, Any]]: ...


class Classifies:
    """What a classifier of blocks does with whole pages. Needs `classes_` and `predict_proba` (see `Labels`)."""

    def classify(self: Labels, page: Source, url: str = "", content_type: str = "") -> Classified:
        """Label the blocks of one page.

        `page` is HTML or plain text as str or bytes (told apart by how it begins), a `Page`, or `Blocks`. `url` helps
        where the page is str or bytes; it is never fetched. `content_type` is the header that such a page came with: it
        tells what is XHTML or plain text, and the encoding of bytes. Raises `PageblocksError` for a page without text,
        and for a path or an address in place of a page (`pageblocks.read_pages` reads those).

        >>> page = pageblocks.load().classify(html, url="https://ferry.example/news")
        >>> for block, label in zip(page.blocks, page.labels):
        ...     print(label, block.text)
        """
        (found,) = labelled([as_blocks(page, url, content_type)], self)
        return found

    def classify_many(
        self: Labels, pages: Iterable[Source], batch: int = 32, on_error: OnError | None = None
    ) -> Iterator[Classified]:
        """Label the blocks of many pages, in their order, `batch` pages in memory at a time. Several times as fast as
        one by one.

        A page that cannot be used goes to `on_error` and the next follows; without it the error is raised.

        >>> bad = []
        >>> for page in pageblocks.load().classify_many(pageblocks.read_pages(["CRAWL.warc.gz"]), on_error=bad.append):
        ...     print(page.blocks.page.url, page.text({"article"}))
        """
        return _in_batches(pages, self, batch, on_error)

    def extract(
        self: Labels, page: Source, keep: Collection[str] | None = None, url: str = "", headline: bool | None = None,
        byline: bool | None = None, content_type: str = "",
    ) -> str:  # fmt: skip
        """The main content of the page, an empty line between two blocks; "" where it has none.

        `keep` names labels instead: the text of their blocks. `headline` and `byline`: with them (True), without them
        (False), or as it comes (see `Classified.text`). `url` and `content_type` as in `classify`. Raises
        `PageblocksError` for a page without text, for a path or an address in place of a page, and for a label that the
        model does not have.

        >>> pageblocks.load().extract(html)
        >>> pageblocks.load().extract(html, headline=True)
        >>> pageblocks.load().extract(html, keep={"article", "caption"}, byline=False)
        """
        if keep is not None or not hasattr(self, "predict_both"):
            known_labels({STORY} if keep is None else keep, self)
        (found,) = labelled([as_blocks(page, url, content_type)], self)
        return found.text(keep, headline, byline)


def known_labels(keep: Collection[str], model: Labels) -> None:
    """Raise PageblocksError where `keep` names a label that the model does not have."""
    if isinstance(keep, str):
        raise UsageError(f"keep is a set of labels: {{{keep!r}}}, not {keep!r}")
    if wrong := unknown_labels(keep, [str(name) for name in model.classes_]):
        raise UsageError(wrong)


def unknown_labels(keep: Collection[str], labels: Sequence[str]) -> str:
    """What is wrong where `keep` names other labels than these; "" where nothing is."""
    unknown = sorted(set(keep) - set(labels))
    if not unknown:
        return ""
    mend = "; give keep once for each label" if any("," in name for name in unknown) else ""
    return f"the model has no label {', '.join(map(repr, unknown))}; it has {', '.join(labels)}{mend}"


def as_blocks(page: Source, url: str = "", content_type: str = "") -> Blocks:
    """The blocks of whatever a page comes as. A str or bytes page has the id `page`.

    Raises `PageblocksError` for what is only the name of a page: a path or an address.
    """
    if isinstance(page, Blocks):
        return page
    if isinstance(page, (str, bytes)):
        from ..readers.given import page_given

        refuse_name(page)
        page = page_given("page", "page", page, url, content_type)
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
    """The blocks of each page. A page without any goes to `on_error` and the next follows; without it the error is
    raised.

    Raises `PageblocksError` for a single page in place of several.
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
    pages: Iterable[Source], model: Labels, batch: int = 32, on_error: OnError | None = None
) -> Iterator[Classified]:
    """Label the blocks of each page, in the order of the pages. `batch` pages share one prediction, which is what makes
    it fast.

    Source: any pages, for example `read_pages(["crawl/"])`. Errors go to `on_error` as in `segment_pages`.
    """
    return _in_batches(pages, model, batch, on_error)


def _in_batches(pages: Iterable[Source], model: Labels, batch: int, on_error: OnError | None) -> Iterator[Classified]:
    waiting: list[Blocks] = []
    for blocks in segment_pages(pages, on_error):
        waiting.append(blocks)
        if len(waiting) >= batch:
            yield from labelled(waiting, model)
            waiting = []
    if waiting:
        yield from labelled(waiting, model)


def labelled(pages: list[Blocks], model: Labels, main: bool = True) -> Iterator[Classified]:
    """The pages with their labels, from one prediction for all of them. Without `main` the model is not asked for
    that.
    """
    classes = [str(name) for name in model.classes_]
    both = getattr(model, "predict_both", None) if main else None
    answers = both(pages) if both else [(p, None) for p in model.predict_proba(pages)]
    for blocks, (probabilities, likely) in zip(pages, answers, strict=True):
        labels = [classes[i] for i in probabilities.argmax(axis=1)] if len(blocks) else []
        yield Classified(blocks, labels, probabilities, classes, likely)
