"""Pages that React streams: what came late is shown in its place."""

from __future__ import annotations

import pytest

from toolkit.page import Blocks, Page
from toolkit.segment import segment
from toolkit.standoff import attach, detach

SCRIPT = "<script>$RC=function(b,c){}</script>"


def read(body: str) -> Blocks:
    return segment(Page("a", "a.html", f"<!doctype html><title>t</title><body>{body}".encode()))


def place(name: str, meanwhile: str = "<p>Loading</p>") -> str:
    return f'<!--$?--><template id="B:{name}"></template>{meanwhile}<!--/$-->'


def late(name: str, content: str, call: str = '$RC("B:{0}","S:{0}")') -> str:
    return f'<div hidden id="S:{name}">{content}</div><script>{call.format(name)}</script>'


def seen(body: str) -> list[str]:
    return [block.text for block in read(body) if not block.hidden]


@pytest.mark.parametrize(
    "call", ['$RC("B:{0}","S:{0}")', '$RR("B:{0}","S:{0}",[["/a.css"]])', 'f(){{}};$RC("B:{0}","S:{0}")']
)
def test_late_parts_stand_in_their_place(call: str) -> None:
    body = f"<main><h1>Hut</h1>{place('0')}<p>After</p></main>" + late("0", "<p>Late</p>", call)
    assert seen(body) == ["Hut", "Late", "After"]
    assert [block.text for block in read(body) if block.hidden] == ["Loading"]


def test_late_parts_in_late_parts() -> None:
    body = f"<main>{place('0')}</main><footer>End</footer>"
    inner = late("0", f"<p>1</p>{place('1')}<p>3</p><template id='P:a'></template>")
    assert seen(body + inner + late("1", "<p>2</p>") + late("a", "<p>4</p>", '$RS("S:a","P:a")')) == [
        "1",
        "2",
        "3",
        "4",
        "End",
    ]
    assert seen(body + late("1", "<p>2</p>").replace("$RC", "$RX") + inner) == ["1", "Loading", "3", "End"]


def test_boundaries_in_what_is_shown_meanwhile() -> None:
    body = f"<main>{place('0', '<p>Wait</p><!--$--><p>Wait</p><!--/$--><p>Wait</p>')}<p>After</p></main>"
    assert seen(body + late("0", "<p>Late</p>")) == ["Late", "After"]


def test_without_the_call_it_stays_hidden() -> None:
    assert seen(f"<main><p>Hut</p>{place('0')}</main><div hidden id='S:0'><p>Late</p></div>{SCRIPT}") == [
        "Hut",
        "Loading",
    ]


def test_numbers_stay_as_they_were() -> None:
    body = f"<main><p>0</p>{place('0', '<p>1</p>')}<p>2</p></main><div hidden id='S:0'><p>3</p><p>4</p></div>"
    before, after = read(body), read(f'{body}<script>$RC("B:0","S:0")</script>')
    runs = {block.text: (block.start, block.end) for block in after}
    assert list(runs) == ["0", "1", "3", "4", "2"]
    assert runs == {block.text: (block.start, block.end) for block in before}
    labels = [f"label {text}" for text in before.text]
    annotation = detach(before, labels, "ann")
    annotation.sha256 = ""
    assert attach(after, annotation) == [f"label {text}" for text in after.text]


@pytest.mark.parametrize(
    "odd",
    [
        late("0", place("0")),
        late("0", f"<div>{place('0')}</div>"),
        late("0", place("1")) + late("1", place("0")),
        '<div id="B:0"></div>' + late("0", "<p>x</p>"),
        '<script>$RC("B:0","B:0");$RC("S:0","S:0");$RC("","")</script>' + late("0", "<p>x</p>"),
        late("0", "<p>x</p>") * 3,
    ],
)
def test_odd_calls_do_no_harm(odd: str) -> None:
    assert "Hut" in read(f"<p>Hut</p>{odd}").text


def test_many_parts() -> None:
    count = 3_000
    chain = "".join(late(f"{n}", f"<p>{n}</p>{place(f'{n + 1}', '')}") for n in range(count))
    assert len(read(place("0", "") + chain)) == count
