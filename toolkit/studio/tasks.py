"""One page <-> one Label Studio task. Pure functions: no server is asked.

A task's `html` is made here, never the page's own: one `<p>` per block with one text node of escaped text, so that
nothing of a hostile page runs or is fetched, and `p[i+1]` in a region's XPath is block `i`. The task also carries the
blocks' runs and hashes: what comes back can be made into stand-off labels without the page.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import BadInput, BadPage, Mismatch, UsageError
from ..page import Blocks, Page
from ..scheme import FROM_NAME, TO_NAME
from ..standoff import Run, Shown, labelled_runs
from ..support.text import counted

TYPE = "hypertextlabels"
SHOWN = 4000  # characters of a block that annotators see; no one reads a megabyte to choose between labels
MARK = "?"  # shown in the margin beside each block that a review asks about
# What is shown: the number and tag of each block, of a block in question what was said of it, and the text.
PARAGRAPH = r'<p data-t="([^"<>]*)"(?: data-q="[^"<>]*")?>([^<>]*)</p>'
_PARAGRAPH = re.compile(PARAGRAPH)
_PATH = re.compile(r"^/div\[1\]/p\[(\d+)\](?:/|$)")
_WEIGHT = {"prediction": 0, "prediction-changed": 1, "manual": 2}


def task(
    blocks: Blocks,
    labels: Sequence[str | None] | None = None,
    scores: Sequence[float] | None = None,
    *,
    model_version: str = "none",
    default: str = "sidebar",
    hidden: Mapping[int, Shown] | None = None,
    questions: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """The task of a page, with a prediction that covers every block (`default` everywhere without `labels`).

    `labels` and `scores` (0 to 1) are one a block, a label None for a block without a suggestion; `hidden` is what the
    model says of blocks that are shown otherwise. `questions` are the blocks that a review asks about, with what is
    shown beside each. The prediction's own score is the mean of `scores`. Raises BadPage for a page without blocks,
    Mismatch for a wrong number of labels.
    """
    asked = questions or {}
    if not len(blocks):
        raise BadPage(f"{blocks.page.id}: no block to label on this page; leave it out")
    texts = [clean(text) for text in blocks.text]
    margins = [f"{i} {f'{MARK} ' if i in asked else ''}{line(tag, 12)}" for i, tag in enumerate(blocks.tag)]
    notes = [f' data-q="{html.escape(line(asked[i], 300))}"' if asked.get(i) else "" for i in range(len(blocks))]
    paragraphs = (
        f'<p data-t="{html.escape(margin)}"{note}>{html.escape(text)}</p>'
        for margin, note, text in zip(margins, notes, texts, strict=True)
    )
    data = {
        "external_id": blocks.page.id,
        "title": line(blocks.title or blocks.page.id, 300),
        "url": line(blocks.page.url or blocks.page.id, 1000),
        "sha256": blocks.page.sha256,
        "html": f'<div class="blks">{"".join(paragraphs)}</div>',
        "blocks": [list(run) for run in zip(blocks.start, blocks.end, blocks.hashes, strict=True)],
    }
    made = prediction(blocks, labels, scores, model_version=model_version, default=default, hidden=hidden)
    # The order of regions is the order in which the key for the next block goes through them.
    made["result"] = sorted(made["result"], key=lambda region: int(region["id"][1:]) not in asked)
    return {"data": data, "predictions": [made]}


def prediction(
    blocks: Blocks,
    labels: Sequence[str | None] | None = None,
    scores: Sequence[float] | None = None,
    *,
    model_version: str = "none",
    default: str = "sidebar",
    hidden: Mapping[int, Shown] | None = None,
) -> dict[str, Any]:
    """Suggestions as Label Studio takes them: one region a block, without a label where it is None."""
    shown: list[str | None] = [default] * len(blocks) if labels is None else list(labels)
    score = [0.0] * len(blocks) if scores is None else [_probability(s) for s in scores]
    if not len(shown) == len(score) == len(blocks):
        counts = (
            f"{counted(len(shown), 'label')} and {counted(len(score), 'score')} for {counted(len(blocks), 'block')}"
        )
        raise Mismatch(f"{blocks.page.id}: {counts}; give one per block")
    mean = sum(score) / len(score) if score else 0.0
    return {
        "model_version": model_version,
        "score": round(mean, 4),
        "result": regions(map(clean, blocks.text), shown, score, blank=True, hidden=hidden),
    }


def regions(
    texts: Iterable[str], labels: Sequence[str | None], scores: Sequence[float] | None = None, *, blank: bool = False,
    hidden: Mapping[int, Shown] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """One region a block over the whole of its shown text. A block without a label has none, or with `blank` an empty
    one. What is `hidden` from people stands under `withheld`.
    """
    result = []
    for i, (text, label) in enumerate(zip(texts, labels, strict=True)):
        if label is None and not blank:
            continue
        path = f"/div[1]/p[{i + 1}]/text()[1]"
        value = {"start": path, "end": path, "startOffset": 0, "endOffset": utf16(text), "text": text}
        value |= {TYPE: [] if label is None else [label]}
        region: dict[str, Any] = {
            "id": f"b{i:04d}",
            "from_name": FROM_NAME,
            "to_name": TO_NAME,
            "type": TYPE,
            "value": value,
        }
        # A score without a label would show how sure the model is of what it does not say.
        region |= {} if scores is None or label is None else {"score": scores[i]}
        if hidden and i in hidden:
            region["withheld"] = list(hidden[i][:2])
        result.append(region)
    return result


def refit(result: Sequence[dict[str, Any]], texts: Sequence[str]) -> list[dict[str, Any]]:
    """The regions of blocks with other shown `texts`: those of a task that was pushed by another version."""
    return [
        region | {"value": region["value"] | {"endOffset": utf16(text), "text": text}}
        for region in result
        for text in [texts[int(region["id"][1:])]]
    ]


def suggestions(probabilities: Iterable[Sequence[float]], classes: Sequence[str]) -> tuple[list[str], list[float]]:
    """The likeliest label of each block and its probability, from rows that follow `classes`."""
    rows = [list(row) for row in probabilities]
    best = [max(range(len(classes)), key=row.__getitem__) for row in rows]
    return [str(classes[k]) for k in best], [float(row[k]) for k, row in zip(best, rows, strict=True)]


def labels_of(
    result: Sequence[dict[str, Any]],
    n_blocks: int,
    prediction: Sequence[dict[str, Any]] | None = None,
    *,
    names: Sequence[str] | None = None,
    lengths: Sequence[int] | None = None,
) -> tuple[list[str | None], list[str]]:
    """One label a block from an annotation's regions, and what was odd about them, one line each.

    A region labels every block that it touches, also in part. Where regions disagree, one drawn by hand counts more
    than a changed suggestion, that more than a confirmed one; then the one that covers more of the block; then the
    later. It is odd when an answer of a person does not count, not when a suggestion gives way to one. A block without
    any region takes the label of `prediction`, the suggestions that were shown, or None; one whose region has no label
    stays without. `names` are the labels of the scheme (others are reported and leave the block None), `lengths` the
    shown texts' lengths in UTF-16 units.
    """
    labels: list[str | None] = [None] * n_blocks
    problems: list[str] = []
    won: dict[int, tuple[tuple[int, int, int, int], str]] = {}
    said: dict[int, set[tuple[str, int]]] = {}
    unknown: dict[str, list[int]] = {}
    blank: set[int] = set()
    nowhere = 0
    for order, region in enumerate(result):
        if not isinstance(region, dict):  # the server takes any JSON as an annotation
            problems.append(f"region {order} is not a region; skipped")
            continue
        answers = labels_in(region)
        if answers is None:
            continue  # a relation, a comment: not about labels
        covered = _covered(region["value"], n_blocks, lengths)
        if not covered:
            nowhere += 1
            continue
        if not answers:
            blank |= {i for i, _ in covered}
            continue
        if len(answers) > 1:
            problems.append(
                f"region {region.get('id', order)} has {counted(len(answers), 'label')}; the last, {answers[-1]}, "
                "counts"
            )
        for i, amount in covered:
            if names is not None and answers[-1] not in names:
                unknown.setdefault(answers[-1], []).append(i)
                continue
            weight = _WEIGHT.get(str(region.get("origin", "")), 0)
            rank = (int(amount > 0), weight, amount, order)
            said.setdefault(i, set()).add((answers[-1], weight))
            if i not in won or rank > won[i][0]:
                won[i] = (rank, answers[-1])
    twice: dict[tuple[str, str], list[int]] = {}
    for i, (rank, label) in won.items():
        labels[i] = label
        given = {other for other, weight in said[i] if weight or not rank[1]} | {label}
        if len(given) > 1:
            twice.setdefault((" and ".join(sorted(given)), label), []).append(i)
    if nowhere:
        problems.append(f"{counted(nowhere, 'region')} on no block; skipped")
    for name, blocks in unknown.items():
        _tell(problems, sorted(blocks), f"{name!r} is not a label of the scheme", ":")
    for (names_given, label), blocks in twice.items():
        _tell(problems, sorted(blocks), f"{names_given} are both given; {label} counts", ":")
    known = blank.union(*unknown.values())
    left = [i for i in range(n_blocks) if labels[i] is None and i not in known]
    _tell(problems, [i for i in sorted(blank) if labels[i] is None], "had a region without a label; without a label")
    if left and prediction is not None:
        shown, _ = labels_of(prediction, n_blocks, None, names=names, lengths=lengths)
        for i in left:
            labels[i] = shown[i]
        _tell(
            problems, [i for i in left if labels[i] is not None], "had no region; the suggestion that was shown counts"
        )
        left = [i for i in left if labels[i] is None]
    _tell(problems, left, "had no region and no suggestion; without a label")
    return labels, problems


def regions_in(answer: Any) -> list[dict[str, Any]]:
    """The regions of an annotation or a prediction; the server takes any JSON as one."""
    result = answer.get("result") if isinstance(answer, dict) else None
    return [region for region in result if isinstance(region, dict)] if isinstance(result, list) else []


def touched(region: dict[str, Any], n_blocks: int, lengths: Sequence[int] | None = None) -> list[int]:
    """The blocks that a region of labels is about; none for anything else."""
    return [] if labels_in(region) is None else [i for i, _ in _covered(region["value"], n_blocks, lengths)]


def is_corrected(
    result: Sequence[dict[str, Any]],
    shown: Sequence[dict[str, Any]] | None,
    labels: Sequence[str | None],
    *,
    lengths: Sequence[int],
) -> bool:
    """Whether an annotation was made from suggestions: some of its regions were, or some of its `labels` are theirs
    alone.
    """
    if any(isinstance(region, dict) and labels_in(region) and region.get("origin") != "manual" for region in result):
        return True
    return bool(shown) and labels_of(result, len(labels), None, names=None, lengths=lengths)[0].count(
        None
    ) > labels.count(None)


def shown_in(answer: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The suggestions that an annotation was made from; None where none of its regions is one of theirs.

    The server notes the suggestions that it has when an answer is sent, whether or not they were on the screen.
    """
    noted, result = answer.get("prediction"), answer.get("result")
    shown = noted.get("result") if isinstance(noted, dict) else None
    made = result if isinstance(result, list) else []
    seen = any(isinstance(r, dict) and labels_in(r) is not None and r.get("origin") != "manual" for r in made)
    return shown if seen and isinstance(shown, list) else None


def gaps(
    result: Sequence[dict[str, Any]], shown: Sequence[dict[str, Any]], data: dict[str, Any]
) -> list[dict[str, Any]]:
    """Regions for the blocks that an annotation leaves out, with the labels of the suggestion that was `shown`."""
    texts = texts_of(data)
    lengths = [utf16(text) for text in texts]
    said, _ = labels_of(result, len(texts), None, names=None, lengths=lengths)
    filled, _ = labels_of(result, len(texts), shown, names=None, lengths=lengths)
    return regions(texts, [label if old is None else None for old, label in zip(said, filled, strict=True)])


def texts_of(data: dict[str, Any]) -> list[str]:
    """The shown texts of a task's blocks."""
    return [html.unescape(text) for _, text in _PARAGRAPH.findall(str(data.get("html", "")))]


def meant_in(data: dict[str, Any]) -> set[int]:
    """The blocks of a review's task that it asks about: those with the mark in their margin. None for a first
    reading.
    """
    found = enumerate(_PARAGRAPH.findall(str(data.get("html", ""))))
    return {i for i, (margin, _) in found if margin.partition(" ")[2].startswith(f"{MARK} ")}


def blocks_of(data: dict[str, Any]) -> Blocks:
    """The blocks as a task remembers them: shown text, runs, hashes. The page's bytes are not in it."""
    runs = runs_of(data)
    texts = texts_of(data)
    if len(texts) != len(runs):
        raise BadInput(
            f"task {data.get('external_id', '?')}: {counted(len(texts), 'paragraph')} but {counted(len(runs), 'run')}"
        )
    page = Page(str(data["external_id"]), "", b"", url=str(data.get("url", "")))
    blocks = Blocks(page, text=texts, start=[r[0] for r in runs], end=[r[1] for r in runs])
    blocks.hashes = [r[2] for r in runs]  # of the texts as they were, not as they are shown
    return blocks


def runs_of(data: dict[str, Any]) -> list[tuple[int, int, str]]:
    """The blocks of a task's data: (start, end, hash) each. Raises `BadInput` for data of another form."""
    try:
        found = [(int(start), int(end), str(digest)) for start, end, digest in data["blocks"]]
        if odd := next((run for run in found if not 0 <= run[0] <= run[1]), None):
            raise ValueError(odd)
        return found
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadInput(
            f"task {data.get('external_id', '?')} has no list of blocks: not pushed by pageblocks"
        ) from error


def runs(data: dict[str, Any], labels: Sequence[str | None]) -> list[Run]:
    """Stand-off runs of a task's labelled blocks."""
    return labelled_runs(runs_of(data), labels)


def clean(text: str, limit: int = SHOWN) -> str:
    """Text as it is shown: its lines, no control or direction character, no half of a surrogate pair, never empty."""
    lines = (_SPACE.sub(" ", part).rstrip() for part in _UNSHOWN.sub("", text).expandtabs(4).split("\n"))
    shown = "\n".join(part for part in lines if part)
    if "\n" not in shown:
        shown = " ".join(shown.split())
    if len(shown) > limit:
        shown = f"{shown[:limit].rstrip()} … [{len(shown) - limit} more]"
    return shown or "∅"


# Control characters that are no white space, halves of surrogate pairs, and characters that would show a line in
# another order than it is read.
def line(text: str, limit: int) -> str:
    """Text as it is shown in one line."""
    return clean(" ".join(text.split()), limit)


_SPACE = re.compile(r"[^\S \n]")
_UNSHOWN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def utf16(text: str) -> int:
    """Length in UTF-16 units: how the browser counts offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _probability(score: float) -> float:
    score = float(score)
    if not (math.isfinite(score) and -1e-6 <= score <= 1 + 1e-6):
        raise UsageError(f"a score of {score}; scores are probabilities, from 0 to 1")
    return round(min(max(score, 0.0), 1.0), 4)


def labels_in(region: dict[str, Any]) -> list[str] | None:
    """The labels of a region; None for what is no region of labels."""
    value = region.get("value")
    if not isinstance(value, dict) or not ("start" in value or "globalOffsets" in value):
        return None
    found = value.get(str(region.get("type", TYPE)), value.get(TYPE, []))
    return [str(label) for label in found] if isinstance(found, list) else []


def _covered(value: dict[str, Any], n_blocks: int, lengths: Sequence[int] | None) -> list[tuple[int, int]]:
    """The blocks that a region touches, each with how many units of it (at least 1, or 0 for an empty region)."""
    ends = [_PATH.match(str(value.get(key, ""))) for key in ("start", "end")]
    if not all(ends):
        return _covered_by_offsets(value.get("globalOffsets"), n_blocks, lengths)
    a, b = (int(m.group(1)) - 1 for m in ends if m)
    first, last = _unit(value.get("startOffset")), _unit(value.get("endOffset"))
    if (b, last) < (a, first):
        a, b, first, last = b, a, last, first
    touched = []
    for i in range(max(a, 0), min(b, n_blocks - 1) + 1):
        length = lengths[i] if lengths is not None and i < len(lengths) else 1_000_000
        amount = (min(last, length) if i == b else length) - (min(first, length) if i == a else 0)
        # A drag that ends before the first letter of the next block does not mean that block.
        if amount > 0 or a == b:
            touched.append((i, max(amount, 0)))
    return touched


def _covered_by_offsets(span: Any, n_blocks: int, lengths: Sequence[int] | None) -> list[tuple[int, int]]:
    if not isinstance(span, dict) or lengths is None:
        return []
    start, end = _unit(span.get("start")), _unit(span.get("end"))
    touched, position = [], 0
    for i, length in enumerate(lengths[:n_blocks]):
        amount = min(end, position + length) - max(start, position)
        if amount > 0:
            touched.append((i, amount))
        position += length
    return touched


def _unit(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0


def _tell(problems: list[str], blocks: list[int], what: str, mark: str = "") -> None:
    if blocks:
        shown = ", ".join(map(str, blocks[:8])) + (f" and {len(blocks) - 8} more" if len(blocks) > 8 else "")
        problems.append(f"{'block' if len(blocks) == 1 else 'blocks'} {shown}{mark} {what}")
