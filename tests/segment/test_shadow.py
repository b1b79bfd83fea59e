"""Declarative shadow DOM: attached by the HTML standard's parser, shown by the DOM standard's slots."""

from __future__ import annotations

import pytest

from toolkit.page import Blocks, Page
from toolkit.segment import segment
from toolkit.standoff import attach, detach


def read(body: str) -> Blocks:
    return segment(Page("a", "a.html", f"<!doctype html><title>t</title><body>{body}<p>End.".encode()))


def texts(body: str) -> list[str]:
    return read(body).text[:-1]


def root(content: str, mode: str = "open", more: str = "") -> str:
    return f'<template shadowrootmode="{mode}" {more}>{content}</template>'


def test_the_shadow_tree_stands_for_the_host() -> None:
    assert texts(f"<x-a>{root('<h1>Dam</h1><p>Built in stone.</p>')}</x-a>") == ["Dam", "Built in stone."]


def test_nodes_stand_in_their_slots() -> None:
    shadow = "<h2><slot name=top>None</slot></h2><p>Then <slot></slot></p><p><slot name=end>Unsigned.</slot></p>"
    assert texts(f"<div>{root(shadow)}<b>wide</b><i slot=top>High</i> water</div>") == [
        "High",
        "Then wide water",
        "Unsigned.",
    ]


def test_what_finds_no_slot_does_not_show() -> None:
    light = "Text<p>No</p><p slot=b>No</p><p slot=a>Yes</p>"
    assert texts(f"<div>{root('<p>Dam</p><slot name=a></slot>')}{light}</div>") == ["Dam", "Yes"]


def test_nodes_that_are_slotted_are_children_of_the_host() -> None:
    assert texts(f"<div>{root('<slot name=a>own</slot><slot></slot>')}<p><i slot=a>inner</i></p></div>") == [
        "own",
        "inner",
    ]


def test_the_first_slot_of_a_name_takes_all() -> None:
    shadow = "<p>1<slot name=a>x</slot></p><p>2<slot name=a>y</slot></p>"
    assert texts(f"<div>{root(shadow)}<i slot=a>A</i><i slot=a>B</i></div>") == ["1AB", "2y"]


def test_white_space_is_text_too() -> None:
    assert texts(f"<div>{root('<p>Dam</p><slot>Fallback</slot>')} </div>") == ["Dam"]
    assert texts(f"<div>{root('<p>Dam</p><slot>Fallback</slot>')}<!-- no node for a slot --></div>") == [
        "Dam",
        "Fallback",
    ]


def test_roots_in_roots() -> None:
    inner = root("<p>[<slot name=c>c</slot>|<slot></slot>]</p>")
    inner = f"<x-b>{inner}<slot name=a slot=c>fallback of a</slot><slot></slot></x-b>"
    assert texts(f"<x-a>{root(f'<p>Outer</p>{inner}')}<b slot=a>A</b>rest</x-a>") == ["Outer", "[A|rest]"]
    assert texts(f"<x-a>{root(f'<p>Outer</p>{inner}')}</x-a>") == ["Outer", "[fallback of a|]"]


def test_a_root_in_what_is_slotted() -> None:
    inner = f"<x-b>{root('<p>2</p><slot></slot>')}<p>3</p></x-b>"
    assert texts(f"<x-a>{root('<p>1</p><slot></slot>')}{inner}</x-a>") == ["1", "2", "3"]


@pytest.mark.parametrize(
    "host", "article aside blockquote div footer h1 h6 header main nav p section span x-a my-card.x".split()
)
def test_hosts(host: str) -> None:
    assert texts(f"<{host}>{root('Shadow')}Light</{host}>") == ["Shadow"]


@pytest.mark.parametrize(
    "host", "a b button dl details em fieldset figure form h7 i label li pre ul xa font-face".split()
)
def test_no_hosts(host: str) -> None:
    assert texts(f"<{host}>{root('Shadow')}Light</{host}>") == ["Light"]


def test_body_is_a_host() -> None:
    assert segment(Page("a", "a", f"<body>{root('<p>Shadow</p><slot></slot>')}<p>Light".encode())).text == [
        "Shadow",
        "Light",
    ]


@pytest.mark.parametrize("value", ['""', "auto", '" open"', '"open closed"', "true"])
def test_other_values_make_a_plain_template(value: str) -> None:
    assert texts(f"<div><template shadowrootmode={value}>No</template>Light</div>") == ["Light"]
    assert texts(f"<div><template shadowrootmode={value}>No</template>{root('Yes')}Light</div>") == ["Yes"]


@pytest.mark.parametrize("markup", ["shadowrootmode=OPEN", "SHADOWROOTMODE='Closed'", "ShadowRootMode=open"])
def test_case_does_not_matter(markup: str) -> None:
    assert texts(f"<div><TEMPLATE {markup}>Shadow</TEMPLATE>Light</div>") == ["Shadow"]


def test_a_second_root_is_a_plain_template() -> None:
    assert texts(f"<div>{root('<p>First</p><slot></slot>')}{root('Second', 'closed')}<p>Light</p></div>") == [
        "First",
        "Light",
    ]


def test_a_template_in_a_template_is_not_shown() -> None:
    assert texts(f"<p>a</p><template><div>{root('No')}</div></template>") == ["a"]
    assert texts(f"<div>{root(root('No') + '<template>No</template><p>Yes</p>')}</div>") == ["Yes"]


def test_what_is_hidden_is_marked() -> None:
    blocks = read(f"<div>{root('<p hidden>No</p><slot hidden>x</slot>')}<p>Light</p></div>")
    assert [(block.text, block.hidden) for block in blocks] == [("No", True), ("Light", True), ("End.", False)]


def test_the_word_alone_changes_nothing() -> None:
    body = "<p>Write <code>shadowrootmode</code> so.</p><script>'<template shadowrootmode=open>'</script><p>Next.</p>"
    assert texts(body) == ["Write shadowrootmode so.", "Next."]


def test_the_page_s_own_text_keeps_its_numbers() -> None:
    light = "<p>one</p><p slot=b>two</p><input placeholder=word slot=b><p>three</p>"
    shadow = "<h1>Shadow</h1><slot name=b></slot><p>more</p><slot></slot>"
    plain, shown = read(f"<p>zero</p><div>{light}</div>"), read(f"<p>zero</p><div>{root(shadow)}{light}</div>")
    runs = {block.text: (block.start, block.end) for block in shown}
    assert list(runs) == ["zero", "Shadow", "two", "word", "more", "one", "three", "End."]
    assert {block.text: (block.start, block.end) for block in plain if not block.optional}.items() <= runs.items()
    assert (runs["Shadow"], runs["more"]) == ((5, 6), (6, 7))
    labels = [f"label of {text}" for text in shown.text]
    assert attach(shown, detach(shown, labels, "ann")) == labels  # type: ignore[arg-type]


def test_all_that_the_walk_counts_is_counted() -> None:
    light = (
        "<ruby>字<rp>(</rp><rt>ji<b>x</b></rt></ruby><math><semantics><mi>x</mi><annotation>\\\\x</annotation></semantics></math>"
        "<select><optgroup label=o><option>1<option>2</select><textarea>t</textarea><button>b</button><label>l</label>"
        "<template>no</template><iframe>no</iframe><object>no</object><noscript>no</noscript><svg><text>no</text></svg>"
        "<span hidden>h</span><x-y>c</x-y><pre>a\n b</pre><input value=v type=submit>\u200b<dialog>d</dialog><br>z"
    )
    plain, shown = read(light), read(f"<div>{root('<slot></slot>')}{light}</div>")
    assert (plain.text, plain.start, plain.end) == (shown.text, shown.start, shown.end)


def test_text_that_is_part_page_part_shadow() -> None:
    (block, *_) = read(f"<div>{root('<p>Depth: <slot></slot> m</p>')}<b>9</b></div>")
    assert (block.text, block.start, block.end) == ("Depth: 9 m", 0, 1)


def test_many_roots_inside_each_other() -> None:
    deep = 1_500
    host = f"<x-a>{root('<div>' * 20 + '<slot></slot>' + '</div>' * 20)}"
    assert texts(host * deep + "bottom" + "</x-a>" * deep) == ["bottom"]
