"""JSON lines as spaCy's users keep them: pages with spans, or one text and its label a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..support.files import read_jsonl
from ..support.text import without_surrogates
from .rows import LabelledPage, labelled_block_rows, page_facts

_NEWLINE = re.compile(r"\r\n|\r|\n")


def spans_row(page: LabelledPage) -> dict[str, Any]:
    """{"text", "spans": [{"start", "end", "label"}], "meta"}: the blocks, an empty line between them; offsets in
    characters.
    """
    text, spans = "", []
    for block, label in zip(page.blocks.text, page.labels, strict=True):
        text += "\n\n" if text else ""
        line = " ".join(without_surrogates(block).split())
        if label is not None:
            spans.append({"start": len(text), "end": len(text) + len(line), "label": label})
        text += line
    facts = page_facts(page)
    meta = {"id": facts.pop("page"), **facts, "blocks": page.blocks.ids}
    return {"text": text, "spans": spans, "meta": meta}


def text_rows(page: LabelledPage) -> Iterator[dict[str, Any]]:
    """{"text", "label", "meta"} for each labelled block."""
    for row in labelled_block_rows(page):
        if row["label"] is not None:
            yield {
                "text": row["text"],
                "label": row["label"],
                "meta": {key: row[key] for key in ("page", "block", "position")},
            }


def read_spans(path: Path) -> Iterator[tuple[dict[str, Any], str, list[tuple[int, int, str]]]]:
    """(meta, text, spans) of each line; also of foreign lines, whose `meta` may be empty."""
    for number, row in enumerate(read_jsonl(path), 1):
        try:
            spans = [(int(span["start"]), int(span["end"]), str(span["label"])) for span in row["spans"]]
            text = row["text"]
            meta = row.get("meta") or {}
            if not isinstance(text, str) or not isinstance(meta, dict):
                raise TypeError("`text` is no text, or `meta` no object")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            form = '{"text", "spans": [{"start", "end", "label"}]}'
            raise BadInput(f"{path}:{number}: not a text with spans ({error!r}); a line is {form}") from error
        yield meta, text, spans


def labels_by_span(text: str, lines: list[tuple[int, int]], spans: list[tuple[int, int, str]]) -> list[str | None]:
    """For each block, given by its first line and the line after its last, the label that covers most of its
    characters.
    """
    starts = [0, *(found.end() for found in _NEWLINE.finditer(text)), len(text) + 1]
    labels: list[str | None] = []
    for first, after in lines:
        a, b = starts[first], starts[after] - 1
        covered: Counter[str] = Counter()
        for start, end, label in spans:
            if (amount := min(b, end) - max(a, start)) > 0:
                covered[label] += amount
        labels.append(covered.most_common(1)[0][0] if covered else None)
    return labels
