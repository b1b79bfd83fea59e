"""The card of a corpus, and of a data set made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...corpus import PARTS, check_split
from ...corpus.folder import Corpus
from ...corpus.public.mirror import facts_of
from ...labelling.annotations import aligned, measure_agreement
from ...page import group_of, site_of
from ...report.terminal import notes_on
from ...scheme import Scheme
from ...support.text import counted
from ..hub import configs
from ..rows import LabelledPage, labelled_pages
from .head import markdown_cell, merge_card, read_card, table

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
_TAGS = ["web-pages", "boilerplate-removal", "content-extraction"]
_SHOWN = 15  # values of a count that are shown


def corpus_card(corpus: Corpus, scheme: Scheme | None = None) -> str:
    """The text of the corpus' README.md; what people wrote in an existing one stays."""
    scheme = corpus.scheme(scheme)
    # Pages without labels are counted by their list: a large corpus is not segmented for its card.
    pages = list(labelled_pages(corpus)) if (corpus.folder / "gold.jsonl").exists() else []
    scheme.refuse_unknown((page.labels for page in pages), corpus.folder)
    sections = {"data": _data(corpus, pages, scheme)}
    if pages and (chosen := corpus.split()) is not None:
        check_split([page.blocks for page in pages], chosen)
        sections["splits"] = _splits(
            pages, {group_of(page.blocks): chosen.part(group_of(page.blocks)) for page in pages}
        )
    sections["labels"] = _labelling(corpus, pages, scheme)
    facts = facts_of(corpus.folder)
    if facts:
        sections["source"] = _source(facts)
    title = str(facts.get("title") or corpus.folder.resolve().name)
    given = _given(corpus, facts, title, labelled=bool(pages))
    return merge_card(
        read_card(corpus.folder / "README.md"), _counted(corpus, pages), given, sections=sections, body=f"# {title}\n"
    )


def export_card(
    corpus: Corpus, pages: Sequence[LabelledPage], scheme: Scheme, *, infos: Mapping[str, Mapping[str, Any]],
    splits: Mapping[str, str], old: Path,
) -> str:  # fmt: skip
    """The text of an exported data set's README.md: as the corpus' card, with the configurations that load_dataset
    opens.
    """
    facts = facts_of(corpus.folder)
    theirs, _ = read_card(corpus.folder / "README.md")
    title = str(theirs.get("pretty_name") or facts.get("title") or corpus.folder.resolve().name)
    counted = _counted(corpus, pages) | {
        "configs": configs(infos),
        "dataset_info": [dict(info) for info in infos.values()],
    }
    given = {key: value for key, value in theirs.items() if key not in counted} | {"pretty_name": title}
    given = _given(corpus, facts, title, labelled=True) | given
    sections = {"data": _data(corpus, pages, scheme), "splits": _splits(pages, splits)}
    sections["labels"] = _labelling(corpus, pages, scheme)
    if facts:
        sections["source"] = _source(facts)
    return merge_card(read_card(old), counted, given, sections=sections, body=f"# {title}\n")


def _given(corpus: Corpus, facts: Mapping[str, Any], title: str, *, labelled: bool) -> dict[str, Any]:
    """What people may say otherwise."""
    given = {"pretty_name": title, "license": facts.get("license") or "unknown", "tags": _TAGS}
    given["task_categories"] = ["text-classification", "token-classification"]
    return given if labelled else given | {"annotations_creators": ["no-annotation"]}


def _counted(corpus: Corpus, pages: Sequence[LabelledPage]) -> dict[str, Any]:
    languages = {_language(page) for page in pages} or {str(row.get("language") or "") for row in corpus.rows.values()}
    size = sum(len(page.labels) for page in pages) or len(corpus.rows)
    counted: dict[str, Any] = {"size_categories": [next((name for most, name in _SIZES if size < most), "10M<n<100M")]}
    return counted | ({"language": found} if (found := sorted(languages - {""})) else {})


def _language(page: LabelledPage) -> str:
    return str(page.row.get("language") or page.blocks.language)


def _data(corpus: Corpus, pages: Sequence[LabelledPage], scheme: Scheme) -> str:
    sites = Counter(site_of(str(row.get("url") or "")) for row in corpus.rows.values())
    unknown = sites.pop("", 0)
    known = f"Pages: {len(corpus.rows):,}, sites: {len(sites):,}" + (
        f", without an address: {unknown:,}" if unknown else ""
    )
    if not pages:
        return f"## The data\n{known}; no labels." + _by("page type", _values(corpus, "type"))
    blocks = sum(len(page.labels) for page in pages)
    labels = Counter(label for page in pages for label in page.labels)
    none = labels.pop(None, 0)
    text = (
        f"## The data\n{known}; labelled pages: {len(pages):,}, blocks: {blocks:,}, labelled blocks: "
        f"{blocks - none:,}.\n\n"
    )
    words = dict.fromkeys(scheme.names, 0)
    for page in pages:
        for line, label in zip(page.blocks.text, page.labels, strict=True):
            if label is not None:
                words[label] += len(line.split())
    text += table(["label", "blocks", "words"], ([name, labels[name], words[name]] for name in scheme.names))
    text += _by("language", Counter(_language(page) or "unknown" for page in pages))
    text += _by("page type", Counter(str(page.row.get("type") or "unknown") for page in pages))
    text += _by("format", Counter(page.blocks.page.format for page in pages))
    return text + _by("site", Counter(page.blocks.page.site or "unknown" for page in pages))


def _values(corpus: Corpus, key: str) -> Counter[str]:
    return Counter(str(row.get(key) or "unknown") for row in corpus.rows.values())


def _by(what: str, counts: Counter[str]) -> str:
    if len(counts) < 2:
        return ""
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows: list[tuple[str, int]] = first[:_SHOWN]
    if len(first) > _SHOWN:
        rows = [*rows, (f"{len(first) - _SHOWN:,} more", sum(count for _, count in first[_SHOWN:]))]
    return "\n\n" + table([what, "pages"], rows)


def _splits(pages: Sequence[LabelledPage], splits: Mapping[str, str]) -> str:
    rows = []
    for split in PARTS:
        mine = [page for page in pages if splits[group_of(page.blocks)] == split]
        sites = len({group_of(page.blocks) for page in mine})
        rows.append([split, sites, len(mine), sum(len(page.labels) for page in mine)])
    return "## The splits\nNo site is in two splits.\n\n" + table(["split", "sites", "pages", "blocks"], rows)


def _labelling(corpus: Corpus, pages: Sequence[LabelledPage], scheme: Scheme) -> str:
    if not pages:
        return "## The labels\nNone yet."
    names = ", ".join(f"`{name}`" for name in scheme.names)
    text = f"## The labels\nOne label per block: {names} (scheme {scheme.id})."
    corrected = Counter(version for page in pages if page.gold for version in page.gold.models)
    for version, count in sorted(corrected.items()):
        text += (
            f" {counted(count, 'page', 'was')} labelled by correcting suggestions of {markdown_cell(version)}:"
            " its scores on them are too high."
        )
    people = corpus.annotations()
    if not people:
        return text
    text += f" {counted(len(people), 'annotator')}: "
    done = {name: len({one.page for one in theirs}) for name, theirs in people.items()}
    text += ", ".join(f"{name} ({counted(number, 'page')})" for name, number in done.items()) + "."
    if any(len(by) > 1 for by in aligned(corpus.folder).values()):
        found = measure_agreement(corpus.folder, scheme.names)
        text += (
            f"\n\n{counted(found.pages, 'page', 'was')} labelled by two or more people: they agree on"
            f" {found.percent:.1%} of the blocks,"
            f" Krippendorff's alpha is {found.alpha:.3f} (95 % intervals in parentheses, bootstrapped by page)."
        )
        if (blind := found.blind) is not None:
            shown = counted(blind.blocks, "block", "was")
            text += f" {shown} labelled without seeing a suggestion: there alpha is {blind.alpha:.3f}."
        text += "".join(f" {note}" for note in notes_on(found))
        rows = [[name, format(figure, ".3f")] for name, figure in found.alpha_by_label.items()]
        text += "\n\n" + table(["label", "Krippendorff's alpha"], rows)
    return text


def _source(facts: Mapping[str, Any]) -> str:
    text = f"## Source\n{facts.get('title')} by {facts.get('credit')}, {facts.get('homepage')} at commit "
    text += f"`{facts.get('commit')}`, licence {facts.get('license')}. The pages themselves belong to their publishers."
    return text + (" **For testing only: do not train on it.**" if facts.get("use") == "test" else "")
