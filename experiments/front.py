"""The paragraphs with figures on the first screen of README.md, and the table of what others measured in
docs/extraction.md.
"""

from __future__ import annotations

import statistics
import textwrap
from typing import Any

from toolkit.evaluate import Evaluation

_TRAFILATURA = """
**Why not just [trafilatura](https://trafilatura.readthedocs.io)?** pageblocks finds the main content better on
pages that are not plain articles. On {pages} test pages of WCXB of all kinds, never used in development, others
measured a word F1 of {wcxb} (trafilatura {wcxb_peer}); on the articles of article-extraction-benchmark {articles}
({articles_peer}). On forums we measured {forums} ({forums_peer}). All three are of the model of version {version}.
{speed} It labels every block, and you can retrain it on ten pages of your own in seconds. It is also larger (0.7
GB). [Extraction](docs/extraction.md) and [Speed and cost](docs/cost.md) have all figures.
"""

_LABEL_STUDIO = """
**Why not just [Label Studio](https://labelstud.io)?** It shows pages to people and stores their answers, and
pageblocks uses it for that. pageblocks adds the blocks, suggestions (on new sites, people correct {wrong:.0f} of
{blocks:.0f} blocks per page), agreement between annotators, a [scikit-learn](https://scikit-learn.org) classifier,
and evaluation by site with confidence intervals.
"""

_LIMITS = """
**What it is not.** It is no crawler and runs no scripts. Its labels were made by language models, not by people
([details](#how-good-is-it)). It is weak on captions and appeals (F1 {caption} and {appeal}), on plain text
(macro-F1 {text}, HTML {html}), and on Japanese (word F1 {japanese} on seven pages, trafilatura {japanese_peer}).
"""


def answers(html: Evaluation, text: Evaluation, extraction: dict[str, Any], cost: dict[str, Any]) -> str:
    """Why not just trafilatura, why not just Label Studio, and what pageblocks is not."""
    wcxb, _, articles = extraction["measured_by_others"]
    parts = (
        _TRAFILATURA.format(
            pages=wcxb["pages"],
            version=extraction["version"],
            speed=_speed(cost),
            **_pair("wcxb", wcxb["scores"]),
            **_pair("articles", articles["scores"]),
            **_pair("forums", extraction["development"]["word_f1"]["forums"]),
        ),
        _LABEL_STUDIO.format(wrong=html.figures["corrections_per_page"].value, blocks=html.blocks / html.pages),
        _LIMITS.format(
            **{label: _two(html.by_label[label].f1.value) for label in ("caption", "appeal")},
            text=_two(text.figures["macro_f1"].value),
            html=_two(html.figures["macro_f1"].value),
            **_pair("japanese", extraction["development"]["word_f1"]["Japanese"]),
        ),
    )
    return "\n\n".join(textwrap.fill(" ".join(part.split()), 118, break_on_hyphens=False) for part in parts) + "\n"


def _pair(name: str, scores: dict[str, float]) -> dict[str, str]:
    """Our score, and that of trafilatura."""
    peer = next(score for tool, score in scores.items() if tool.split()[0] == "trafilatura")
    return {name: _three(scores["pageblocks"]), f"{name}_peer": _three(peer)}


def _speed(cost: dict[str, Any]) -> str:
    ours, peer = cost["tools"]["pageblocks"], cost["tools"]["trafilatura"]
    speed, ratio = statistics.median(ours["pages_per_second"]), statistics.median(peer["ours_is_times"])
    return f"One core labels {speed:,.0f} pages per second, {ratio:.1f} times as many as trafilatura."


def measured_by_others(extraction: dict[str, Any]) -> str:
    """A table of the corpora that nobody used in development."""
    lines = ["| corpus | metric | pageblocks | others |", "|---|---|---|---|"]
    for one in extraction["measured_by_others"]:
        scores = dict(one["scores"])
        ours = _three(scores.pop("pageblocks"))
        pages = f" ({one['pages']} pages)" if "pages" in one else ""
        others = ", ".join(f"{name} {_three(score)}" for name, score in scores.items())
        lines.append(f"| {one['corpus']}{pages} | {one['metric']} | {ours} | {others} |")
    return "\n".join(lines) + "\n"


def _two(value: float) -> str:
    return f"{value:.2f}".lstrip("0")


def _three(value: float) -> str:
    return f"{value:.3f}".lstrip("0")
