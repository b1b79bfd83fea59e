"""From chosen blocks to one text: plain, or Markdown with headings, lists, tables, quotes and code.

Page text is hostile: what would become structure of Markdown is escaped.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal, NamedTuple, get_args
from urllib.parse import quote, urljoin, urlsplit

from ..errors import UsageError
from ..page import Blocks, Flag

TextFormat = Literal["text", "markdown"]
BETWEEN = "\n\n"  # separates the blocks in a page's text
_CODE = frozenset("listing plaintext pre xmp".split())
_CELLS = frozenset(("td", "th"))
_LISTS = frozenset(("menu", "ol", "ul"))
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_LARGE = frozenset(("blockquote", *_LEVELS))  # what a table of facts does not have
_STRUCTURED = _CODE | _CELLS | _LISTS | _LARGE | {"li", "table"}
_LARGEST_CELL = 600  # characters; a table with a larger cell arranges a page
_SURE_LINK = 0.9  # share of link text
_LONGEST_HREF = 119  # characters; a longer address may be cut off

# At the start of a line: heading, quote, list, fence, box of a task, rule, underline, delimiters of a table.
_STRUCTURE = re.compile(r"#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|```|~~~|\[[ xX]\](?=\s|$)|[-*_=|:\s]+$")
_WITH_DEFINITIONS = re.compile(rf"\[|{_STRUCTURE.pattern}")  # of links, which may take several lines
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
# Anywhere: a backslash that escapes something, markup, an entity, the target of a link.
_MARKUP = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)|<(?=[A-Za-z/!?])|&(?=#?\w{1,31};)|(?<=\])\(")
_IN_LINK = re.compile(r"[\\\[\]`]|<(?=[A-Za-z/!?])|&(?=#?\w{1,31};)")
_CLOSING = re.compile(r"(?<!#)(?=#+$)")  # of a heading
_FENCE = re.compile("`{3,}")
_EMPTY_LINES = re.compile(r"\n{2,}")
_TABLE = int(Flag.TABLE)  # the flag itself takes ten times as long


@dataclass(frozen=True)
class LaidOut:
    """A text, and where in it each block starts and ends (characters)."""

    text: str
    starts: list[int]
    ends: list[int]


class _Around(NamedTuple):
    """A quote or the item of a list, which has the number `group` (-1 for a quote)."""

    number: int
    group: int
    ordered: bool


class _Cell(NamedTuple):
    table: int
    row: int
    column: int


class _Place(NamedTuple):
    around: tuple[_Around, ...]  # the outermost first
    cell: _Cell | None
    level: int  # of the heading, or 0
    code: bool


class _Elements(NamedTuple):
    """Names and numbers of the containers around a block, the outermost first."""

    names: list[str]
    numbers: list[int]


class _Piece(NamedTuple):
    """A block's text, and what is between it and the block before."""

    before: str
    text: str


def lay_out(blocks: Blocks, chosen: Sequence[int], format: TextFormat = "text", *, links: bool = False) -> LaidOut:
    """The text of the chosen blocks, in their order.

    Plain text has an empty line between two blocks; a row of a table is a line, with a tab between two cells. With
    `links`, Markdown has the address of a block that is nearly all link.
    """
    pieces = list(_markdown(blocks, chosen, links) if known_format(format) == "markdown" else _plain(blocks, chosen))
    starts, ends, at = [], [], 0
    for before, text in pieces[: len(chosen)]:
        starts.append(at + len(before))
        at += len(before) + len(text)
        ends.append(at)
    return LaidOut("".join(part for piece in pieces for part in piece), starts, ends)


def known_format(format: TextFormat) -> TextFormat:
    """The format; raise UsageError if it is none."""
    if format not in get_args(TextFormat):
        raise UsageError(f"no such format of text: {format!r}; use {' or '.join(get_args(TextFormat))}")
    return format


def text_of(blocks: Blocks, chosen: Sequence[int], format: TextFormat = "text", *, links: bool = False) -> str:
    """Only the text of `lay_out`, at once for plain text without a table."""
    if known_format(format) == "text" and not _has_table(blocks, chosen):
        return BETWEEN.join([blocks.text[i] for i in chosen])
    return lay_out(blocks, chosen, format, links=links).text


def _has_table(blocks: Blocks, chosen: Sequence[int]) -> bool:
    return bool(blocks.flags) and any(blocks.flags[i] & _TABLE for i in chosen)


def _plain(blocks: Blocks, chosen: Sequence[int]) -> Iterator[_Piece]:
    cells: dict[int, _Cell] = {}
    if _has_table(blocks, chosen):
        inside = [i for i in chosen if blocks.flags[i] & _TABLE]
        cells = {i: place.cell for i, place in zip(inside, _places(blocks, inside), strict=True) if place.cell}
    last = None
    for k, i in enumerate(chosen):
        before, text, cell = BETWEEN if k else "", blocks.text[i], cells.get(i)
        if cell:
            text = " ".join(text.split())
            if last and last.row == cell.row:
                before = "\t" * (cell.column - last.column) or " "
            else:
                before = ("\n" if last and last.table == cell.table else before) + "\t" * cell.column
        yield _Piece(before, text)
        last = cell


def _markdown(blocks: Blocks, chosen: Sequence[int], links: bool) -> Iterator[_Piece]:
    """A piece for each block, and one for what follows the last."""
    places = _places(blocks, chosen)
    lines = _Lines(places)
    end = ""  # of the block before
    for table, group in groupby(range(len(chosen)), lambda k: cell.table if (cell := places[k].cell) else -1):
        ks = list(group)
        if table >= 0:
            start, more = lines.begin(places[ks[0]].around)
            cells = [(cell, _one_line(blocks, chosen[k], links)) for k in ks if (cell := places[k].cell)]
            *pieces, last = _table(cells, more)
            for before, text in pieces:
                yield _Piece(end + start + before, text)
                start = end = ""
            end = last.before
            continue
        for k in ks:
            place, text = places[k], blocks.text[chosen[k]]
            start, more = lines.begin(place.around)
            if place.code:
                fence = "`" * max(3, 1 + max(map(len, _FENCE.findall(text)), default=0))
                yield _Piece(f"{end}{start}{fence}\n{more}", _indented(text.split("\n"), more))
                end = f"\n{more}{fence}"
                continue
            if place.level:
                start += "#" * place.level + " "
                text = _CLOSING.sub(r"\\", _one_line(blocks, chosen[k], links))
            else:
                text = _link(blocks, chosen[k], links) or _escaped(text)
            yield _Piece(end + start, _indented(_EMPTY_LINES.sub("\n\n", text).split("\n"), more, broken=True))
            end = ""
    yield _Piece(end, "")


def _indented(lines: Sequence[str], more: str, broken: bool = False) -> str:
    """The lines with `more` before all but the first; if `broken`, Markdown does not join a line with the next."""
    if broken:
        lines = [f"{line}  " if line and after else line for line, after in pairwise((*lines, ""))]
    return "\n".join([lines[0], *(more + line if line else more.rstrip() for line in lines[1:])])


def _table(cells: Sequence[tuple[_Cell, str]], more: str) -> Iterator[_Piece]:
    """The cells, and a piece for what follows. The first row is the head, as each table of Markdown has one."""
    wide = 1 + max(cell.column for cell, _ in cells)
    head = last = cells[0][0]
    for k, (cell, text) in enumerate(cells):
        before = " | " * (cell.column - last.column) or " "
        if k == 0 or cell.row != last.row:
            before = "| " + " | " * cell.column
            if k:
                before = f"{_end_of_row(last, head, wide, more)}\n{more}{before}"
        yield _Piece(before, text.replace("|", "\\|"))
        last = cell
    yield _Piece(_end_of_row(last, head, wide, more), "")


def _end_of_row(last: _Cell, head: _Cell, wide: int, more: str) -> str:
    end = f" |{'  |' * (wide - 1 - last.column)}"
    return end if last.row != head.row else f"{end}\n{more}|{' --- |' * wide}"


class _Lines:
    """How the lines of one block after the other begin."""

    def __init__(self, places: Sequence[_Place]) -> None:
        self.last: tuple[_Around, ...] | None = None
        items = {one for place in places for one in place.around}
        self.sizes = Counter(one.group for one in items)
        self.joined: dict[int, int] = {}  # a list of one item that goes on with another such list
        self.other: dict[int, bool] = {}  # whether a list has the other mark, because it follows a list
        self.counts: Counter[int] = Counter()  # items of each list so far
        self.marks: dict[int, str] = {}

    def begin(self, around: tuple[_Around, ...]) -> tuple[str, str]:
        """What is between the block before and a block with this around it; how the block's further lines begin."""
        last = self.last
        around = self._with_joined(around)
        same = 0
        while last and same < min(len(last), len(around)) and last[same] == around[same]:
            same += 1
        before = last[same] if last and same < len(last) else None
        if same < len(around) and before and _are_alike(before, around[same]):
            if self.sizes[around[same].group] == self.sizes[before.group] == 1:
                self.joined[around[same].group] = before.group
                around = self._with_joined(around)
            else:
                self.other.setdefault(around[same].group, not self.other.get(before.group, False))
        self.last = around
        marks = [self._mark(one) for one in around]
        more = ["> " if one.group < 0 else " " * len(mark) for one, mark in zip(around, marks, strict=True)]
        start = "".join(more[:same] + marks[same:])
        if last is not None:
            tight = same < len(around) and self._follows(around, same, before, mark=marks[same])
            start = ("\n" if tight else f"\n{''.join(more[:same]).rstrip()}\n") + start
        return start, "".join(more)

    def _with_joined(self, around: tuple[_Around, ...]) -> tuple[_Around, ...]:
        if self.joined:
            return tuple(one._replace(group=self.joined.get(one.group, one.group)) for one in around)
        return around

    @staticmethod
    def _follows(around: tuple[_Around, ...], k: int, before: _Around | None, *, mark: str) -> bool:
        """Whether no empty line is needed before an item. After a paragraph only the number 1 begins a list."""
        if around[k].group < 0:
            return False
        if before:
            return before.group == around[k].group
        return k > 0 and around[k - 1].group >= 0 and mark in ("- ", "* ", "1. ", "1) ")

    def _mark(self, one: _Around) -> str:
        if one.group < 0:
            return "> "
        if one.number not in self.marks:
            other = self.other.get(one.group, False)
            self.counts[one.group] += 1
            number = self.counts[one.group]
            self.marks[one.number] = f"{number}{')' if other else '.'} " if one.ordered else "* " if other else "- "
        return self.marks[one.number]


def _are_alike(one: _Around, other: _Around) -> bool:
    """Whether these are items of two lists that Markdown would join."""
    return min(one.group, other.group) >= 0 and one.group != other.group and one.ordered == other.ordered


def _one_line(blocks: Blocks, i: int, links: bool) -> str:
    """A block that does not begin a line."""
    return _link(blocks, i, links) or _MARKUP.sub(r"\\\g<0>", " ".join(blocks.text[i].split()))


def _escaped(text: str) -> str:
    structure = _WITH_DEFINITIONS if "]:" in text else _STRUCTURE
    lines = (_MARKUP.sub(r"\\\g<0>", line.strip()) for line in text.split("\n"))
    return "\n".join(_NUMBERED.sub(r"\1\\\2", f"\\{line}" if structure.match(line) else line, 1) for line in lines)


def _link(blocks: Blocks, i: int, links: bool) -> str:
    """The block as a link; "" if it is none, or its address is not on the web."""
    href = blocks.href[i] if links else ""
    if not href or href[0] == "#" or len(href) > _LONGEST_HREF or blocks.link_density[i] < _SURE_LINK:
        return ""
    try:
        url = urljoin(blocks.page.url, href.strip())
        if urlsplit(url).scheme not in ("http", "https"):
            return ""
    except ValueError:
        return ""
    text = _IN_LINK.sub(r"\\\g<0>", " ".join(blocks.text[i].split()))
    return f"[{text}]({quote(url, safe=':/?#@!$&*+,;=%~-._', errors='replace')})"


def _places(blocks: Blocks, chosen: Sequence[int]) -> list[_Place]:
    known: dict[int, _Elements] = {}
    for i in chosen:
        if blocks.parent[i] not in known:
            known[blocks.parent[i]] = _elements(blocks, i)
    arranging = _arranging(blocks, chosen, [known[blocks.parent[i]] for i in chosen])
    orders = _orders(blocks.above)
    places = {parent: _place(elements, blocks.above, orders, arranging=arranging) for parent, elements in known.items()}
    return _without_empty_columns([places[blocks.parent[i]] for i in chosen])


def _without_empty_columns(places: list[_Place]) -> list[_Place]:
    """The columns of each table counted without those that have no chosen block: pictures, boxes to tick, gaps."""
    columns: defaultdict[int, set[int]] = defaultdict(set)
    for place in places:
        if place.cell:
            columns[place.cell.table].add(place.cell.column)
    if not columns:
        return places
    numbers = {table: {column: k for k, column in enumerate(sorted(those))} for table, those in columns.items()}
    return [
        _Place(around, _Cell(cell.table, cell.row, numbers[cell.table][cell.column]) if cell else None, level, code)
        for around, cell, level, code in places
    ]


def _elements(blocks: Blocks, i: int) -> _Elements:
    """The containers around a block. A long path has lost the outermost."""
    names = blocks.path[i].split("/")[1:]
    numbers = []
    number = blocks.parent[i]
    for _ in names:
        numbers.append(number)
        number = blocks.above[number]
    return _Elements(names, numbers[::-1])


def _orders(above: Sequence[int]) -> list[int]:
    """The number of each container among those with the same container around them, from 0."""
    counts = [0] * len(above)
    orders = []
    for around in above:
        orders.append(counts[around])
        counts[around] += 1
    return orders


def _arranging(blocks: Blocks, chosen: Sequence[int], inside: Sequence[_Elements]) -> set[int]:
    """Tables that arrange a page: with another table, a heading, a quote, lines of code or much text in a cell, or with
    one column.
    """
    arranging: set[int] = set()
    sizes: Counter[int] = Counter()
    rows: dict[int, int] = {}  # a cell of each row
    narrow: set[int] = set()  # tables with cells, and those with two in a row
    wide: set[int] = set()
    for i, (names, numbers) in zip(chosen, inside, strict=True):
        if "table" not in names:
            continue
        at = names.index("table")
        while "table" in names[at + 1 :]:
            arranging.add(numbers[at])
            at = names.index("table", at + 1)
        table, below = numbers[at], names[at + 1 :]
        if not _LARGE.isdisjoint(below) or ("\n" in blocks.text[i] and not _CODE.isdisjoint(below)):
            arranging.add(table)
        cell = next((number for name, number in zip(below, numbers[at + 1 :], strict=True) if name in _CELLS), None)
        if cell is None:
            continue
        sizes[cell] += len(blocks.text[i])
        if sizes[cell] > _LARGEST_CELL:
            arranging.add(table)
        (narrow if rows.setdefault(blocks.above[cell], cell) == cell else wide).add(table)
    return arranging | (narrow - wide)


def _place(elements: _Elements, above: Sequence[int], orders: Sequence[int], *, arranging: set[int]) -> _Place:
    around: list[_Around] = []
    level, code, table, ordered = 0, False, -1, False
    for name, number in zip(*elements, strict=True):
        if name not in _STRUCTURED:  # most of them
            continue
        if name == "table":
            table = -1 if number in arranging else number
        elif table >= 0 and name in _CELLS:
            return _Place(tuple(around), _Cell(table, above[number], orders[number]), 0, False)
        elif name in _LISTS:
            ordered = name == "ol"
        elif name == "li":
            around.append(_Around(number, above[number], ordered))
        elif name == "blockquote":
            around.append(_Around(number, -1, False))
        elif name in _CODE:
            code = True
        level = _LEVELS.get(name, level)
    return _Place(tuple(around), None, level, code)
