"""The list of active formatting elements, which the HTML standard's parser opens again after the end of their block.

An unclosed `<b>` is opened again in every later block, as often as it is in the list: up to three with the same
attributes, and any number with different ones. All operations take constant time.
"""

from __future__ import annotations

from collections import defaultdict

FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_OF_A_KIND = 3  # "Noah's Ark": the list has at most so many equal elements


class Formatting:
    """An element that is or was in the list."""

    __slots__ = ("at", "attributes", "listed", "name")

    def __init__(self, name: bytes, attributes: bytes) -> None:
        self.name, self.attributes = name, attributes
        self.at = -1  # its index among the open elements; -1 if it is closed
        self.listed = True


class _Scope:
    """The elements since the last marker: in order, by kind and by name."""

    __slots__ = ("kinds", "names", "order")

    def __init__(self) -> None:
        self.order: list[Formatting] = []
        self.kinds: defaultdict[tuple[bytes, bytes], list[Formatting]] = defaultdict(list)
        self.names: defaultdict[bytes, list[Formatting]] = defaultdict(list)


class Active:
    """The list. Elements before the last marker are not changed."""

    def __init__(self) -> None:
        self._scopes = [_Scope()]

    def mark(self) -> None:
        """Add a marker."""
        self._scopes.append(_Scope())

    def clear(self) -> None:
        """Remove everything up to the last marker."""
        self._scopes.pop()
        if not self._scopes:
            self.mark()

    def add(self, name: bytes, attributes: bytes) -> Formatting:
        """Add an element."""
        scope, element = self._scopes[-1], Formatting(name, attributes)
        kind = scope.kinds[name, attributes]
        if len(kind) == _OF_A_KIND:
            self.remove(kind[0])
        kind.append(element)
        scope.order.append(element)
        scope.names[name].append(element)
        return element

    def remove(self, element: Formatting) -> None:
        """Remove an element that was added since the last marker."""
        scope = self._scopes[-1]
        element.listed = False
        scope.kinds[element.name, element.attributes].remove(element)
        names = scope.names[element.name]
        while names and not names[-1].listed:
            names.pop()
        while scope.order and not scope.order[-1].listed:
            scope.order.pop()

    def last(self, name: bytes) -> Formatting | None:
        """The last element of this name since the last marker."""
        names = self._scopes[-1].names.get(name)
        return names[-1] if names else None

    def closed(self) -> list[Formatting]:
        """The elements that the next text opens again, in order: those after the last open one."""
        order = self._scopes[-1].order
        if not order or order[-1].at >= 0:
            return []
        start = len(order)
        while start and (order[start - 1].at < 0 or not order[start - 1].listed):
            start -= 1
        order[start:] = found = [element for element in order[start:] if element.listed]
        return found[:]
