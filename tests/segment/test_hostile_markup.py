"""Entities that name files or grow without end: in a project's configuration (XML from a server) and in pages."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from toolkit.errors import BadInput
from toolkit.page import Page
from toolkit.segment import segment
from toolkit.studio.projects import _project

LAUGHS = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))


def config(declared: str, used: str) -> dict[str, Any]:
    return {
        "id": 1,
        "title": "t",
        "label_config": f'<!DOCTYPE View [{declared}]><View><Label value="x">{used}</Label></View>',
    }


@pytest.mark.parametrize("kind", ["file", "parameter", "laughs"])
def test_entities_of_a_configuration_load_and_grow_nothing(tmp_path: Path, kind: str) -> None:
    (tmp_path / "secret").write_text("secret")
    where = (tmp_path / "secret").as_uri()
    declared, used = {
        "file": (f'<!ENTITY e SYSTEM "{where}">', "&e;"),
        "parameter": (f'<!ENTITY % p SYSTEM "{where}"> %p;', "&e;"),
        "laughs": (f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;"),
    }[kind]
    client: Any = SimpleNamespace(url="http://a.example")
    with pytest.raises(BadInput, match="is not XML") as error:
        _project(client, config(declared, used))
    assert "secret" not in str(error.value).replace(where, "")


def test_entities_of_a_page_are_text(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    page = (
        f'<!DOCTYPE html [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]><p>One &e; two</p><p>{"&lt;" * 9}</p>'
    )
    texts = segment(Page("p", "", page.encode())).text
    assert not any(word == "secret" for text in texts for word in text.split())
    assert "<" * 9 in texts
