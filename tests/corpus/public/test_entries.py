"""The recipes that come with pageblocks, how their corpora are laid out, and that nothing is trained on a test
corpus.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from toolkit.corpus.public import fetch_corpus, find_entry, names
from toolkit.corpus.public.entry import checksums
from toolkit.corpus.public.layouts import fundus, scrapinghub
from toolkit.corpus.public.pages import read_content, read_gold
from toolkit.errors import PageblocksError
from toolkit.experiment.settings import Recipe
from toolkit.standoff import read_annotations

from .conftest import ENTRY, Server, archive, upstream

ROOT = Path(__file__).parents[3]
TRAIN = {"wcxb-dev", "fundus", "formasaurus", "postlight", "recipe-scrapers"}
TEST = {"article-extraction-benchmark", "wcxb-test"}


def test_every_recipe_is_sound_and_its_checksums_are_whole() -> None:
    assert set(names()) == TRAIN | TEST
    for name in names():
        entry, folder = find_entry(name)
        assert entry.name == name
        assert entry.commit in entry.url
        assert entry.use == ("train" if name in TRAIN else "test")
        pinned = checksums(entry, folder)  # raises where the list is not the one that the recipe names
        assert bool(pinned) == (name in TRAIN)
        assert all(len(sums.page) == 64 and len(sums.content) in (0, 64) for sums in pinned.values())


def test_the_pinned_pages_are_those_that_our_labels_are_of() -> None:
    pinned = {id: sums for name in TRAIN for id, sums in checksums(*find_entry(name)).items()}
    for file in ("first.jsonl", "second.jsonl"):
        for annotation in read_annotations(ROOT / "labels/web" / file):
            assert pinned[annotation.page].page == annotation.sha256


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("more = 1", "more: Extra"),
        ('commit = "main"', "commit"),
        ('archive = "file:///etc"', "archive"),
        ("use =", "TOML"),
        ('pattern = "*.html"', 'pattern: only reader = "files" has it'),
        ('reader = "files"', 'pattern: reader = "files" needs it'),
        ('reader = "files"\npattern = "*.html"', 'prefix: reader = "files" needs it'),
        ('reader = "files"\npattern = "../*.html"', "pattern: must be a path below the folder"),
        ('reader = "files"\npattern = "/*.html"', "pattern: must be a path below the folder"),
        ('reader = "files"\npattern = "."', "pattern: must be a path below the folder"),
        ('reader = "files"\npattern = "**.html"', "pattern: `\\*\\*` must be a whole part"),
        ('reader = "files"\npattern = "*.html"\nprefix = "a/b"', "prefix: String should match"),
        ('reader = "files"\npattern = "*"\nprefix = "a"\naddresses = "../a.json"', "addresses: must be a path below"),
    ],
)
def test_a_wrong_recipe_is_refused_in_one_line(line: str, message: str, tmp_path: Path) -> None:
    key = line.split(" ")[0]
    rows = ENTRY.format(url="http://x.example", use="train").splitlines()
    text = "\n".join(row for row in rows if not row.startswith(f"{key} "))
    (tmp_path / "x.toml").write_text(f"{text}\n{line}\n")
    with pytest.raises(PageblocksError, match=message):
        find_entry(tmp_path / "x.toml")


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(PageblocksError, match="there are article-extraction-benchmark, formasaurus, fundus"):
        find_entry("no-such")


def test_fundus_takes_text_only_where_it_surely_belongs(tmp_path: Path) -> None:
    at = tmp_path / "at"
    at.mkdir()
    for name in ("Blatt_2024_01_02", "Blatt_2025_01_02", "BlattZwei_2023_01_01"):
        (at / f"{name}.html.gz").write_bytes(gzip.compress(name.encode()))
    body = {"summary": ["Lead"], "sections": [{"headline": ["Head"], "paragraphs": ["One", "Two"]}]}
    images = [{"caption": "Boat"}, {"caption": None}]
    (at / "Blatt.json").write_text(json.dumps({"V1": {"body": body, "images": images}, "V2": {}}))
    (at / "BlattZwei.json").write_text(json.dumps({"V1": {"body": None}}))
    (at / "meta.info").write_text(json.dumps({"Blatt_2024_01_02.html.gz": {"url": "https://blatt.example/1"}}))
    found = {record.id: record for record in fundus(tmp_path)}
    assert list(found) == ["at-Blatt_2024_01_02", "at-Blatt_2025_01_02", "at-BlattZwei_2023_01_01"]
    assert found["at-Blatt_2024_01_02"].truth == {"content": "Lead\nHead\nOne\nTwo", "captions": ["Boat"]}
    assert found["at-Blatt_2024_01_02"].url == "https://blatt.example/1"
    assert found["at-Blatt_2025_01_02"].truth == {}


def test_the_benchmark_s_layout(tmp_path: Path) -> None:
    (tmp_path / "ground-truth.json").write_text(
        json.dumps({"ab12": {"articleBody": "Text", "url": "https://x.example"}})
    )
    (record,) = scrapinghub(tmp_path)
    assert (record.id, record.url, record.truth) == ("ab12", "https://x.example", {"content": "Text"})
    assert record.path == tmp_path / "html/ab12.html.gz"


@pytest.mark.parametrize("where", ["corpora", "content"])
def test_nothing_is_trained_on_a_test_corpus(where: str, server: Server, tmp_path: Path) -> None:
    """Neither on one that comes with pageblocks, nor on one that was fetched as such under any name."""
    server.files["/small/archive/abc1234.tar.gz"] = archive(upstream())
    (tmp_path / "small.toml").write_text(ENTRY.format(url=server.url, use="test"))
    fetch_corpus(tmp_path / "small.toml", tmp_path / "mirror/renamed")
    for name in ("article-extraction-benchmark", "wcxb-test", "renamed"):
        lists: dict[str, list[str]] = {"corpora": [], "content": []} | {where: [name]}
        recipe = Recipe(title="x", gold=[], **lists)
        with pytest.raises(PageblocksError, match=f"{name} is a test corpus"):
            read_gold(
                recipe.gold, recipe.corpora, tmp_path, mirror=tmp_path / "mirror"
            ) if where == "corpora" else read_content(recipe.content, tmp_path / "mirror")


def test_a_corpus_that_is_not_in_the_mirror_says_how_to_get_it(tmp_path: Path) -> None:
    recipe = Recipe(title="x", gold=[], corpora=["fundus"])
    with pytest.raises(PageblocksError, match="pageblocks corpus fetch fundus --out"):
        read_gold(recipe.gold, recipe.corpora, tmp_path, mirror=tmp_path / "mirror")
