"""One process of the service: it loads the model once, and makes pages into JSON.

It ends when the main process is gone (its pipe closes).
"""

from __future__ import annotations

import contextlib
import signal
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from ..classify.result import Classified
from ..classify.run import label_pages
from ..errors import PageblocksError, internal_error
from ..page import Blocks, Format, Page
from ..readers.given import page_given
from ..segment import segment
from ..support.dump import to_json
from ..support.limits import TooLong, limited
from ..support.text import counted


@dataclass(frozen=True)
class Ask:
    """A page as it was sent. `content_type`: as its transport said it; `kind`: html or text where a field says so, else
    "". `keep`: only the text of these labels, () for the main content.
    """

    content: bytes | str = field(repr=False)
    id: str = "page"
    source: str = "page"
    kind: Format | None = None
    url: str = ""
    content_type: str = ""
    keep: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Answer:
    """A page as JSON, or why there is none; and how many blocks got which label."""

    body: bytes = b""
    error: str = ""
    counts: dict[str, int] = field(default_factory=dict)


Tell = Callable[[int], None]


def work(model: str, time_limit: float, max_bytes: int, *, pipe: Connection) -> None:
    """In: lists of Ask. Out: ("ready", facts) once; then ("at", number of the page) on the way and ("done",
    answers).
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # they reach the main process too, which ends us in order
        signal.signal(number, signal.SIG_IGN)
    warnings.simplefilter("ignore")
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        from threadpoolctl import threadpool_limits  # start-up

        from ..model import load  # start-up

        try:
            classifier = load(model)
        except PageblocksError as error:
            pipe.send(("fatal", error))
            return
        with threadpool_limits(1):  # the processes are the parallel part
            pipe.send(("ready", {"labels": [str(name) for name in classifier.classes_], "model": classifier.version}))
            while True:
                asks: list[Ask] = pipe.recv()
                pipe.send(
                    (
                        "done",
                        label(asks, classifier, time_limit, max_bytes=max_bytes, tell=lambda at: pipe.send(("at", at))),
                    )
                )


def label(asks: Sequence[Ask], model: Any, time_limit: float, *, max_bytes: int, tell: Tell) -> list[Answer]:
    """An answer for each page, in their order. `tell` hears which page is looked at; -1: all of them."""
    answers: list[Answer | None] = [None] * len(asks)
    found: list[tuple[int, Blocks]] = []
    for k, ask in enumerate(asks):
        tell(k)
        try:
            with limited(time_limit):
                found.append((k, segment(_page(ask, max_bytes))))
        except BaseException as error:
            answers[k] = _failed(ask, error, time_limit)
    tell(-1)
    for some in [found, *([one] for one in found)]:  # all at once, which is fast; one by one where that fails
        left = [(k, blocks) for k, blocks in some if answers[k] is None]
        if not left:
            continue
        try:
            with limited(time_limit * len(left)):
                for (k, _), page in zip(left, label_pages([blocks for _, blocks in left], model), strict=True):
                    answers[k] = _answer(asks[k], page)
        except BaseException as error:
            if len(left) == 1:
                answers[left[0][0]] = _failed(asks[left[0][0]], error, time_limit)
    return [
        answer or Answer(error="page: internal error (no answer was made); please report it, with the page if you can")
        for answer in answers
    ]


def _page(ask: Ask, max_bytes: int) -> Page:
    return page_given(
        ask.id, ask.source, ask.content, url=ask.url, content_type=ask.content_type, format=ask.kind, largest=max_bytes
    )


def _answer(ask: Ask, page: Classified) -> Answer:
    if ask.keep is None:
        row = page.to_dict()
    else:
        row = {
            "id": ask.id, "source": ask.source, "title": page.blocks.title, "note": str(page.blocks.note or ""),
            "text": page.text(ask.keep or None),
        }  # fmt: skip
    return Answer(to_json(row).encode(), counts=dict(Counter(page.labels)))


def _failed(ask: Ask, error: BaseException, time_limit: float) -> Answer:
    if isinstance(error, PageblocksError):
        return Answer(error=str(error))
    if isinstance(error, TooLong):
        return Answer(error=f"{ask.source}: takes longer than {counted(time_limit, 'second')}; cut off")
    if not isinstance(error, Exception):
        raise error
    return Answer(error=f"{ask.source}: {internal_error(error)}, with the page if you can")
