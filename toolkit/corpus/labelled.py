"""Labelled pages from elsewhere: JSON lines, a page with its texts and their labels on each.

{"id", "url", "sha256", "html": FILE, "blocks": [{"text", "label"}, ...]}: `html` is the page's file beside the file of
labels, gzipped or not, `blocks` its texts in reading order. A null label is a text without a label. Instead of `html`
a line may hold the page itself: `content` is its bytes, gzipped or not, in base64. The labels are gold, or, with an
`annotator`, what this person said. The page of `pageblocks serve` writes such lines, with the scheme in them.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import BadInput, BadScheme, Mismatch, first_problem
from ..page import Page
from ..readers import page_of
from ..readers.given import page_given
from ..scheme import Scheme
from ..standoff import GOLD
from ..support.files import read_jsonl


@dataclass
class LabelledRow:
    """A line: a page, its texts, and a label or None for each of them.

    `place` is for messages. `by_hand` is for each text whether the annotator set this label on the text itself, and did
    not only accept it with others; None in lines that do not have an annotator.
    """

    page: Page
    place: str
    texts: list[str]
    labels: list[str | None]
    annotator: str = GOLD
    created_at: str = ""
    suggested_by: str = ""
    by_hand: list[bool] | None = None
    suggested: list[str | None] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    def counts(self) -> Counter[str]:
        """One page, and its blocks by how they were labelled."""
        found = Counter(pages=1)
        for label, suggested, hand in zip(self.labels, self.suggested, self.by_hand or (), strict=True):
            if label is not None:
                found["set" if hand else "accepted"] += 1
                found["corrected"] += label != suggested
        return found


def is_labelled(source: str | Path) -> bool:
    """Whether a source is a file of labelled pages: JSON lines with `blocks`."""
    path = Path(source)
    if path.suffix != ".jsonl" or not path.is_file():
        return False
    return "blocks" in next(read_jsonl(path), {})


def scheme_of_rows(paths: Sequence[Path], given: Scheme | None) -> Scheme:
    """The given scheme, else the one that is in the first line of a file, else the one that comes with pageblocks."""
    for path in paths if given is None else ():
        if isinstance(found := next(read_jsonl(path), {}).get("scheme"), dict):
            try:
                return Scheme.model_validate(found)
            except ValidationError as error:
                problem = first_problem(dict(error.errors(include_url=False)[0]))
                raise BadScheme(f"{path}: not a scheme ({problem}); give one with --scheme FILE") from error
    return given or Scheme.default()


def read_labelled(paths: Sequence[Path], scheme: Scheme) -> Iterator[LabelledRow]:
    """The lines of these files. Raises BadInput for one that is no labelled page, BadScheme for other labels."""
    for path in paths:
        for row in read_jsonl(path):
            yield _read(row, path, scheme)


def _read(row: dict[str, Any], path: Path, scheme: Scheme) -> LabelledRow:
    try:
        id, packed = str(row["id"]), row.get("content")
        file = "" if packed is not None else str(row["html"])
        texts = [str(block["text"]) for block in row["blocks"]]
        labels = [None if block["label"] is None else str(block["label"]) for block in row["blocks"]]
        content = b"" if packed is None else base64.b64decode(packed, validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f'{path}: a line is no labelled page ({error}); it needs "id", "html" (or "content") and "blocks"'
        ) from error
    place = f"{path}: page {id!r}"
    if isinstance(other := row.get("scheme"), dict) and f"{other.get('name')}@{other.get('version')}" != scheme.id:
        raise BadScheme(
            f"{place}: its labels are of the scheme {other.get('name')}@{other.get('version')}, not of {scheme.id}; "
            "import pages of each scheme to a folder of their own"
        )
    scheme.refuse_unknown([labels], place)
    if any(not part or part.startswith(".") for part in id.split("/")):
        raise BadInput(
            f"{path}: {id!r} cannot be the id of a page, because it becomes a file name; use letters, digits and "
            "hyphens"
        )
    url, said = str(row.get("url") or ""), str(row.get("content_type") or "")
    if packed is None:
        page = _page_beside(id, file, path, url)
        if said:
            page = page_given(id, page.source, page.content, url=url, content_type=said)
    else:
        page = page_given(id, place, content, url=url, content_type=said)
    if row.get("sha256") and row["sha256"] != page.sha256:
        raise Mismatch(
            f"{page.source}: the page changed since {path.name} was written (its hash differs); restore the file"
        )
    found = LabelledRow(page, place, texts, labels)
    if row.get("source"):
        found.facts = {"source": str(row["source"])}
    if (name := str(row.get("annotator") or GOLD)) != GOLD:
        found.annotator = name
        found.created_at, found.suggested_by = str(row.get("created_at") or ""), str(row.get("suggested_by") or "")
        found.by_hand = [block.get("how") != "accepted" for block in row["blocks"]]
        found.suggested = [block.get("suggested") for block in row["blocks"]]
    return found


def _page_beside(id: str, file: str, labelled: Path, url: str) -> Page:
    path = (labelled.parent / file).resolve()
    if not path.is_relative_to(labelled.parent.resolve()):
        raise BadInput(f"{labelled}: the file of page {id!r} is outside the folder ({file}); correct `html`")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be read ({error.strerror or error}); restore the file, or remove its line from "
            f"{labelled.name}"
        ) from error
    return page_of(id, str(path), content, url=url)
