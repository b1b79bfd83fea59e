"""Ray Data: a callable class for `map_batches`. Each actor opens the model once.

>>> import ray
>>> pages = ray.data.read_parquet("crawl/")                       # columns html (or text), url, id
>>> clean = pages.map_batches(LabelBlocks, concurrency=(1, 8), batch_size=64)
>>> clean.write_parquet("clean/")

Ray itself is not imported: a batch is a dictionary of columns, as with Ray's default `batch_format="numpy"`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..classify.layout import TextFormat, known_format
from ..classify.least import MinProbability, least_of
from ..classify.result import Classified, hidden
from ..classify.run import as_blocks, known_labels
from ..errors import BadPage, MissingColumn
from ..page import Format
from ..readers.given import page_given
from ..support.limits import TooLong, limited
from ..support.text import counted

Batch = dict[str, Any]


class LabelBlocks:
    """Label the blocks of a batch of pages.

    A batch needs a column of HTML or of plain text; a row that has both is read as HTML. The result has all columns
    except these two, and in addition:

    - `clean`: the main content, or the text of the blocks with a label in `keep`;
    - `title`: the title of the page;
    - `texts`, `tags`, `hidden`, `labels`: of each block the text, the tag, whether it is hidden, and the label;
    - `probabilities`: for each block a list in the order of the attribute `classes` (alphabetical);
    - `note`: a remark on how the page was read, mostly "";
    - `error`: why the page could not be used or took too long, else "".

    No row is lost.

    Parameters
    ----------
    keep : collection of str, optional
        Labels of the blocks in `clean`; by default it is the main content.
    model : str or Path, default="default"
        The default model, or the folder of another.
    html : str, default="html"
        Column with the HTML of the page, as str or bytes.
    text : str, default="text"
        Column with a page of plain text, as str or bytes.
    url : str, default="url"
        Column with the address of the page, which may be missing.
    id : str, default="id"
        Column with the id of the page, which may be missing.
    time_limit : float, default=10.0
        Most seconds of processor time for one page.
    content_type : str, default="content_type"
        Column with a Content-Type header, which shows what is XHTML and the encoding of bytes; it may be missing.
    format : {"text", "markdown"}, default="text"
        Whether `clean` is plain text or Markdown.
    visible : bool, default=False
        Whether `clean` leaves out text that is hidden from a reader of the page.
    min_probability : float or mapping of str to float, optional
        Least probability of the labels of `keep`, or of each of them; see `Classified.text`.

    Raises
    ------
    BadModel
        If there is no such model.
    UsageError
        If the model does not have a label of `keep`, `keep` is a str, there is no such format, or `min_probability` is
        no probability of a label of `keep`.
    """

    def __init__(
        self, keep: Collection[str] | None = None, model: str | Path = "default", html: str = "html",
        *, text: str = "text",
        url: str = "url", id: str = "id", time_limit: float = 10.0, content_type: str = "content_type",
        format: TextFormat = "text", visible: bool = False, min_probability: MinProbability | None = None,
    ) -> None:  # fmt: skip
        from ..model import load  # start-up

        self.model = load(model)
        known_labels(keep or (), self.model)
        self.keep = None if keep is None else frozenset(keep)
        least = least_of(keep, min_probability) or None
        self.how: dict[str, Any] = {"format": known_format(format), "visible": visible, "min_probability": least}
        self.classes = [str(name) for name in self.model.classes_]
        self.columns = (html, text, url, id, content_type)
        self.time_limit = time_limit

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> Batch:
        """Label a batch of rows.

        Parameters
        ----------
        batch : mapping of str to sequence
            The columns, of equal length.

        Returns
        -------
        dict
            The columns of the result.

        Raises
        ------
        MissingColumn
            If the batch has neither HTML nor plain text.
        """
        html, text, *_ = self.columns
        present = [name for name in (html, text) if name in batch]
        if not present:
            raise MissingColumn(
                f"no column {html!r} or {text!r}; the batch has {', '.join(batch)}; name one with html=... or text=..."
            )
        errors = [""] * len(batch[present[0]])
        blocks = []
        for k in range(len(errors)):
            name, given = self._page(batch, k)
            try:
                with limited(self.time_limit):
                    content, url, said, format = given
                    page = page_given(name, name, content, url=url, content_type=said, format=format)
                    blocks.append(as_blocks(page))
            except BadPage as error:
                errors[k] = str(error)
            except TooLong:
                errors[k] = f"{name}: takes longer than {counted(self.time_limit, 'second')}; cut off"
        found = iter(self.model.classify_many(blocks, batch=max(1, len(blocks))))
        rows = [None if error else next(found) for error in errors]
        return (
            {name: batch[name] for name in batch if name not in present}
            | self._columns(rows)
            | {"error": _objects(errors)}
        )

    def _page(self, batch: Mapping[str, Sequence[Any]], k: int) -> tuple[str, tuple[str | bytes, str, str, Format]]:
        """The page's name; its content, address, Content-Type and format."""

        def cell(name: str) -> Any:
            value = batch[name][k] if name in batch else None
            return "" if value is None else value

        html, text, url, id, said = (cell(name) for name in self.columns)
        given = html if len(html) else text
        content = bytes(given) if isinstance(given, (bytes, bytearray, memoryview)) else str(given)
        return str(id) or str(url) or "page", (content, str(url), str(said), "html" if len(html) else "text")

    def _columns(self, rows: list[Classified | None]) -> Batch:
        return {
            "clean": _objects([row.text(self.keep, **self.how) if row else "" for row in rows]),
            "title": _objects([row.blocks.title if row else "" for row in rows]),
            "note": _objects([str(row.blocks.note or "") if row else "" for row in rows]),
            "texts": _objects([row.blocks.text if row else [] for row in rows]),
            "tags": _objects([row.blocks.tag if row else [] for row in rows]),
            "hidden": _objects([hidden(row.blocks) if row else [] for row in rows]),
            "labels": _objects([row.labels if row else [] for row in rows]),
            "probabilities": _objects([np.round(row.probabilities, 4).tolist() if row else [] for row in rows]),
        }


def _objects(values: list[Any]) -> np.ndarray[Any, Any]:
    column = np.empty(len(values), object)
    for k, value in enumerate(values):  # of lists that happen to have equal lengths numpy would make a table
        column[k] = value
    return column
