"""Which pages are done, and which are left."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import PageblocksError, read_pages
from toolkit.crawl.positions import Ranges, files_of, items


@given(st.permutations(range(12)), st.integers(0, 12))
def test_ranges_know_what_was_added(order: list[int], many: int) -> None:
    ranges = Ranges()
    for number in order[:many]:
        ranges.add(number, number + 1)
    assert [number for number in range(14) if number in ranges] == sorted(order[:many])
    assert all(a < b for a, b in zip(ranges.ends, ranges.starts[1:], strict=False))
    ranges.end = 12
    assert ranges.complete == (many == 12)


@pytest.mark.parametrize("again", [(0, 1), (3, 6), (4, 5), (5, 9), (0, 20)])
def test_nothing_is_done_twice(again: tuple[int, int]) -> None:
    ranges = Ranges()
    ranges.add(0, 2)
    ranges.add(4, 6)
    with pytest.raises(ValueError, match="twice"):
        ranges.add(*again)


def test_files_come_once_each(tmp_path: Path) -> None:
    for name in ("b.html", "a.txt.gz", "notes.md", ".hidden.html", "sub/c.warc.gz", "sub/d.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"<p>x")
    (tmp_path / "link.html").symlink_to(tmp_path / "b.html")
    found = files_of([str(tmp_path / "b.html"), str(tmp_path), "-", "hub:x", str(tmp_path / "sub/../b.html")])
    assert [(Path(file).name, source.id) for file, source in found.items()] == [
        ("b.html", ""), ("a.txt.gz", "a"), ("c.warc.gz", ""), ("d.html", "sub/d"), ("-", ""), ("hub:x", ""),
    ]  # fmt: skip
    assert [source.shown for source in found.values()] == [
        "b.html", f"{tmp_path.name}/a.txt.gz", f"{tmp_path.name}/sub/c.warc.gz", f"{tmp_path.name}/sub/d.html", "-",
        "hub:x",
    ]  # fmt: skip
    with pytest.raises(PageblocksError, match="no such file"):
        files_of([str(tmp_path / "gone.html")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(PageblocksError, match="no pages"):
        files_of([str(tmp_path / "empty")])


def test_items_count_pages_and_errors_and_pass_over_what_is_done(tmp_path: Path) -> None:
    lines = ['{"html": "<p>a"}', "no json", '{"html": "<p>b"}', '{"html": "<p>c"}', "[]"]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    file = str(tmp_path / "rows.jsonl")
    got = list(items(file))
    assert [item.number for item in got] == [0, 1, 2, 3, 4]
    assert (
        [item.page is None for item in got] == [bool(item.error) for item in got] == [False, True, False, False, True]
    )
    assert [item.last for item in got] == [False] * 4 + [True]
    done = Ranges()
    done.add(1, 3)
    assert [item.number for item in items(file, done)] == [0, 3, 4]
    done.add(0, 1)
    done.add(3, 5)
    assert list(items(file, done)) == []


def test_a_broken_archive_is_an_error_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(b'{"html": "<p>a"}\n' * 5000)[:60])
    got = list(items(str(tmp_path / "rows.jsonl.gz")))
    assert got[-1].page is None
    assert got[-1].last
    assert [item.number for item in got] == list(range(len(got)))


def test_outputs_call_a_file_as_its_source_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in/news").mkdir(parents=True)
    (tmp_path / "in/news/index.html").write_text("<p>a")
    (tmp_path / "in/rows.jsonl").write_text('{"html": "<p>a"}\nno json\n')
    monkeypatch.chdir(tmp_path)
    for source_name in ("in", "./in", str(tmp_path / "in"), str(tmp_path / "in") + "/"):
        for file, source in files_of([source_name]).items():
            (item,) = items(file, source=source)
            assert item.page is not None
            read = [page.source for page in read_pages([source_name])]
            assert ([item.page.source], item.name, item.page.id) == (read, "in/news/index.html", "news/index")
    for source_name, name in (("in/rows.jsonl", "in/rows.jsonl"), (str(tmp_path / "in/rows.jsonl"), "rows.jsonl")):
        ((file, source),) = files_of([source_name]).items()
        page, bad = items(file, source=source)
        assert page.page is not None
        assert (page.page.source, page.page.id, page.name) == (f"{name}:1", f"{name.replace('/', '-')}-1", name)
        assert bad.error.startswith(f"{name}:2: ")
        assert [one.id for one in read_pages([source_name], lambda _: None)] == [page.page.id]
