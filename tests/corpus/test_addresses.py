"""A page without an address gets the one that it claims for itself, marked as a claim; `import` says which have
none.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from toolkit.cli import app
from toolkit.corpus.addresses import Addresses, claimed_address, with_address
from toolkit.corpus.folder import Corpus
from toolkit.page import Page

PAGE = "https://reed.example/boats/9"
CANONICAL = f'<link rel="canonical" href="{PAGE}">'
OG_URL = f'<meta property="og:url" content="{PAGE}">'


def claim(html: str | bytes, encoding: str = "", type: str = "", format: str = "html") -> tuple[str, str]:
    content = html if isinstance(html, bytes) else html.encode()
    return claimed_address(
        Page("p", "p", content, "text" if format == "text" else "html", encoding=encoding, type=type)
    )


@pytest.mark.parametrize(
    "head",
    [
        CANONICAL,
        f"<link href={PAGE} rel=canonical>",
        f"<LINK HREF='{PAGE}' REL='Canonical'>",
        f'<link rel="shortlink Canonical" href=" {PAGE}\n">',
        f"<link href='{PAGE}' title=\"a > b\" rel='canonical' />",
        f"{OG_URL.replace('boats/9', 'other')}{CANONICAL}",
        f'<link rel="canonical" href=""><link rel="canonical" href="/nine">{CANONICAL}',
        f"<!-- <link rel=canonical href=https://old.example/> -->{CANONICAL}",
        f"<script>'<link rel=canonical href=https://old.example/>'</script>{CANONICAL}",
        f"<template><link rel=canonical href=https://old.example/></template>{CANONICAL}",
        f"<noscript><link rel=canonical href=https://old.example/></noscript>{CANONICAL}",
        '<base href="https://reed.example/boats/"><link rel=canonical href="9">',
        '<link rel=canonical href="/boats/9"><base href="https://reed.example/x/y">',
        '<base href="https://reed.example/x/"><link rel=canonical href="//reed.example/boats/9">',
        f"<img src=count.gif>{CANONICAL}",
    ],
)
def test_a_canonical_address_is_found_however_it_is_written(head: str) -> None:
    html = f"<!doctype html><html><head><title>Boats</title>{head}</head><body><p>Reeds</p></body></html>"
    assert claim(html) == (PAGE, "canonical")


@pytest.mark.parametrize(
    "head",
    [
        OG_URL,
        f"<META CONTENT='{PAGE}' PROPERTY='OG:URL'>",
        f"<meta name=og:url content={PAGE}>",
        f"<link rel=canonical href=/boats/9>{OG_URL}",
        f"<link rel=canonical href=javascript:alert(1)>{OG_URL}",
        f"<link rel=canonical href=https://localhost:3000/boats/9>{OG_URL}",
        f"<link rel='alternate' href='https://m.reed.example/'>{OG_URL}",
    ],
)
def test_else_the_open_graph_s(head: str) -> None:
    assert claim(f"<head>{head}</head><p>Reeds</p>") == (PAGE, "og:url")


@pytest.mark.parametrize(
    "html",
    [
        f"<p>Reeds</p><script>var a = '{CANONICAL}'</script>",
        f"<p>Reeds</p><template>{CANONICAL}</template>",
        f"<p>Reeds</p><!-- {CANONICAL} -->",
        f"<p>Reeds</p><div class=comment>{CANONICAL}{OG_URL}</div>",
        f"<textarea>{CANONICAL}</textarea>",
        *(
            f'<link rel="canonical" href="{url}"><p>Reeds</p>'
            for url in (
                "boats/9", "//reed.example/boats/9", "ftp://reed.example/", "file:///etc/passwd", "https://", "https:///x",
                "http://localhost/", "http://box/", "http://127.0.0.1/", "http://[::1]/", "http://10.0.0.7:8080/", "http://a.local/",
                "https://user:pass@reed.example/", "https://{{host}}/9", "https://reed.example/<%= id %>", "https://[reed/",
                "https://reed.example:99999/", "https://reed.example/" + "9" * 5000,
            )
        ),
        '<base href="file:///boats/"><link rel=canonical href=9><p>Reeds</p>',
        '<base href="http://localhost/"><link rel=canonical href=9><p>Reeds</p>',
        "",
    ],
)  # fmt: skip
def test_nothing_else_is_an_address(html: str) -> None:
    assert claim(html) == ("", "")


def test_a_claim_is_read_in_every_encoding_and_in_xhtml() -> None:
    url = "https://schilf.example/böte/9"
    html = f'<title>Böte</title><link rel="canonical" href="{url}"><p>Schilf und Böte</p>'
    for encoding in ("utf-16", "utf-8-sig", "utf-8"):
        assert claim(html.encode(encoding)) == (url, "canonical")
    assert claim(html.encode("latin-1"), "iso-8859-1") == (url, "canonical")
    assert claim(html.replace("<title>", "<meta charset=windows-1252><title>").encode("cp1252")) == (url, "canonical")
    cdata = f"<script><![CDATA[ {CANONICAL.replace('reed', 'old')} ]]></script>"
    head = f'<title/>{cdata}<link href="{PAGE}" rel="canonical"/>'
    xhtml = f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head>{head}</head><body><p>Reeds</p></body></html>'
    assert claim(xhtml, type="application/xhtml+xml") == (PAGE, "canonical")


def test_text_binary_and_costly_pages_claim_nothing() -> None:
    assert claim(CANONICAL, format="text") == ("", "")
    assert claim(b"\x89PNG" + CANONICAL.encode()) == ("", "")
    assert claim(CANONICAL + "<td>" * 2_000_000) == ("", "")


def test_the_source_s_address_comes_before_the_page_s() -> None:
    own = Page("p", "p", CANONICAL.encode(), url="https://given.example/")
    assert with_address(own) == (own, {})


def imported(folder: Path, pages: dict[str, str], *more: str) -> tuple[Result, Corpus]:
    (folder / "in").mkdir()
    for name, html in pages.items():
        (folder / "in" / f"{name}.html").write_text(html)
    done = CliRunner().invoke(app, ["import", str(folder / "in"), "--out", str(folder / "out"), *more])
    assert done.exit_code == 0, done.stderr
    return done, Corpus.open(folder / "out")


def test_import_marks_the_claim_and_says_which_pages_have_no_address(tmp_path: Path) -> None:
    home = '<link rel="canonical" href="https://reed.example/">'
    done, corpus = imported(
        tmp_path, {"a": f"{CANONICAL}<p>A", "b": f"{OG_URL}<p>B", "c": "<p>C", "d": f"{home}<p>D", "e": f"{home}<p>E"}
    )
    rows = {id: (row["url"], row.get("url_from")) for id, row in corpus.rows.items()}
    assert rows["a"] == (PAGE, "canonical")
    assert rows["b"] == (PAGE, "og:url")
    assert rows["c"] == ("", None)
    assert rows["d"] == rows["e"] == ("https://reed.example/", "canonical")
    assert [corpus.page(id).site for id in "abcde"] == [
        "reed.example",
        "reed.example",
        "",
        "reed.example",
        "reed.example",
    ]
    assert "4 pages have an address taken from the page itself (canonical 3, og:url 1)." in done.stderr
    assert "4 pages claim the same address as other pages" in done.stderr
    assert "1 of 5 pages has no address: it counts as a site of its own in splits and folds" in done.stderr
    assert f"{tmp_path / 'out' / 'pages.jsonl'}" in " ".join(done.stderr.split())


def test_copies_of_one_page_share_its_address_rightly() -> None:
    row = {"id": "a", "url": PAGE, "url_from": "canonical", "sha256": "1"}
    assert Addresses.of([row, row | {"id": "b"}]).shared == {}
    assert Addresses.of([row, row | {"id": "b", "sha256": "2"}]).shared == {PAGE: 2}
    assert Addresses.of([row | {"url_from": None}, row]).claimed == {"canonical": 1}


def test_pages_with_given_addresses_are_no_matter_for_talk(tmp_path: Path) -> None:
    (tmp_path / "pages.jsonl").write_text(
        json.dumps({"id": "a", "url": "https://given.example/a", "html": f"{CANONICAL}<p>A"})
    )
    done = CliRunner().invoke(app, ["import", str(tmp_path / "pages.jsonl"), "--out", str(tmp_path / "out")])
    assert "url_from" not in Corpus.open(tmp_path / "out").rows["a"]
    assert "address" not in done.stderr


def test_labelled_pages_claim_addresses_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"{CANONICAL}<p>Reeds and boats</p>")
    (tmp_path / "b.html").write_text("<p>Reeds and boats</p>")
    blocks = [{"text": "Reeds and boats", "label": "article"}]
    rows = [{"id": name, "html": f"{name}.html", "blocks": blocks} for name in "ab"]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = CliRunner().invoke(app, ["import", str(tmp_path / "gold.jsonl"), "--out", str(tmp_path / "out")])
    corpus = Corpus.open(tmp_path / "out")
    assert (corpus.rows["a"]["url"], corpus.rows["a"]["url_from"]) == (PAGE, "canonical")
    assert corpus.gold()["a"].url == PAGE
    assert "1 of 2 pages has no address" in done.stderr
    out = str(tmp_path / "table.csv")
    assert CliRunner().invoke(app, ["export", str(tmp_path / "out"), "--format", "csv", "--out", out]).exit_code == 0
    words = ["import", out, "--format", "csv", "--pages", str(tmp_path / "out"), "--out", str(tmp_path / "again")]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert Corpus.open(tmp_path / "again").rows["a"]["url_from"] == "canonical"


def test_split_says_which_pages_count_as_sites_of_their_own(tmp_path: Path) -> None:
    imported(tmp_path, {name: f"<p>{name}" for name in "abcd"})
    done = CliRunner().invoke(app, ["split", str(tmp_path / "out"), "--dry-run"])
    assert "4 of 4 pages have no address: each counts as a site of its own" in done.stderr
