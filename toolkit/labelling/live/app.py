"""Label Studio's protocol for servers of suggestions: /health, /setup, /predict, /webhook. It takes a password."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from xml.etree import ElementTree

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from ...errors import first_problem
from .register import USER
from .suggest import Suggester

if TYPE_CHECKING:
    from .refit import Refitter
    from .refresh import Refresher

LARGEST = 100_000_000  # bytes of a request; all open tasks of a project may come at once
_COUNTED = {"ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED"}
_Kind = TypeVar("_Kind", bound=BaseModel)


class Asked(BaseModel):
    """/predict: tasks as the project has them, and its configuration."""

    tasks: list[Any]
    label_config: str


class Event(BaseModel):
    """/webhook: what happened. `annotation` (one or several) and `annotations` name what was made, changed or
    deleted.
    """

    action: str
    annotation: Any = None
    annotations: Any = None


def make_app(
    suggester: Suggester,
    password: str,
    refitter: Refitter | None = None,
    *,
    refresher: Refresher | None = None,
    largest: int = LARGEST,
) -> FastAPI:
    """The web application. `refitter` is notified of new annotations, `refresher` of new pages; None keeps the model,
    or the suggestions, as they are.
    """

    def known(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> None:
        user = secrets.compare_digest(given.username.encode("utf-8", "replace"), USER.encode())
        right = secrets.compare_digest(given.password.encode("utf-8", "replace"), password.encode())
        if not (user and right):
            raise HTTPException(401, "wrong user or password", {"WWW-Authenticate": "Basic"})

    app = FastAPI(title="pageblocks", docs_url=None, redoc_url=None, openapi_url=None)
    locked = [Depends(known)]

    @app.get("/")
    @app.get("/health")
    async def health() -> dict[str, Any]:
        state = refitter.state() if refitter else {}
        return {"status": "UP", "model_class": "BlockClassifier", "model_version": suggester.version, **state}

    @app.post("/setup", dependencies=locked)
    async def setup(request: Request) -> dict[str, Any]:
        await _body(request, largest)  # holds a token of the server, which is not needed
        return {"model_version": suggester.version}

    @app.get("/versions", dependencies=locked)
    async def versions() -> dict[str, Any]:
        return {"versions": [suggester.version]}

    @app.post("/predict", dependencies=locked)
    async def predict(request: Request) -> dict[str, Any]:
        raw = await _body(request, largest)

        def work() -> dict[str, Any]:
            asked = _parse(Asked, raw)
            results, version = suggester.predict(asked.tasks, _names(asked.label_config))
            return {"results": results, "model_version": version}

        return await run_in_threadpool(work)

    @app.post("/webhook", dependencies=locked)
    async def webhook(request: Request) -> dict[str, Any]:
        raw = await _body(request, largest)
        event = await run_in_threadpool(_parse, Event, raw)
        if refitter is not None and event.action in _COUNTED:
            refitter.note(_ids(event))
        elif refitter is not None and event.action == "START_TRAINING":
            refitter.start()
        elif refresher is not None and event.action == "TASKS_CREATED":
            refresher.soon()
        return {"status": "ok"}

    @app.middleware("http")
    async def quiet(request: Request, call: Callable[[Request], Awaitable[Any]]) -> Any:
        answer = await call(request)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return app


async def _body(request: Request, largest: int) -> bytes:
    """The whole of a request; an over-long one is refused before it is read."""
    told = request.headers.get("content-length", "0")
    parts, size = [], int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0
    if size <= largest:
        size = 0
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > largest:
                break
    if size > largest:
        raise HTTPException(413, f"more than {largest} bytes in one request", {"Connection": "close"})
    return b"".join(parts)


def _parse(kind: type[_Kind], raw: bytes) -> _Kind:
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise HTTPException(422, " ".join(f"{where} {first_problem(first)}".split())[:300]) from None


def _names(config: str) -> set[str]:
    try:
        return {str(label.get("value")) for label in ElementTree.fromstring(config).iter("Label")}
    except (ElementTree.ParseError, ValueError, RecursionError):
        raise HTTPException(422, "label_config is not XML") from None


def _ids(event: Event) -> set[str]:
    """The annotations that an event is about. One that is reported repeatedly counts once."""
    rows: list[Any] = []
    for found in (event.annotation, event.annotations):
        rows += found if isinstance(found, list) else [] if found is None else [found]
    ids = {str(row["id"]) for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int | str)}
    return {id for id in ids if len(id) < 40}
