"""A card as text: YAML head, sections that are written by the command between marks, and everything else, which is
people's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import BadInput

_HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.S | re.M)
# The head's keys in this order; what people add comes after.
_ORDER = ("pretty_name", "license", "language", "library_name", "pipeline_tag", "task_categories", "size_categories",
          "annotations_creators", "tags", "datasets", "metrics", "configs", "dataset_info", "model-index")  # fmt: skip


def read_card(path: Path | str) -> tuple[dict[str, Any], str]:
    """The head and the text below it; ({}, "") where there is no file. Raises BadInput for a head that is no
    YAML.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read ({error})") from error
    return _parts(text, str(path))


def merge_card(
    old: tuple[Mapping[str, Any], str], counted: Mapping[str, Any], given: Mapping[str, Any], *, sections: Mapping[str,
    str],
    body: str,
) -> str:  # fmt: skip
    """A card's text. Of the old one everything stays but the `counted` keys of its head and the marked `sections`.

    `given` are keys for a head that lacks them, `body` the text of a new card; sections that a card has no marks for
    come last.
    """
    head = {**given, **old[0], **counted}
    text = old[1] if old[1].strip() else body
    for name, content in sections.items():
        start, end = f"<!-- pageblocks: {name} -->", f"<!-- /pageblocks: {name} -->"
        section = f"{start}\n{content.strip()}\n{end}"
        before, mark, rest = text.partition(start)
        found = bool(mark) and end in rest
        text = before + section + rest.partition(end)[2] if found else f"{text.rstrip()}\n\n{section}\n"
    return f"---\n{_yaml(head)}---\n{text.rstrip()}\n"


def table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [names, ["---"] + ["--:"] * (len(names) - 1), *rows]
    return "\n".join("| " + " | ".join(markdown_cell(value) for value in line) + " |" for line in lines)


def markdown_cell(value: object, most: int = 100) -> str:
    """A value in a table: page text can neither leave it nor become markup."""
    if isinstance(value, int):
        return f"{value:,}"
    line = "".join(c if c.isprintable() else " " for c in " ".join(str(value).split()))
    return re.sub(r"([\\|`<>*_\[\]])", r"\\\1", line[:most])


def _parts(text: str, name: str) -> tuple[dict[str, Any], str]:
    import yaml  # start-up

    found = _HEAD.match(text)
    if not found:
        return {}, text
    try:
        head = yaml.safe_load(found.group(1)) or {}
    except yaml.YAMLError as error:
        raise BadInput(f"{name}: the head is not YAML ({' '.join(str(error).split()):.200}); correct it") from error
    if not isinstance(head, dict):
        raise BadInput(f"{name}: the head has no keys; correct it")
    return head, text[found.end() :]


def _yaml(head: Mapping[str, Any]) -> str:
    import yaml  # start-up

    known = {key: head[key] for key in _ORDER if key in head}
    rest = {key: value for key, value in head.items() if key not in known}
    # safe_dump puts "no", the language, in quotes.
    return str(yaml.safe_dump({**known, **rest}, sort_keys=False, allow_unicode=True, width=120))
