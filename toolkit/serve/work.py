"""One process of the service: it loads the model once, and makes pages into JSON.

It ends when the main process is gone (its pipe closes).
"""

from __future__ import annotations

import base64
import gzip
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from ..classify.batch import PRELOAD, label_batch
from ..classify.layout import TextFormat
from ..classify.least import MinProbability
from ..classify.result import Classified, chosen_blocks
from ..errors import PageblocksError
from ..page import Format, Page
from ..readers.base import XHTML
from ..readers.given import page_given
from ..standoff import detach
from ..support.dump import to_json
from ..support.workers import working
from .settings import Settings

_XML = (XHTML, "application/xml", "text/xml")


@dataclass(frozen=True)
class Ask:
    """A page as it was sent.

    `content_type`: as its transport said it; `kind`: html or text where a field says so, else "". `keep`: only the text
    of these labels, () for the main content; `format`, `visible` and `min_probability` are about this text. `annotate`:
    also what is needed to label the page and to keep it.
    """

    content: bytes | str = field(repr=False)
    id: str = "page"
    source: str = "page"
    kind: Format | None = None
    url: str = ""
    content_type: str = ""
    keep: tuple[str, ...] | None = None
    format: TextFormat | None = None
    visible: bool | None = None
    annotate: bool = False
    min_probability: MinProbability | None = None


@dataclass(frozen=True)
class Answer:
    """A page as JSON, or why there is none; and how many blocks got which label."""

    body: bytes = b""
    error: str = ""
    counts: dict[str, int] = field(default_factory=dict)


Tell = Callable[[int], None]


def work(settings: Settings, pipe: Connection) -> None:
    """In: lists of Ask. Out: ("ready", facts) once; then ("at", number of the page) on the way and ("done",
    answers).
    """
    with working(PRELOAD):
        from ..model import load  # start-up
        from ..model.scheme import scheme_of_model  # start-up

        try:
            classifier = load(settings.model)
        except PageblocksError as error:
            pipe.send(("fatal", error))
            return
        pipe.send(
            (
                "ready",
                {
                    "labels": [str(name) for name in classifier.classes_],
                    "model": classifier.version,
                    "scheme": scheme_of_model(classifier),
                },
            )
        )
        while True:
            asks: list[Ask] = pipe.recv()
            answers = label(
                asks,
                classifier,
                settings.time_limit,
                max_bytes=settings.max_bytes,
                tell=lambda at: pipe.send(("at", at)),
            )
            pipe.send(("done", answers))


def label(asks: Sequence[Ask], model: Any, time_limit: float, *, max_bytes: int, tell: Tell) -> list[Answer]:
    """An answer for each page, in their order. `tell` is called with the number of the page at hand; -1: all."""
    found = label_batch(
        [ask.source for ask in asks],
        lambda k: _page(asks[k], max_bytes),
        model,
        time_limit=time_limit,
        looking_at=tell,
    )
    return [
        Answer(error=page) if isinstance(page, str) else _answer(ask, page)
        for ask, page in zip(asks, found, strict=True)
    ]


def _page(ask: Ask, max_bytes: int) -> Page:
    return page_given(
        ask.id, ask.source, ask.content, url=ask.url, content_type=ask.content_type, format=ask.kind, largest=max_bytes
    )


def _answer(ask: Ask, page: Classified) -> Answer:
    if ask.keep is None:
        row = page.to_dict()
        if ask.annotate:
            _add_page_itself(row, page)
    else:
        row = {
            "id": ask.id, "source": ask.source, "title": page.blocks.title, "note": str(page.blocks.note or ""),
            "text": page.text(
                ask.keep or None, format=ask.format or "text", visible=bool(ask.visible),
                min_probability=ask.min_probability,
            ),
        }  # fmt: skip
    return Answer(to_json(row).encode(), counts=dict(Counter(page.labels)))


def _add_page_itself(row: dict[str, Any], page: Classified) -> None:
    """The bytes of the page, and of each block the place in it and whether it is main content."""
    itself = page.blocks.page
    type = itself.type if itself.type in _XML else "text/html" if itself.format == "html" else "text/plain"
    row |= {
        "sha256": itself.sha256,
        "content": base64.b64encode(gzip.compress(itself.content, mtime=0)).decode(),
        "content_type": f"{type}; charset={itself.encoding}" if itself.encoding else type,
        "language": page.blocks.language,
    }
    main = set(chosen_blocks(page))
    for i, (block, run) in enumerate(zip(row["blocks"], detach(page.blocks, page.labels, "").labels, strict=True)):
        block |= {"main": i in main, "place": [run.start, run.end, run.hash, run.nth]}
