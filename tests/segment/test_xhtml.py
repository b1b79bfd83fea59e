"""XHTML means what XML says; what is no well-formed XML, and what comes as text/html, is HTML."""

from __future__ import annotations

import pytest

from toolkit.errors import PageblocksError
from toolkit.page import Blocks, Page
from toolkit.segment import segment
from toolkit.segment.xhtml import as_html

XMLNS = 'xmlns="http://www.w3.org/1999/xhtml"'
BEFORE, AFTER = "<p>Snow fell on the pass.</p>", "<p>The road was shut by noon.</p>"
TEXTS = ["Snow fell on the pass.", "The road was shut by noon."]


def read(
    body: str, source: str = "a.xhtml", head: str = "<title>Pass</title>", top: str = "", type: str = ""
) -> Blocks:
    xml = f'{top}<html {XMLNS} xml:lang="en-GB"><head>{head}</head><body>{body}</body></html>'
    return segment(Page("a", source, xml.encode(), type=type))


@pytest.mark.parametrize(
    "name",
    "a b button canvas div em fieldset font h2 i iframe label li listing nobr noembed noframes noscript object option "
    "p plaintext"
    " pre q script select span strong style svg table td template textarea title tt ul video xmp math".split(),
)
def test_an_empty_element_is_whole(name: str) -> None:
    blocks = read(f"{BEFORE}<{name}/>{AFTER}")
    assert blocks.text == TEXTS
    assert blocks.link_density == [0, 0]
    assert blocks.path == ["/p", "/p"]


@pytest.mark.parametrize("empty", ["<title/>", "<script src='r.js'/>", "<style/>", "<noscript/>", "<template/>"])
def test_an_empty_element_in_the_head(empty: str) -> None:
    assert read(BEFORE + AFTER, head=empty).text == TEXTS


def test_void_elements_stay() -> None:
    blocks = read("<p>One<br/>two<br></br>three <img src='a.png' alt='x'/>four</p><hr/><p>five</p>")
    assert [" ".join(text.split()) for text in blocks.text] == ["One two three four", "five"]


def test_cdata_is_text() -> None:
    assert read("<p><![CDATA[Ice & <b>snow</b>]]> all day &#8212; &amp;c.</p>").text == [
        "Ice & <b>snow</b> all day — &c."
    ]


STRICT = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "xhtml1-strict.dtd">'


@pytest.mark.parametrize("top", ["", "<!DOCTYPE html>", STRICT])
def test_the_entities_of_html_are_known(top: str) -> None:
    (text,) = read("<title/><p title='&eacute;'>Caf&eacute;&nbsp;&ndash; open &unknown;</p>", top=top).text
    assert " ".join(text.split()) == "Café – open &unknown;"


def test_the_entities_that_a_page_declares() -> None:
    top = '<!DOCTYPE html [<!ENTITY pass "the <b>high</b> pass"><!ENTITY way "over &pass;, &eacute;">]>'
    assert read("<title/><p>They went &way;.</p>", top=top).text == ["They went over the high pass, é."]


def test_nothing_outside_the_page_is_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret word")
    uri = secret.as_uri()
    top = f'<!DOCTYPE html SYSTEM "{uri}" [<!ENTITY x SYSTEM "{uri}"><!ENTITY % y SYSTEM "{uri}">%y;]>'
    assert "secret word" not in " ".join(read(f"{BEFORE}<p>&x;</p>{AFTER}", top=top).text)


def _bomb(levels: int, times: int, seed: str) -> str:
    lines = [f'<!ENTITY e0 "{seed}">', *(f'<!ENTITY e{n} "{f"&e{n - 1};" * times}">' for n in range(1, levels))]
    return f"<!DOCTYPE html [{''.join(lines)}]>"


@pytest.mark.parametrize(
    ("top", "body"),
    [
        (_bomb(12, 10, "lol"), "<p>&e11;</p>"),
        (_bomb(12, 10, ""), "<p>&e11;</p>"),
        (_bomb(12, 10, "lol"), "<p title='&e11;'>x</p>"),
        (_bomb(1, 1, "x" * 100_000), f"<p>{'&e0;' * 20_000}</p>"),
        (_bomb(1, 1, "x" * 100_000), f"<p title='{'&e0;' * 20_000}'>x</p>"),
        (f"<!DOCTYPE html [<!ATTLIST i {' '.join(f'a{n} CDATA #IMPLIED' for n in range(9_000))}>]>", "<br/>" * 50_000),
        (
            f"<!DOCTYPE html [<!ENTITY a 'x'><!ENTITY b '{'&c;' * 9000}'><!ENTITY c '{'&a;' * 9000}'>]>",
            f"<p>{'&b;' * 900}</p>",
        ),
    ],
)
def test_what_grows_too_far_is_read_as_html(top: str, body: str) -> None:
    blocks = read(BEFORE + body + AFTER, top=top)
    assert TEXTS[0] in blocks.text
    assert blocks.text[-1] == TEXTS[1]
    assert sum(map(len, blocks.text)) < 2_000_000


def test_prefixes_and_other_vocabularies() -> None:
    xml = (
        '<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns:e="urn:e"><h:body><h:h1>Pass</h:h1>'
        '<e:title>Not in the head</e:title><script xmlns="urn:e">shown</script><h:p>Shut.</h:p></h:body></h:html>'
    )
    blocks = segment(Page("a", "a.xht", xml.encode()))
    assert (blocks.tag[0], blocks.tag[-1]) == ("h1", "p")
    assert " ".join(blocks.text) == "Pass Not in the headshown Shut."


def test_pictures_and_formulas_inside() -> None:
    body = '<svg xmlns="http://www.w3.org/2000/svg"><title/><style/><path d="M0"/></svg>'
    assert read(BEFORE + body + AFTER).text == TEXTS


def test_language_and_title() -> None:
    blocks = read(BEFORE)
    assert (blocks.title, blocks.language) == ("Pass", "en")


def test_links_and_names_stay() -> None:
    (block,) = read('<p class="n &amp; m"><a href="/x?a=1&amp;b=2">Snow</a></p>')
    assert (block.href, block.names.strip(), block.link_density) == ("/x?a=1&b=2", "n & m", 1)


BROKEN = ["<p>Open<br><p>Next", "<p>a & b</p><p>c</p>", "<p class=x>a</p>", "<P>a</p>", "<p>\x0c</p>", "]]>"]


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_xml_is_html(broken: str) -> None:
    page = f"<html {XMLNS}><body>{broken}{AFTER}</body></html>".encode()
    assert as_html(page, "a") is None
    assert segment(Page("a", "a.xhtml", page)).text == segment(Page("a", "a.html", page)).text


@pytest.mark.parametrize(
    ("source", "type", "whole"),
    [
        ("a.xhtml", "", True),
        ("A.XHT", "", True),
        ("a.xhtml.gz", "", True),
        ("https://x.example/a", "application/xhtml+xml", True),
        ("a.html", "application/xhtml+xml", True),
        ("a.xhtml", "text/html", False),
        ("a.html", "", False),
        ("a.xhtml.html", "", False),
    ],
)
def test_who_says_that_it_is_xml(source: str, type: str, whole: bool) -> None:
    body = f"{BEFORE}<textarea/>{AFTER}"
    assert (read(body, source, type=type).text == TEXTS) is whole


def test_only_the_html_parser_attaches_shadow_roots() -> None:
    body = f'{BEFORE}<div><template shadowrootmode="open"><p>Shadow</p></template></div>{AFTER}'
    assert read(body).text == TEXTS


def test_data_in_scripts_and_other_raw_text_end_where_xml_says() -> None:
    script = "<script><![CDATA[if (a < b) document.write('</script><p>No</p>')]]></script>"
    assert read(f"{BEFORE}{script}<noscript><p>No</p></noscript><iframe><p>No</p></iframe>{AFTER}").text == TEXTS


def test_bounds_hold() -> None:
    with pytest.raises(PageblocksError, match="tags; the limit is"):
        read("<i/>" * 1_000_001)


@pytest.mark.parametrize("before", [b"\n", b" \r\n\t\n", b"\xef\xbb\xbf\n"])
def test_white_space_before_the_xml_declaration(before: bytes) -> None:
    body = b"<head><title/></head><body><p>Low water at nine.</p></body>"
    xml = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + body + b"</html>"
    blocks = segment(Page("p", "p.xhtml", before + xml, type="application/xhtml+xml"))
    assert (blocks.text, blocks.note) == (["Low water at nine."], None)
