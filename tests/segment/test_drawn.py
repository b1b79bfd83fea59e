"""Pages that a script draws: the text is read from the data that they bring along, where they show next to nothing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import pytest
from growth import grows_linearly

from toolkit.errors import PageblocksError
from toolkit.page import Blocks, Flag, Page
from toolkit.segment import segment
from toolkit.segment.pieces import is_prose
from toolkit.standoff import attach, detach

FIRST = (
    "The cable car up to the hut was repaired in spring, and since then forty people "
    "have gone up each day, most on foot down."
)
SECOND = (
    "Nobody had expected so many guests, said the landlady, who now bakes bread twice "
    "a day and has hired her two nephews."
)
THIRD = (
    "In winter the cable car stands still; then the hut is open for those who come on "
    "skis, and closed when the wind is strong."
)
STORY = [FIRST, SECOND, THIRD, FIRST.replace("spring", "autumn"), SECOND.replace("bread", "cake")]
HTML = "".join(f"<p>{text}</p>" for text in STORY)


def page(scripts: str, body: str = "<div id=app></div>", head: str = "<title>Hut</title>") -> Blocks:
    return segment(
        Page("a", "a.html", f"<!doctype html><html lang=en-GB><head>{head}</head><body>{body}{scripts}".encode())
    )


def inline(value: object) -> str:
    """JSON as it may stand in a script."""
    return json.dumps(value).replace("<", "\\u003c")


def data(value: object, kind: str = "application/json", more: str = "") -> str:
    return f"<script type='{kind}' {more}>{inline(value)}</script>"


def ld(value: object) -> str:
    return data(value, "application/ld+json")


ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "articleBody": "\n\n".join(STORY),
    "headline": "Up again",
}
PARAGRAPHS = [{"type": "paragraph", "text": text} for text in STORY]
RECORDS = {f"Paragraph:{number}": {"text": text} for number, text in enumerate(STORY)}
SPANS = [
    {"nodeType": "paragraph", "content": [
        {"nodeType": "text", "value": text[:9], "marks": []},
        {"nodeType": "hyperlink", "content": [{"nodeType": "text", "value": text[9:17], "marks": [{"type": "bold"}]}]},
        {"nodeType": "text", "value": text[17:], "marks": []},
    ]}
    for text in STORY
]  # fmt: skip
ELEMENTS = [
    ["$", "p", str(n), {"children": [text[:9], ["$", "b", None, {"children": text[9:17]}], text[17:]]}]
    for n, text in enumerate(STORY)
]
FLIGHT = [
    "1:I[4711,[],\"Layout\"]\n",
    "0:{\"P\":null,\"c\":[\"$\",\"$L1\",null,{\"children\":\"$L2\"}]}\n",
    "2:" + json.dumps(["$", "article", None, {"className": "x", "children": [
        ["$", "h1", None, {"children": "Up again"}],
        ELEMENTS,
    ]}]) + "\n",
]  # fmt: skip
TEXT_ROW = [f"3:T{len(HTML.encode()):x},{HTML}4:" + json.dumps({"state": {"content": "$3"}}) + "\n"]


def pushed(rows: list[str]) -> str:
    whole = "".join(rows)
    cut = len(whole) // 2
    chunks = [f"<script>self.__next_f.push({inline([1, part])})</script>" for part in (whole[:cut], whole[cut:])]
    return "<script>(self.__next_f=self.__next_f||[]).push([0])</script>" + "".join(chunks)


@pytest.mark.parametrize(
    "scripts",
    [
        ld(ARTICLE),
        ld([{"@type": "WebSite", "description": "x" * 600}, {"@graph": [ARTICLE | {"articleBody": HTML}]}]),
        ld(ARTICLE | {"articleBody": HTML.replace("<", "&lt;").replace(">", "&gt;")}),
        f"<script type='application/ld+json'>\n//<![CDATA[\n{json.dumps(ARTICLE)}\n//]]>\n</script>",
        f"<script type='application/ld+json'>{json.dumps(ARTICLE).replace(chr(92) + 'n', chr(10))}</script>",
        data({"props": {"pageProps": {"post": {"title": "Up again", "html": HTML}}}}, more="id=__NEXT_DATA__"),
        data({"props": {"pageProps": {"blocks": PARAGRAPHS}}}, more="id=__NEXT_DATA__"),
        data({"props": {"body": {"nodeType": "document", "content": SPANS}}}, more="id=__NEXT_DATA__"),
        data(["Reactive", 1, *STORY, "key"], more="id=__NUXT_DATA__"),
        data({"status": 200, "body": json.dumps({"text": HTML})}, more="data-sveltekit-fetched"),
        f"<script>window.__INITIAL_STATE__ = {inline({'article': {'body': HTML}})};(function(){{}})()</script>",
        f"<script>window['__PRELOADED_STATE__']=JSON.parse({json.dumps(json.dumps({'body': STORY}))})</script>",
        f"<script>window.__APOLLO_STATE__={json.dumps(RECORDS)}</script>",
        f"<script>window.__DATA__={{a:undefined,body:{inline(HTML)}}}</script>",
        "<script>window.__NUXT__=(function(a,b){return{data:[{title:b,ok:a,body:" + json.dumps(HTML).replace("<",
        "\\u003C")
        + "}]}}(true,'Up again'))</script>",
        pushed(FLIGHT),
        pushed(TEXT_ROW),
    ],
)  # fmt: skip
def test_the_text_is_found(scripts: str) -> None:
    blocks = page(scripts)
    assert [text for text in blocks.text if text != "Up again"] == STORY
    assert blocks.note
    assert (blocks.title, blocks.language) == ("Hut", "en")
    assert all(path.startswith("/script") for path in blocks.path)


def test_names_say_what_the_data_calls_it() -> None:
    blocks = page(ld(ARTICLE))
    assert (blocks.text[0], blocks.names[0].split(), blocks.names[1].split()) == (
        "Up again",
        ["headline"],
        ["articleBody"],
    )


def test_markup_in_the_data_is_markup() -> None:
    html = f"<h2>Guests</h2><ul><li>{FIRST}</li><li hidden>{SECOND}</li></ul>"
    html += f"<blockquote>{THIRD}</blockquote><p>{STORY[3]}</p>"
    blocks = page(data({"post": {"html": html + "<script>alert(1)</script><!-- open <p>"}}))
    assert blocks.tag == ["h2", "li", "li", "blockquote", "p"]
    assert blocks.flags[0] & Flag.HEADING
    assert blocks[2].hidden
    assert blocks[1].heading == "Guests"


def test_a_string_cannot_swallow_the_next() -> None:
    parts = [
        f"<p>{text}</p>{end}"
        for text, end in zip(STORY, ("<!--", "<textarea>", "<script>", "<a href=x>", "</div>"), strict=True)
    ]
    assert page(data({"parts": parts})).text == STORY


def test_a_recipe() -> None:
    recipe = {
        "@type": "Recipe", "name": "Hut bread", "author": {"@type": "Person", "name": "Nobody"}, "image": "https://x.example/a.jpg",
        "recipeInstructions": [{"@type": "HowToSection", "name": "Bread", "itemListElement": [
            {"@type": "HowToStep", "name": text[:30], "text": text, "url": "https://x.example/#1"} for text in STORY
        ]}],
        "recipeIngredient": ["500 g flour", "salt"],
    }  # fmt: skip
    assert page(ld(recipe)).text == ["Hut bread", "500 g flour", "salt", *STORY]


def test_what_the_page_shows_stays_and_comes_once() -> None:
    blocks = page(ld(ARTICLE), f"<nav><a href=/>Home</a></nav><h1>Up again</h1><p>{FIRST}</p>", head="")
    assert blocks.text[:3] == ["Home", "Up again", FIRST]
    assert blocks.text.count("Up again") == 1
    assert (blocks.start[:3], blocks.end[:3]) == ([0, 1, 2], [1, 2, 3])
    assert min(blocks.start[3:]) == 3
    assert all(0 <= parent < len(blocks.above) for parent in blocks.parent)
    labels: list[str | None] = [f"label {number}" for number in range(len(blocks))]
    assert attach(blocks, detach(blocks, labels, "ann")) == labels


@pytest.mark.parametrize("scripts", [ld(ARTICLE), data({"body": HTML}), pushed(FLIGHT)])
def test_a_page_that_shows_its_text_is_left_alone(scripts: str) -> None:
    body = "".join(f"<p>{number}. {text}</p>" for number, text in enumerate(STORY * 4))
    assert page(scripts, body).text == page("", body).text
    assert not page(scripts, body).note


@pytest.mark.parametrize(
    "scripts",
    [
        data(
            {
                "css": ".a { color: red; } " * 99,
                "url": "https://x.example/a?b=c " * 99,
                "key": "QUJD" * 999,
                "id": list(range(9999)),
            }
        ),
        data({"messages": {f"key{n}": "Sign in" for n in range(999)}}),
        "<script>window.__lib=function(a){return 'Something went wrong, please try again later' + a}</script>",
        '<script>window.__esModule={a:function(){throw Error("'
        + "The iterator does not provide a throw method. " * 40
        + '")}}</script>',
        data("{" * 100_000),
        data({"a": 1})[:-30],
        ld({"@type": "Organization", "description": FIRST * 9}),
        "<script>document.write('x')</script>",
    ],
)
def test_what_is_no_text_is_not_read(scripts: str) -> None:
    with pytest.raises(
        PageblocksError,
        match=r"^a\.html: no text in the page: a script draws it.*; save the page as the browser shows it$",
    ):
        page(scripts)


@pytest.mark.parametrize(
    "text",
    [
        FIRST,
        HTML,
        "夜のケーブルカーは春に直され、毎日四十人が登る。",
        "케이블카는 봄에 수리되어 매일 마흔 명이 올라간다.",
        "Канатную дорогу починили весной, и теперь каждый день поднимаются сорок человек.",
    ],
)
def test_prose(text: str) -> None:
    assert is_prose(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sign in",
        "https://x.example/a b c d e f g h i j k l m n o p",
        "function(a){return a+b;}" * 9,
        "0 1 2 3 " * 20,
        "aGVsbG8" * 30,
    ],
)
def test_no_prose(text: str) -> None:
    assert not is_prose(text)


PUSH = "<script>self.__next_f.push("


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "script",
    [
        "<script>window.__NUXT__=(" + '"' + r"\"" * 3_000_000,
        "<script>" + "window.__a={" * 600_000,
        "<script>" + '__a=["' * 600_000,
        "<script>" + "__a" * 2_000_000,
        "<script>" + "__next_f=(" * 600_000,
        "<script type=application/json>" + "[" * 6_000_000,
        "<script type=application/json>" + " " * 6_000_000 + "1",
        "<script type=application/json>" + json.dumps({"a": "<" * 6_000_000}),
        "<script type=application/json>" + json.dumps(["&lt;" * 10] * 100_000),
        "<script type=application/json>" + json.dumps(["<b " * 300 + "x" * 900] * 3_000),
        PUSH + json.dumps([1, "1:T100000," + "x " * 600_000 + "\n2:" + json.dumps(["$1"] * 500_000)]) + ")",
        PUSH + json.dumps([1, "".join(f'{n:x}:["$L{n + 1:x}","$L{n + 1:x}"]\n' for n in range(100_000))]) + ")",
    ],
)  # fmt: skip
def test_costs_stay_in_proportion(script: str) -> None:
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (40, 40))\n"
        "from toolkit.errors import PageblocksError\nfrom toolkit.page import Page\n"
        "from toolkit.segment import segment\n"
        "try: segment(Page('a', 'a', sys.stdin.buffer.read()))\nexcept PageblocksError: pass\n"
    )
    done = subprocess.run([sys.executable, "-c", limited], input=script.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


def single_quoted(value: object) -> str:
    """As bundlers write data: a string of the script, between single quotes."""
    return json.dumps(value).replace("\\", "\\\\").replace("'", "\\'").replace("<", "\\x3c")


FLAT = [{"_1": 2}, "loaderData", {"_3": 4}, "story", *STORY]
HANDED = json.dumps({"component": "Story", "props": {"story": {"body": HTML}}}).replace('"', "&quot;")
PLACES = {
    "Remix": f"<script>window.__remixContext.streamController.enqueue({inline(json.dumps(FLAT))});</script>",
    "React Router": "<script>window.__reactRouterContext.streamController.enqueue("
    f"{inline('P1:' + json.dumps(FLAT) + chr(10))});"
    "</script>",
    "SvelteKit": "<script>{ __sveltekit_a = {base: ''}; Promise.all([import('./a.js')]).then(([kit, app]) => { "
    "kit.start(app, element, "
    "{node_ids: [0], data: [null, {type: 'data', data: {story: "
    f"{{content: {inline(HTML)}}}}}}}]}}); }}); }}</script>",
    "a parsed string": f"<script>window.__STATE__ = JSON.parse('{single_quoted({'it''s': HTML})}');</script>",
    "Inertia": f'<div id="app" data-page="{HANDED}"></div>',
    "Astro": f'<astro-island client="load" props="{HANDED}"></astro-island>',
    "react-rails": f'<div data-react-class="Story" data-react-props="{HANDED}"></div>',
    "a comma too many": ld(ARTICLE).replace("}", ",\n}"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_other_places_in_which_servers_hand_data_over(name: str) -> None:
    blocks = page(PLACES[name])
    assert [text for text in blocks.text if text != "Up again"] == STORY
    assert blocks.note is not None
    assert blocks.note.reason == "data"


def test_questions_stand_before_their_answers() -> None:
    asked = [
        {"@type": "Question", "name": f"Question {n}?", "acceptedAnswer": {"@type": "Answer", "text": text}}
        for n, text in enumerate(STORY)
    ]
    blocks = page(ld({"@type": "FAQPage", "mainEntity": asked}))
    assert blocks.text == [line for n, text in enumerate(STORY) for line in (f"Question {n}?", text)]


@pytest.mark.parametrize(
    "part", ['{"a": "\\"', "__AA=JSON.parse('", "__aa.push('", '{"a": 1,  ', "kit.start(", "<p props='{'>"]
)
def test_broken_data_costs_no_more_than_its_length(part: str) -> None:
    for before, after in (
        ("<script>window.__DATA__=", "</script>"),
        ("<script type=application/json>", "</script>"),
        ("", ""),
    ):

        def look(n: int, before: str = before, after: str = after) -> None:
            with contextlib.suppress(PageblocksError):  # too costly a page is refused
                page(before + part * (n // len(part)) + after, "<p>Shown</p>")

        assert grows_linearly(look, 50_000)
