"""Splits: fixed, stable for sites to come, no page or template on both sides, the test part opened on record only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from toolkit.corpus import Split, check_split, open_test, read_openings, read_split, split
from toolkit.errors import PageblocksError
from toolkit.page import Blocks

PageOf = Callable[..., Blocks]


@pytest.fixture
def pages(page_of: PageOf) -> list[Blocks]:
    return [page_of(f"p{i}", f"<p>Page {i} of its own.</p>", f"http://www.s{i % 40}.example/{i}") for i in range(80)]


def twins(page_of: PageOf, sites: list[str]) -> list[Blocks]:
    words = " ".join(f"word{k}" for k in range(120))
    return [page_of(f"twin-{site}", f"<p>{words}</p>", f"http://{site}/1") for site in sites]


def test_a_split_is_by_site_and_near_its_shares(pages: list[Blocks], tmp_path: Path) -> None:
    made = split(pages, tmp_path / "split.json", validation=0.2, test=0.3)
    parts = made.parts(pages)
    assert parts[:40] == parts[40:]
    assert 4 <= parts[:40].count("test") <= 20
    assert 2 <= parts[:40].count("validation") <= 16
    assert read_split(tmp_path / "split.json") == made
    assert made == split(pages[::-1], validation=0.2, test=0.3)
    assert made.sites != split(pages, validation=0.2, test=0.3, seed=1).sites
    check_split(pages, made)


def test_new_sites_find_their_part_and_old_ones_stay(pages: list[Blocks], page_of: PageOf, tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    old = split(pages[:20], path)
    grown = split(pages, path, validation=0.4, test=0.5)  # the file's shares count
    assert old.sites.items() <= grown.sites.items()
    assert set(grown.sites) == {f"s{i}.example" for i in range(40)}
    assert grown.parts(pages) == old.parts(pages)
    assert split(pages, path, validation=0.4, test=0.5, force=True).sites != grown.sites


def test_sites_that_are_alike_come_to_one_part(page_of: PageOf, tmp_path: Path) -> None:
    sites = [f"paper{i}.example" for i in range(6)]
    both = twins(page_of, sites)
    assert len({Split().by_hash(site) for site in sites}) > 1
    said: list[str] = []
    made = split(both, tmp_path / "split.json", notice=said.append)
    assert len(set(made.sites.values())) == 1
    assert "share 100% of their text: kept in one part" in said[0]
    torn = made.model_copy(update={"sites": {**made.sites, sites[0]: "test", sites[1]: "train"}})
    with pytest.raises(
        PageblocksError, match=r"alike across the split: twin-paper\d.example .*pageblocks split --force"
    ):
        check_split(both, torn)
    (tmp_path / "split.json").write_text(torn.model_dump_json(), "utf-8")
    with pytest.raises(PageblocksError, match="lie in test and train of"):
        split(both, tmp_path / "split.json")


@pytest.mark.parametrize("text", ["[]", "{", '{"sites": {"a": "tset"}}', '{"shares": 1}'])
def test_a_file_that_is_no_split_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "split.json").write_text(text, "utf-8")
    with pytest.raises(PageblocksError, match="split.json: "):
        read_split(tmp_path / "split.json")


def test_shares_leave_something_to_train_on(pages: list[Blocks]) -> None:
    with pytest.raises(PageblocksError, match="leave nothing to train on"):
        split(pages, validation=0.5, test=0.5)
    for share in (-0.2, 1.2, float("nan")):
        with pytest.raises(
            PageblocksError, match=f"test {share} is not a share of the sites; give a number between 0 and 1"
        ):
            split(pages, test=share)
    with pytest.raises(PageblocksError, match="no split; make one"):
        read_split("nowhere/split.json")


def test_openings_are_added_only(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    assert read_openings(path) == []
    open_test(path, Split(), "first", key="k1", pages=3)
    before = (tmp_path / "split.openings.jsonl").read_bytes()
    rows = open_test(path, Split(), "second", key="k2", pages=3)
    assert (tmp_path / "split.openings.jsonl").read_bytes().startswith(before)
    assert [(row["what"], row["key"], row["pages"]) for row in rows] == [("first", "k1", 3), ("second", "k2", 3)]
    assert rows[0]["split"] == Split().hash != Split(seed=1).hash
    assert json.loads(before)["date"].endswith("+00:00")
    with pytest.raises(PageblocksError, match="stays closed"):
        open_test(tmp_path / "no/such/split.json", Split(), "x", key="k", pages=1)
