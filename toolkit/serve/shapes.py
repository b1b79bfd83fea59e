"""What the service takes and gives, for its OpenAPI description. (What comes in is read by `toolkit.serve.body`.)"""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field

from ..classify.layout import TextFormat

LONGEST_ID, LONGEST_URL, LONGEST_TYPE = 200, 2000, 200  # characters
ANNOTATE = "also return the page itself, and the place of each block in it, for labelling"


class BlockOut(BaseModel):
    """A block: `hidden` where a reader does not see it; `probabilities` has one entry for each label, sorted by
    name.
    """

    id: str
    text: str
    tag: str
    hidden: bool
    label: str
    probabilities: dict[str, float]


class PlacedBlockOut(BlockOut):
    """With `main`, whether it is main content, and its `place` in the page as label files have it: [start, end, hash,
    number among equal ones].
    """

    main: bool
    place: list[int | str]


class PageOut(BaseModel):
    """A page, as `pageblocks classify --format jsonl` writes it. `note` is what to know of how it was read, mostly
    "".
    """

    id: str
    source: str
    url: str
    title: str
    note: str
    blocks: list[BlockOut]


class AnnotateOut(PageOut):
    """With `annotate`: `content` is the page, gzipped and in base64, as `pageblocks import` reads it."""

    language: str
    sha256: str
    content: str
    content_type: str
    blocks: list[PlacedBlockOut]  # type: ignore[assignment]


class TextOut(BaseModel):
    """The main content, or the text of the blocks that were to be kept, as plain text or Markdown."""

    id: str
    source: str
    title: str
    note: str
    text: str


class ErrorOut(BaseModel):
    """What is wrong, where, and how to fix it, in one line."""

    error: str


class BadPageOut(BaseModel):
    """A page of a batch that cannot be used."""

    id: str
    error: str


class BatchOut(BaseModel):
    """The pages in the order in which they were sent; a bad one is reported in its place."""

    pages: list[PageOut | BadPageOut]


class HealthOut(BaseModel):
    """`status` is ok as long as anything answers; `model` names its weights."""

    model_config = ConfigDict(protected_namespaces=())

    status: str
    version: str
    model: str
    labels: list[str]
    workers: int
    requests: int = Field(description="requests that are processed or wait")
    queue: int = Field(description="requests that may wait while all workers are busy")


_URL = {"type": "string", "maxLength": LONGEST_URL}
_ID = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID, "default": "page"}


def page_schema(keep: bool = False, annotate: bool = False) -> dict[str, Any]:
    """Exactly one of html, text, or url alone. In JSON Schema, as pydantic has no way to say it."""
    common: dict[str, Any] = {"id": _ID}
    if annotate:
        common["annotate"] = {"type": "boolean", "default": False, "description": ANNOTATE}
    if keep:
        common["keep"] = {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "description": "labels (default: the main content)",
        }
        common["format"] = {"enum": list(get_args(TextFormat)), "default": "text"}
        common["visible"] = {
            "type": "boolean",
            "default": False,
            "description": "leave out text that a reader of the page does not see",
        }
        probability = {"type": "number", "minimum": 0, "maximum": 1}
        common["min_probability"] = {
            "oneOf": [probability, {"type": "object", "additionalProperties": probability}],
            "description": "least probability of the labels in keep, or of each of them",
        }
    said = {"type": "string", "maxLength": LONGEST_TYPE, "description": "the page's Content-Type; identifies XHTML"}
    address = {**_URL, "description": "the page's address; never fetched"}
    fetched = {**_URL, "pattern": r"^https?://", "description": "an address to fetch"}

    def shape(title: str, required: str, fields: dict[str, Any]) -> dict[str, Any]:
        properties = {**fields, **common}
        return {
            "title": title, "type": "object", "required": [required], "additionalProperties": False,
            "properties": properties
        }  # fmt: skip

    return {
        "oneOf": [
            shape("HTML", "html", {"html": {"type": "string"}, "url": address, "content_type": said}),
            shape("plain text", "text", {"text": {"type": "string"}, "url": address, "content_type": said}),
            shape("an address", "url", {"url": fetched}),
        ]
    }


def body(schema: dict[str, Any], raw: bool) -> dict[str, Any]:
    """A request's body in OpenAPI: JSON, and (`raw`) the page itself."""
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    if raw:
        content |= {
            kind: {"schema": {"type": "string"}} for kind in ("text/html", "application/xhtml+xml", "text/plain")
        }
    return {"requestBody": {"required": True, "content": content}}


def batch_schema(most: int) -> dict[str, Any]:
    """The JSON schema of a batch of at most `most` pages."""
    return {
        "type": "object", "required": ["pages"], "additionalProperties": False,
        "properties": {"pages": {"type": "array", "minItems": 1, "maxItems": most, "items": page_schema()}},
    }  # fmt: skip
