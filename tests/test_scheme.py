"""The scheme file and what is made from it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from toolkit.errors import BadScheme
from toolkit.scheme import DATA_KEYS, Scheme, check, contrast

SMALL = """
name = "two"
version = "3"
[[labels]]
name = "keep"
definition = "kept"
color = "#2ea86e"
hotkey = "k"
[[labels]]
name = "drop"
definition = "dropped"
color = "#62666D"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scheme.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_default_scheme_is_sound_and_in_order() -> None:
    scheme = Scheme.default()
    assert scheme.names == ["article", "caption", "appeal", "form", "sidebar"]
    assert [x.hotkey for x in scheme.labels] == ["1", "2", "3", "4", "5"]
    assert scheme.default_label == "sidebar"
    assert scheme.id == "web-page@1"
    assert scheme.check() == []
    assert len(scheme.rules) >= 15


def test_another_scheme_works_without_a_change_of_code(tmp_path: Path) -> None:
    scheme = Scheme.load(write(tmp_path, SMALL))
    assert scheme.names == ["keep", "drop"]
    assert scheme.default_label == "drop"  # the last one, where the file names none
    assert scheme.color("keep") == "#2EA86E"
    values = [x.get("value") for x in ElementTree.fromstring(scheme.label_studio_config()).iter("Label")]
    assert values == ["keep", "drop"]
    assert "kept" in scheme.instructions()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "two"', 'name = "two"\ncolour = "red"', "unknown key colour"),
        ('hotkey = "k"', 'hotkey = "k"\nshortcut = "k"', "unknown key labels.1.shortcut"),
        ('name = "drop"', 'name = "keep"', "label keep is given twice"),
        ('color = "#62666D"', 'color = "#62666D"\nhotkey = "k"', "hotkey k is given twice"),
        ("#62666D", "grey", "not a colour"),
        ("#62666D", "#62666", "not a colour"),
        ('hotkey = "k"', 'hotkey = "ctrl+k"', "not a hotkey"),
        ('definition = "kept"', "", "labels.1.definition is missing"),
        ('name = "keep"', 'name = ""', "labels.1.name"),
        ('name = "keep"', 'name = "a\\nb"', "labels.1.name"),
        ('version = "3"', 'version = "3"\ndefault_label = "other"', "not one of keep, drop"),
        ('version = "3"', "version = ", "not TOML"),
    ],
)
def test_a_bad_scheme_is_refused_in_one_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(tmp_path, SMALL.replace(old, new, 1))
    with pytest.raises(BadScheme, match=re.escape(message)) as caught:
        Scheme.load(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert any(message in line for line in check(path))


def test_all_problems_are_listed(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL.replace("#62666D", "grey").replace('name = "two"', 'name = "two"\nx = 1'))
    assert len(check(path)) == 2
    with pytest.raises(BadScheme, match="and 1 more"):
        Scheme.load(path)


def test_check_warns_of_what_annotators_would_miss(tmp_path: Path) -> None:
    problems = "\n".join(check(write(tmp_path, SMALL.replace("#62666D", "#FFFFEE"))))
    assert "label drop: no hotkey" in problems
    assert "label drop: the colour #FFFFEE is faint on a light page" in problems
    assert "label keep: no examples" in problems


def test_check_names_what_mentions_a_renamed_label(tmp_path: Path) -> None:
    text = Scheme.default().to_toml().replace('name = "sidebar"', 'name = "frame"')
    problems = check(write(tmp_path, text.replace('default_label = "sidebar"', 'default_label = "frame"')))
    assert len(problems) == 16
    assert problems[0] == "rule 3: mentions sidebar, which is not a label of the scheme"
    assert "label appeal: excludes 1: mentions sidebar, which is not a label of the scheme" in problems


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b""])
def test_a_file_that_is_no_scheme(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(BadScheme):
        Scheme.load(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(BadScheme, match="cannot read"):
            Scheme.load(path)


def test_an_unknown_label_names_the_known_ones() -> None:
    with pytest.raises(BadScheme, match=r"unknown label 'advert'.*article, caption"):
        Scheme.default().color("advert")


def test_text_on_a_label_can_be_read() -> None:
    scheme = Scheme.default()
    for name in scheme.names:
        assert contrast(scheme.color(name), scheme.text_color(name)) >= 4.5
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


def test_the_label_studio_config() -> None:
    scheme = Scheme.default()
    root = ElementTree.fromstring(scheme.label_studio_config())
    assert [(x.get("value"), x.get("hotkey"), x.get("background")) for x in root.iter("Label")] == [
        (x.name, x.hotkey, x.color) for x in scheme.labels
    ]
    used = {x.get("value", "")[1:] for x in root.iter() if x.get("value", "").startswith("$")}
    assert used == set(DATA_KEYS)
    text = root.find("HyperText")
    assert text is not None
    assert text.attrib["granularity"] == "paragraph"
    assert text.attrib["inline"] == "true"


def test_label_studio_itself_accepts_the_config() -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    config = interface.LabelInterface(Scheme.default().label_studio_config())
    config.validate()
    assert list(config.get_control("label").labels) == Scheme.default().names


def test_hostile_words_are_escaped_everywhere(tmp_path: Path) -> None:
    payload = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    head = f'version = "3"\nrules = ["{payload}"]\nquestion = "{payload}"'
    text = SMALL.replace("kept", payload).replace('version = "3"', head)
    page = Scheme.load(write(tmp_path, text)).instructions()
    tags: set[str] = set()

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            assert {key for key, _ in attrs} <= {"class"}

    Parser().feed(page)
    assert tags == {"div", "style", "h3", "p", "b", "ol", "ul", "li"}
    assert page.count("&lt;script&gt;") == 3


def test_a_name_cannot_carry_markup(tmp_path: Path) -> None:
    with pytest.raises(BadScheme, match=r"labels\.1\.name"):
        Scheme.load(write(tmp_path, SMALL.replace('name = "keep"', "name = '<b a=\"x\">'")))


def test_a_copy_with_other_labels_has_their_names() -> None:
    whole = Scheme.default()
    assert len(whole.names) == 5
    fewer = whole.model_copy(update={"labels": whole.labels[1:3]})
    assert fewer.names == [label.name for label in whole.labels[1:3]]
    assert len(whole.names) == 5
