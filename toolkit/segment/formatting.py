"""The list of active formatting elements: what the HTML standard's parser opens again behind the end of their block.

`<b>` that nobody closes is opened again in every later block, as often as it is in the list: three of a kind with the
same attributes, and as many of different kinds as the page has. All questions are answered in constant time.
"""

from __future__ import annotations

from collections import defaultdict

FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_OF_A_KIND = 3  # "Noah's Ark": as many of one kind are in the list


class Formatting:
    """An element in the list, or that was in it."""

    __slots__ = ("at", "attributes", "listed", "name")

    def __init__(self, name: bytes, attributes: bytes) -> None:
        self.name, self.attributes = name, attributes
        self.at = -1  # where it is among the open elements; -1: it is closed
        self.listed = True


class _Scope:
    """What was added since the last marker: in order, and by kind and by name."""

    __slots__ = ("kinds", "names", "order")

    def __init__(self) -> None:
        self.order: list[Formatting] = []
        self.kinds: defaultdict[tuple[bytes, bytes], list[Formatting]] = defaultdict(list)
        self.names: defaultdict[bytes, list[Formatting]] = defaultdict(list)


class Active:
    """The list. Markers part it: what stands before the last one is left alone."""

    def __init__(self) -> None:
        self._scopes = [_Scope()]

    def mark(self) -> None:
        self._scopes.append(_Scope())

    def clear(self) -> None:
        """Drop everything up to the last marker."""
        self._scopes.pop()
        if not self._scopes:
            self.mark()

    def add(self, name: bytes, attributes: bytes) -> Formatting:
        scope, element = self._scopes[-1], Formatting(name, attributes)
        kind = scope.kinds[name, attributes]
        if len(kind) == _OF_A_KIND:
            self.remove(kind[0])
        kind.append(element)
        scope.order.append(element)
        scope.names[name].append(element)
        return element

    def remove(self, element: Formatting) -> None:
        """Take out an element that was added since the last marker."""
        scope = self._scopes[-1]
        element.listed = False
        scope.kinds[element.name, element.attributes].remove(element)
        names = scope.names[element.name]
        while names and not names[-1].listed:
            names.pop()
        while scope.order and not scope.order[-1].listed:
            scope.order.pop()

    def last(self, name: bytes) -> Formatting | None:
        names = self._scopes[-1].names.get(name)
        return names[-1] if names else None

    def closed(self) -> list[Formatting]:
        """What the next text opens again, in this order: those behind the last open one."""
        order = self._scopes[-1].order
        if not order or order[-1].at >= 0:
            return []
        start = len(order)
        while start and (order[start - 1].at < 0 or not order[start - 1].listed):
            start -= 1
        order[start:] = found = [element for element in order[start:] if element.listed]
        return found[:]
