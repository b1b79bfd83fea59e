"""Public corpora over the network and from a mirror: checked page by page, all of it or nothing, never outside its
folder.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from toolkit.corpus.public import Mirror, fetch_corpus
from toolkit.corpus.public.fetch import sums_file
from toolkit.corpus.public.unpack import unpack
from toolkit.errors import PageblocksError

from .conftest import PAGES, Server, archive, upstream


def pin(entry: Path, text: str, name: str = "small.sha256") -> None:
    (entry.parent / name).write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    entry.write_text(entry.read_text() + f'checksums = "{name}"\nchecksums_sha256 = "{digest}"\n')


def nothing_left(folder: Path) -> bool:
    return not folder.exists() or not any(folder.iterdir())


def test_from_the_network(entry: Path, server: Server, tmp_path: Path) -> None:
    told: list[int] = []
    done = fetch_corpus(entry, tmp_path / "out/small", on_bytes=lambda more, total: told.append(more))
    assert server.asked == ["/small/archive/abc1234.tar.gz"]
    sent = server.files["/small/archive/abc1234.tar.gz"]
    assert (sum(told), done.archive_sha256) == (len(sent), hashlib.sha256(sent).hexdigest())
    assert not done.checked
    assert {page.id: (page.url, page.content.decode()) for page in done.corpus.pages()} == PAGES
    assert done.corpus.rows["0001"]["type"] == "article"
    truth = [json.loads(line) for line in (tmp_path / "out/small/content.jsonl").read_text().splitlines()]
    assert truth[0] == {"page": "0001", "title": "0001", "content": "Main 0001", "with": ["ferry"], "without": ["menu"]}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["small"]


def test_pinned_pages_are_compared(entry: Path, server: Server, tmp_path: Path) -> None:
    pin(entry, sums_file(fetch_corpus(entry, tmp_path / "first").sums))
    assert fetch_corpus(entry, tmp_path / "second").checked
    files = upstream()
    files["small-abc1234/dev/html/0002.html.gz"] = gzip.compress(b"<p>Something else stands here now.</p>")
    server.files["/small/archive/abc1234.tar.gz"] = archive(files)
    with pytest.raises(PageblocksError, match="0002 is not the one that was pinned"):
        fetch_corpus(entry, tmp_path / "out/third")
    assert nothing_left(tmp_path / "out")
    del files["small-abc1234/dev/ground-truth/0002.json"]
    server.files["/small/archive/abc1234.tar.gz"] = archive(files)
    with pytest.raises(PageblocksError, match=r"1 page is missing \(of 2\), the first is 0002"):
        fetch_corpus(entry, tmp_path / "out/third")
    assert nothing_left(tmp_path / "out")


def test_pinned_pages_are_the_corpus_and_other_content_is_told(entry: Path, tmp_path: Path) -> None:
    sums = fetch_corpus(entry, tmp_path / "first").sums
    pin(entry, sums_file({"0001": sums["0001"]._replace(content="0" * 64)}))
    done = fetch_corpus(entry, tmp_path / "second")
    assert (list(done.corpus.rows), done.others) == (["0001"], ["0001"])


def test_a_changed_list_of_checksums_is_refused(entry: Path, tmp_path: Path) -> None:
    pin(entry, sums_file(fetch_corpus(entry, tmp_path / "first").sums))
    (entry.parent / "small.sha256").write_text("")
    with pytest.raises(PageblocksError, match="its hash differs"):
        fetch_corpus(entry, tmp_path / "second")


def test_a_mirror_and_the_network_give_the_same_corpus(entry: Path, tmp_path: Path) -> None:
    first = fetch_corpus(entry, tmp_path / "mirror/small")
    second = fetch_corpus(entry, tmp_path / "out", mirror=tmp_path / "mirror")
    assert second.sums == first.sums
    assert second.archive_sha256 == ""
    for name in ("pages.jsonl", "content.jsonl"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "mirror/small" / name).read_bytes()


def test_a_mirror_that_others_laid_out(entry: Path, tmp_path: Path) -> None:
    place = tmp_path / "mirror/small"
    (place / "html").mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    for id, (url, page) in PAGES.items():
        (place / f"html/{id}.html.gz").write_bytes(gzip.compress(page.encode()))
        rows.append({"id": id, "url": url, "page_type": "article", "title": id, "main_content": f"Main {id}"})
    rows[1] |= {"main_content": None, "article": ["One", "Two"], "captions": ["A loaf"]}
    (place / "pages.jsonl.gz").write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    done = fetch_corpus(entry, tmp_path / "out", mirror=tmp_path / "mirror")
    assert {page.id: (page.url, page.content.decode()) for page in done.corpus.pages()} == PAGES
    assert Mirror.open(tmp_path / "out").records["0002"].truth == {
        "title": "0002",
        "content": "One\nTwo",
        "captions": ["A loaf"],
    }
    assert Mirror.open(place).records["0002"].truth == Mirror.open(tmp_path / "out").records["0002"].truth


def of_files(entry: Path, more: str) -> None:
    """Make the recipe one of files."""
    text = (
        entry.read_text()
        .replace('reader = "wcxb"', 'reader = "files"')
        .replace('folder = "dev"', 'folder = "tests/data"')
    )
    entry.write_text(text + more)


def id_of(path: str) -> str:
    return f"small-{hashlib.sha1(path.encode()).hexdigest()[:10]}"


def test_files_are_pages_with_the_address_that_they_claim(entry: Path, server: Server, tmp_path: Path) -> None:
    ferry, oven, other = (
        f"tests/data/{name}" for name in ("ferry.example/1.page", "oven.example/ä.page", "b/c/3.page")
    )
    claims = '<link rel="canonical" href="https://www.ferry.example/news">', '<meta property="og:url" content="/bread">'
    pages = {ferry: f"<head>{claims[0]}</head><p>Ferry", oven: f"<head>{claims[1]}</head><p>Oven", other: "<p>Deep"}
    files = {f"small-abc1234/{path}": page.encode() for path, page in pages.items()}
    files |= {"small-abc1234/tests/data/ferry.example/1.json": b"{}", "small-abc1234/other/x/4.page": b"<p>Not ours"}
    server.files["/small/archive/abc1234.tar.gz"] = archive(files)
    of_files(entry, 'pattern = "*/*.page"\nprefix = "small"\n')
    first = fetch_corpus(entry, tmp_path / "first")
    rows = first.corpus.rows
    assert rows.keys() == {id_of(ferry), id_of(oven)}
    assert (rows[id_of(ferry)]["url"], rows[id_of(ferry)]["url_from"]) == (
        "https://www.ferry.example/news",
        "canonical",
    )
    assert rows[id_of(oven)]["url"] == ""  # a path is no address
    assert "url_from" not in rows[id_of(oven)]
    assert {page.content for page in first.corpus.pages()} == {pages[ferry].encode(), pages[oven].encode()}
    pin(entry, sums_file({id_of(ferry): first.sums[id_of(ferry)]}))
    second = fetch_corpus(entry, tmp_path / "second")
    assert second.checked
    assert second.corpus.rows == {id_of(ferry): rows[id_of(ferry)]}


def test_files_of_a_mirror_without_an_address_claim_one(entry: Path, tmp_path: Path) -> None:
    place = tmp_path / "mirror/small"
    (place / "html").mkdir(parents=True)
    for id in ("a", "b"):
        page = b'<head><link rel="canonical" href="https://claimed.example/"></head><p>Page'
        (place / f"html/{id}.html.gz").write_bytes(gzip.compress(page))
    rows = '{"id": "a", "url": ""}\n{"id": "b", "url": "https://listed.example/"}\n'
    (place / "pages.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    of_files(entry, 'pattern = "*.html"\nprefix = "small"\n')
    found = fetch_corpus(entry, tmp_path / "out", mirror=tmp_path / "mirror").corpus.rows
    assert {id: row["url"] for id, row in found.items()} == {
        "a": "https://claimed.example/",
        "b": "https://listed.example/",
    }


def test_files_whose_addresses_are_listed(entry: Path, server: Server, tmp_path: Path) -> None:
    claim = b'<head><link rel="canonical" href="https://claimed.example/"></head><p>Page'
    listed = {"html/1.html": {"url": "https://listed.example/", "forms": []}, "html/2.html": {}, "html/3.html": None}
    at = "small-abc1234/tests/data"
    files = {f"{at}/html/{number}.html": claim + bytes(str(number), "ascii") for number in (1, 2, 3, 4)}
    server.files["/small/archive/abc1234.tar.gz"] = archive(files | {f"{at}/index.json": json.dumps(listed).encode()})
    of_files(entry, 'pattern = "**/*.html"\nprefix = "small"\naddresses = "index.json"\n')
    done = fetch_corpus(entry, tmp_path / "out")
    found = {id: (row["url"], row.get("url_from")) for id, row in done.corpus.rows.items()}
    claimed = ("https://claimed.example/", "canonical")
    assert found == {id_of("tests/data/html/1.html"): ("https://listed.example/", None)} | {
        id_of(f"tests/data/html/{number}.html"): claimed for number in (2, 3, 4)
    }
    server.files["/small/archive/abc1234.tar.gz"] = archive(files)
    with pytest.raises(PageblocksError, match="index.json: cannot be read as JSON"):
        fetch_corpus(entry, tmp_path / "other")


def test_what_is_there_is_kept_without_force_and_when_it_fails(entry: Path, server: Server, tmp_path: Path) -> None:
    fetch_corpus(entry, tmp_path / "out")
    before = (tmp_path / "out/pages.jsonl").read_bytes()
    with pytest.raises(PageblocksError, match="--force"):
        fetch_corpus(entry, tmp_path / "out")
    server.files.clear()
    with pytest.raises(PageblocksError, match="the server answered 404"):
        fetch_corpus(entry, tmp_path / "out", force=True)
    assert (tmp_path / "out/pages.jsonl").read_bytes() == before


def test_a_redirect_is_followed_on_http_only(entry: Path, server: Server, tmp_path: Path) -> None:
    path = "/small/archive/abc1234.tar.gz"
    server.files["/elsewhere"] = server.files[path]
    server.moved[path] = f"{server.url}/elsewhere"
    assert len(fetch_corpus(entry, tmp_path / "out").corpus.rows) == 2
    server.moved[path] = "file:///etc/hostname"
    with pytest.raises(PageblocksError, match="cannot be fetched|answered 302"):
        fetch_corpus(entry, tmp_path / "other")


def test_broken_cut_large_and_wrong_archives(entry: Path, server: Server, tmp_path: Path) -> None:
    path = "/small/archive/abc1234.tar.gz"
    whole = server.files[path]
    server.cut.add(path)
    with pytest.raises(PageblocksError, match="broke off after"):
        fetch_corpus(entry, tmp_path / "out")
    server.cut.clear()
    server.files[path] = whole[: len(whole) // 2]
    with pytest.raises(PageblocksError, match="not a whole .tar.gz"):
        fetch_corpus(entry, tmp_path / "out")
    server.files[path] = b"\0" * (1 << 20) + b"\0"
    text = entry.read_text()
    entry.write_text(text + "archive_mib = 1\n")
    with pytest.raises(PageblocksError, match="more than 1 MiB"):
        fetch_corpus(entry, tmp_path / "out")
    server.files[path] = whole
    entry.write_text(text + f'sha256 = "{"0" * 64}"\n')
    with pytest.raises(PageblocksError, match=f"its SHA-256 is {hashlib.sha256(whole).hexdigest()}"):
        fetch_corpus(entry, tmp_path / "out")
    server.http.server_close()
    entry.write_text(text.replace(server.url, "http://127.0.0.1:9"))
    with pytest.raises(PageblocksError, match="--mirror"):
        fetch_corpus(entry, tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize("name", ["small/dev/../../../evil", "/evil", "small/dev/..\\evil", "../evil"])
def test_an_archive_cannot_write_outside(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(archive({name: b"evil"}))
    with pytest.raises(PageblocksError, match="outside"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "in/deep", "dev", largest=1 << 20)
    assert not list(tmp_path.rglob("*evil*"))


def test_links_of_an_archive_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    links = {"small/dev/link": str(tmp_path / "outside"), "small/dev/passwd": "/etc/passwd"}
    (tmp_path / "a.tar.gz").write_bytes(archive({"small/dev/link/evil": b"evil"}, links))
    unpack(tmp_path / "a.tar.gz", tmp_path / "in", "dev", largest=1 << 20)
    assert not any((tmp_path / "outside").iterdir())
    assert [str(path.relative_to(tmp_path / "in")) for path in (tmp_path / "in").rglob("*")] == ["link", "link/evil"]
    assert not (tmp_path / "in/link").is_symlink()


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bomb.tar.gz").write_bytes(archive({"small/other/zeros": b"\0" * (3 << 20)}))
    assert (tmp_path / "bomb.tar.gz").stat().st_size < 1 << 16
    with pytest.raises(PageblocksError, match="more than 2 MiB"):
        unpack(tmp_path / "bomb.tar.gz", tmp_path / "in", "dev", largest=2 << 20)


def test_a_page_cannot_name_a_file_outside(entry: Path, server: Server, tmp_path: Path) -> None:
    files = upstream()
    files["small-abc1234/dev/ground-truth/.hidden.json"] = b"{}"
    server.files["/small/archive/abc1234.tar.gz"] = archive(files)
    with pytest.raises(PageblocksError, match="cannot be the id of a page"):
        fetch_corpus(entry, tmp_path / "out")
