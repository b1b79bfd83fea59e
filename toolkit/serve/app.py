"""The service as an ASGI application: which path does what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from .. import __version__
from ..classify.layout import TextFormat
from ..classify.least import MinProbability, least_of
from ..classify.run import unknown_labels
from ..errors import UsageError, first_problem
from ..support.dump import to_json
from ..support.text import counted
from .admission import Gate
from .body import is_json, json_page, raw_page, read_body, read_json, refuse_unknown_parameters
from .errors import Refused, one_line
from .metrics import Metrics
from .middleware import Outer, error
from .pages import docs_page, front_page
from .pool import Pool
from .settings import Settings
from .shapes import (
    ANNOTATE,
    LONGEST_ID,
    LONGEST_URL,
    AnnotateOut,
    BatchOut,
    ErrorOut,
    HealthOut,
    PageOut,
    TextOut,
    batch_schema,
    body,
    page_schema,
)
from .work import Answer, Ask

_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorOut, "description": why}
    for status, why in {
        400: "The body is not JSON", 408: "The body did not arrive in time", 413: "The body is too large",
        415: "Unsupported content type",
        422: "The page cannot be used", 503: "Too many requests; Retry-After says when to try again",
    }.items()
}  # fmt: skip
Address = Annotated[str, Query(alias="url", max_length=LONGEST_URL, description="the page's address; never fetched")]
Id = Annotated[str, Query(alias="id", min_length=1, max_length=LONGEST_ID, description="the page's id in the answer")]
Keep = Annotated[list[str] | None, Query(alias="keep", description="labels to keep (default: the main content)")]
TextKind = Annotated[TextFormat, Query(alias="format", description="plain text or Markdown")]
Annotate = Annotated[bool, Query(alias="annotate", description=ANNOTATE)]
Least = Annotated[
    float | None, Query(alias="min_probability", description="least probability of the labels in keep", ge=0, le=1)
]
Visible = Annotated[bool, Query(alias="visible", description="leave out text that a reader of the page does not see")]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service. Starts its processes at once, and ends them when the application is shut down.

    Raises BadModel where the model cannot be opened.
    """
    chosen = settings or Settings()
    pool = Pool(chosen, lambda: metrics.restarts.inc())
    metrics = Metrics(lambda: float(gate.inside))
    gate = Gate(chosen, pool, metrics)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        gate.close()

    async def only_known_parameters(request: Request) -> None:
        if request.method == "POST":
            route = request.scope["route"]
            refuse_unknown_parameters(request, [field.alias for field in route.dependant.query_params])

    app = FastAPI(
        dependencies=[Depends(only_known_parameters)],
        title="pageblocks", version=__version__, summary="Label the blocks of web pages", lifespan=life,
        docs_url=None, redoc_url=None,  # those load scripts from elsewhere; /docs is served from here
    )  # fmt: skip
    app.state.gate = gate

    @app.exception_handler(Refused)
    async def _refused(_: Request, refused: Refused) -> Response:
        return answer_error(refused)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, fault: HTTPException) -> Response:
        return answer_error(Refused(fault.status_code, str(fault.detail), dict(fault.headers or {})))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, fault: RequestValidationError) -> Response:
        first = fault.errors()[0]
        return answer_error(Refused(422, f"{'.'.join(map(str, first['loc'][1:]))}: {first_problem(first)}"))

    @app.post(
        "/classify", response_model=AnnotateOut | PageOut, responses=_REFUSALS,
        response_description="The page and its blocks", openapi_extra=body(page_schema(annotate=True), raw=True),
    )  # fmt: skip
    async def classify(request: Request, url: Address = "", id: Id = "page", *, annotate: Annotate = False) -> Response:
        """Label the blocks of one page, with the probability of every label.

        The body is the page itself (HTML or plain text), or JSON with html, text, or the url of a page to fetch.
        """
        with gate.entered():
            content = await read_body(request, chosen.max_bytes)
            ask = (
                json_page(read_json(content), annotates=True)
                if is_json(request)
                else raw_page(request, content, id, url=url)
            )
            ask = replace(ask, annotate=ask.annotate or annotate)
            (answer,) = await gate.answers([ask])
        return _json(_good(answer))

    @app.post(
        "/classify/batch",
        response_model=BatchOut,
        responses=_REFUSALS,
        response_description="The pages, in their order",
        openapi_extra=body(batch_schema(chosen.max_pages), raw=False),
    )  # fmt: skip
    async def classify_batch(request: Request) -> Response:
        """Label many pages at once, several times as fast as one by one. A bad page is reported in its place."""
        with gate.entered():
            content = await read_body(request, chosen.max_bytes)
            if not is_json(request):
                raise Refused(415, 'send application/json: {"pages": [{"html": "..."}]}')
            pages = _pages(read_json(content), chosen.max_pages)
            wrong: dict[int, Answer] = {}
            asks: list[Ask] = []
            for k, page in enumerate(pages):
                try:
                    asks.append(json_page(page))
                except Refused as refused:
                    wrong[k] = Answer(error=str(refused))
                    metrics.page(wrong[k])
            rest = iter(await gate.answers(asks))
            answers = [wrong[k] if k in wrong else next(rest) for k in range(len(pages))]
        return _json(b'{"pages": [' + b", ".join(_in_place(*pair) for pair in zip(answers, pages, strict=True)) + b"]}")

    @app.post(
        "/extract", response_model=TextOut, response_description="The text",
        openapi_extra=body(page_schema(keep=True), raw=True),
        responses=_REFUSALS | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )  # fmt: skip
    async def extract(
        request: Request, url: Address = "", id: Id = "page",
        *, keep: Keep = None, format: TextKind = "text", visible: Visible = False, min_probability: Least = None,
    ) -> Response:  # fmt: skip
        """Extract the main content of a page, or the text of its blocks with the labels in keep.

        With Accept: text/plain the response is only the text.
        """
        with gate.entered():
            content = await read_body(request, chosen.max_bytes)
            ask = (
                json_page(read_json(content), extracts=True)
                if is_json(request)
                else raw_page(request, content, id, url=url)
            )
            labels = _kept(ask.keep or keep, pool.labels)
            ask = replace(
                ask,
                keep=labels,
                format=ask.format or format,
                visible=visible if ask.visible is None else ask.visible,
                min_probability=_least(labels, min_probability if ask.min_probability is None else ask.min_probability),
            )
            (answer,) = await gate.answers([ask])
        found = _good(answer)
        wanted = request.headers.get("accept", "")
        if "text/plain" in wanted and "application/json" not in wanted:
            return Response(json.loads(found)["text"].encode() + b"\n", media_type="text/plain; charset=utf-8")
        return _json(found)

    @app.get("/health", response_model=HealthOut)
    async def health() -> HealthOut:
        """Report the state and the load of the service. Answers while pages are classified."""
        return HealthOut(
            status="ok", version=__version__, model=pool.model, labels=pool.labels, workers=chosen.workers,
            requests=gate.inside, queue=chosen.queue,
        )  # fmt: skip

    @app.get(
        "/metrics",
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
        response_class=Response,
    )
    async def counts() -> Response:
        """Metrics for Prometheus: requests, latency, pages, blocks by label, bad pages, replaced processes."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    front, policy = front_page(chosen.scheme or pool.scheme, pool.labels, pool.model, most=chosen.max_bytes)

    @app.get("/", include_in_schema=False)
    async def look() -> Response:
        return HTMLResponse(front, headers={"content-security-policy": policy})

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        text, policy = docs_page(app.openapi(), str(request.base_url).rstrip("/"))
        return HTMLResponse(text, headers={"content-security-policy": policy})

    paths = {str(getattr(route, "path", "")) for route in app.routes}
    app.add_middleware(Outer, metrics=metrics, hosts=chosen.hosts, paths=paths)
    return app


def answer_error(refused: Refused) -> Response:
    """The response for a refused request."""
    found: Response = error(refused)
    return found


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


def _good(answer: Answer) -> bytes:
    if answer.error:
        raise Refused(422, answer.error)
    return answer.body


def _pages(given: dict[str, Any], most: int) -> list[Any]:
    pages = given.get("pages")
    if set(given) != {"pages"} or not isinstance(pages, list) or not pages:
        raise Refused(
            422, 'give {"pages": [{"html": "..."}, {"url": "..."}]}, with at least one page and no other keys'
        )
    if len(pages) > most:
        raise Refused(422, f"{counted(len(pages), 'page')}; at most {most:,} at a time")
    return pages


def _in_place(answer: Answer, page: Any) -> bytes:
    if not answer.error:
        return answer.body
    id = page.get("id", "page") if isinstance(page, dict) else "page"
    bad = {"id": id if isinstance(id, str) else "page", "error": one_line(answer.error)}
    return to_json(bad).encode()


def _least(keep: tuple[str, ...], min_probability: MinProbability | None) -> MinProbability | None:
    try:
        return least_of(keep, min_probability) or None
    except UsageError as error:
        raise Refused(422, str(error)) from None


def _kept(keep: Any, labels: list[str]) -> tuple[str, ...]:
    """() means the main content."""
    chosen = tuple(keep or ())
    if wrong := unknown_labels(chosen, labels):
        raise Refused(422, wrong)
    return chosen
