"""The pages and sites that a model was trained on, as short hashes in its facts: scores on them are too high.

So are scores on labels that were made by correcting the model's suggestions; see `standoff.Annotation.suggested_by`.

A page is recognised by its bytes; by its text, in any encoding and markup; and by the two longest blocks of its main
content, even if the rest has changed. Its id and its address do not count.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ..page import Blocks, text_hash
from ..support.text import counted

if TYPE_CHECKING:
    from . import BlockClassifier

SITES, PAGES, IN_PART = "sites", "page_hashes", "hashes_in_part"
_LONG = 40  # characters without white space; a shorter block does not identify a page
_LOOKED_AT = 6  # the longest blocks of a page, in which the two longest of a known page's main content are searched


@dataclass(frozen=True)
class Seen:
    """How many test pages a model has seen in training.

    Parameters
    ----------
    total : int
        Number of test pages.
    pages : int or None
        Those that the model was trained on; None if it has no record of its pages.
    sites : int or None
        Those of sites that it was trained on; None if it has no record of its sites.
    either : int or None
        Those that are counted in `pages` or `sites`.
    without_address : int
        Those without an address, so that only the page itself can be compared.
    in_part : bool, default=False
        Whether the model started from one without such a record, so that there may be more.
    corrected : dict of str to int
        Pages whose labels were made by correcting suggestions, by the version of the model that suggested.
    own : tuple of str
        Versions of the scored model and of the model that it started from.
    folds : bool, default=False
        Whether each page was predicted by a model that had seen no page of its site.
    """

    total: int
    pages: int | None
    sites: int | None
    either: int | None
    without_address: int
    in_part: bool = False
    corrected: dict[str, int] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    folds: bool = False

    @property
    def too_high(self) -> bool:
        """Whether the scores are higher than those on pages that the model has never seen."""
        return bool(self.either) or any(version in self.own for version in self.corrected)

    def known(self) -> list[str]:
        """Describe the pages that the model was trained on.

        Returns
        -------
        list of str
            Clauses: "the model was trained on 8 of 10 pages".
        """
        kinds = ((self.pages, ""), (self.sites, "the sites of "))
        of_all = f"of {counted(self.total, 'page')}"
        return [f"the model was trained on {what}{count:,} {of_all}" for count, what in kinds if count]

    def suggested(self) -> list[str]:
        """Describe the pages that were labelled by correcting suggestions.

        Returns
        -------
        list of str
            Sentences.
        """
        told = []
        for version, count in sorted(
            self.corrected.items(), key=lambda pair: (pair[0] not in self.own, -pair[1], pair[0])
        ):
            pages = f"{self._share(count, 'was')} labelled by correcting"
            if version in self.own[:1]:
                told.append(f"{pages} this model's suggestions: its score is too high")
            elif version in self.own:
                told.append(
                    f"{pages} the suggestions of the model that it started from ({version}): its score is too high"
                )
            else:
                told.append(f"{pages} suggestions of the model {version}: the scores of similar models are too high")
        return told

    def unchecked(self) -> list[str]:
        """Describe what could not be compared.

        Returns
        -------
        list of str
            Sentences.
        """
        told = []
        if self.without_address:
            they = "each counts as a site of its own" if self.folds else "their sites cannot be checked"
            if self.without_address == 1:
                they = "it counts as a site of its own" if self.folds else "its site cannot be checked"
            told.append(f"{self._share(self.without_address, 'has')} no address: {they}")
        silent = [name for name, count in (("pages", self.pages), ("sites", self.sites)) if count is None]
        if silent:
            what = " and ".join(silent)
            told.append(
                f"the model is older and does not record which {what} it was trained on: {what} cannot be checked"
            )
        elif self.in_part:
            told.append(
                "the model started from one that does not record which pages it was trained on: they cannot be checked"
            )
        return told

    def to_dict(self) -> dict[str, Any]:
        """Convert the counts to JSON.

        Returns
        -------
        dict
            The fields, and all sentences as `told`.
        """
        return asdict(self) | {"told": [*self.known(), *self.suggested(), *self.unchecked()]}

    def _share(self, count: int, verb: str = "is") -> str:
        plural = counted(count, "page", verb).rpartition(" ")[2]
        return f"{count:,} of {counted(self.total, 'page')} {plural}"


def learned_from(
    pages: Iterable[tuple[Blocks, Sequence[bool]]], start: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Make the facts that let a model recognise its training pages.

    Parameters
    ----------
    pages : iterable of tuple of (Blocks, sequence of bool)
        Training pages, and for each of their blocks whether it is main content.
    start : mapping, optional
        Facts of the model that it started from; its pages and sites are included.

    Returns
    -------
    dict
        Hashes of sites and pages, for `model.json`.
    """
    sites: set[str] = set()
    hashes: set[str] = set()
    for page, main in pages:
        if page.page.site:
            sites.add(text_hash(page.page.site))
        hashes.update(_hashes(page), _main_hash(page, main))
    facts: dict[str, Any] = {}
    in_part = False
    for key, own in ((SITES, sites), (PAGES, hashes)):
        before = _known(start, key) if start is not None else frozenset[str]()
        in_part |= before is None
        facts[key] = sorted(own | (before or frozenset()))
    if in_part or (start is not None and start.get(IN_PART)):
        facts[IN_PART] = True
    return facts


def seen(
    model: BlockClassifier | None, pages: Sequence[Blocks], suggested_by: Mapping[str, Sequence[str]] | None = None
) -> Seen:
    """Count the test pages that a model has seen in training.

    Parameters
    ----------
    model : BlockClassifier or None
        The model; None for cross-validation by site, in which no model has seen its test pages.
    pages : sequence of Blocks
        Test pages.
    suggested_by : mapping of str to sequence of str, optional
        By page id the versions of the models whose suggestions were corrected (`Corpus.suggested_by`).

    Returns
    -------
    Seen
        The counts.
    """
    without = sum(not page.page.site for page in pages)
    corrected = Counter(version for page in pages for version in (suggested_by or {}).get(page.page.id, ()))
    if model is None:
        return Seen(len(pages), 0, 0, 0, without, corrected=dict(corrected), folds=True)
    known_sites, known_pages = _known(model.facts_, SITES), _known(model.facts_, PAGES)
    itself, of_site = recognised(model, pages)
    either = sum(a or b for a, b in zip(of_site, itself, strict=True))
    return Seen(
        len(pages),
        sum(itself) if known_pages is not None else None,
        sum(of_site) if known_sites is not None else None,
        either if known_pages is not None or known_sites is not None else None,
        without,
        bool(model.facts_.get(IN_PART)),
        dict(corrected),
        tuple(filter(None, (model.version if corrected else "", str(model.facts_.get("init") or "")))),
    )


def recognised(model: BlockClassifier, pages: Sequence[Blocks]) -> tuple[list[bool], list[bool]]:
    """For each page whether the model was trained on it, and whether on its site; False without a record."""
    sites, hashes = _known(model.facts_, SITES) or frozenset(), _known(model.facts_, PAGES) or frozenset()
    itself = [not hashes.isdisjoint(_candidates(page)) for page in pages]
    return itself, [bool(page.page.site) and text_hash(page.page.site) in sites for page in pages]


def _candidates(page: Blocks) -> set[str]:
    """All hashes under which the page may be known."""
    texts = [_plain(text) for text in page.text]
    longest = sorted(range(len(texts)), key=lambda i: -len(texts[i]))[:_LOOKED_AT]
    pairs = combinations(sorted(i for i in longest if len(texts[i]) >= _LONG), 2)
    return {*_hashes(page), *(_pair_hash(texts[i], texts[k]) for i, k in pairs)}


def _hashes(page: Blocks) -> list[str]:
    text = "".join(map(_plain, page.text))
    return [text_hash(f"bytes {page.page.sha256}"), *([text_hash(f"text {text}")] if text else [])]


def _main_hash(page: Blocks, main: Sequence[bool]) -> list[str]:
    texts = [_plain(text) for text, inside in zip(page.text, main, strict=True) if inside]
    longest = sorted(sorted(range(len(texts)), key=lambda i: -len(texts[i]))[:2])
    if len(longest) < 2 or any(len(texts[i]) < _LONG for i in longest):
        return []
    return [_pair_hash(*(texts[i] for i in longest))]


def _pair_hash(first: str, second: str) -> str:
    return text_hash(f"main {first} {second}")


def _plain(text: str) -> str:
    """The text without what copies of a page differ in: white space, composed and compatible signs, upper case."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _known(facts: Mapping[str, Any], key: str) -> frozenset[str] | None:
    found = facts.get(key)
    return frozenset(map(str, found)) if isinstance(found, list) else None
