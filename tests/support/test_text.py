"""Numbers stand with the right form of their noun."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from toolkit.support.text import counted, encode_utf8, without_surrogates

PACKAGE = Path(__file__).parents[2] / "toolkit"


@pytest.mark.parametrize(
    ("words", "right"),
    [
        (counted(1, "page"), "1 page"),
        (counted(0, "page"), "0 pages"),
        (counted(1204, "labelled page"), "1,204 labelled pages"),
        (counted(1, "task", "has"), "1 task has"),
        (counted(2, "task", "has"), "2 tasks have"),
        (counted(3, "person", "is"), "3 people are"),
        (counted(1.0, "second"), "1 second"),
        (counted(2.5, "second"), "2.5 seconds"),
    ],
)
def test_a_number_with_its_noun(words: str, right: str) -> None:
    assert words == right


def test_no_message_writes_a_plural_after_a_number_by_hand() -> None:
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.JoinedStr):
                continue
            for value, after in zip(node.values, node.values[1:], strict=False):
                if not isinstance(value, ast.FormattedValue) or not isinstance(after, ast.Constant):
                    continue
                spec = ast.unparse(value.format_spec) if value.format_spec else ""
                number = (
                    isinstance(value.value, ast.Call) and ast.unparse(value.value.func) in ("len", "sum", "round")
                ) or "," in spec
                noun = re.match(r" (?!is|was|has|does)([a-z]+s)\b(?!/)", str(after.value))
                if number and noun:
                    wrong.append(f"{path.name}:{node.lineno}: {ast.unparse(value)} {noun[1]}")
    assert wrong == []


def test_halves_of_surrogate_pairs_become_one_character_each() -> None:
    assert without_surrogates("a\ud83db é \U0001f600") == "a\ufffdb é \U0001f600"
    assert encode_utf8("\udc00é") == "\ufffdé".encode()
