"""Measure what the live backend saves: live.py --mirror CORPORA [--pages 100] [--refit-after 20] [--base 60]
[--json FILE] [--svg FILE]

Simulated annotators label pages of the project's gold, one after the other. In one session they see the suggestions of
a model that learned from other sites (`--base` pages); in the other the same model is improved after every
`--refit-after` pages, as `pageblocks studio backend` does it. A careful annotator corrects every wrong suggestion, a
hasty one overlooks those that the model is sure of: the likelier the suggestion, the more often. Counted are the
wrong suggestions on each page, whether they are corrected or not. The two sessions show the same pages in the same
order, so the difference on each page is the backend's. `--mirror` has the public corpora (see
experiments/default.toml).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

FILES = [f"labels/web/{name}.jsonl" for name in ("first", "second", "third", "fourth")]
CORPORA = ("wcxb-dev", "fundus", "recipe-scrapers", "formasaurus", "postlight")
Labels = list[str | None]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path, required=True, help="folder of the public corpora")
    parser.add_argument("--pages", type=int, default=100, help="pages of a session")
    parser.add_argument("--refit-after", type=int, default=20)
    parser.add_argument("--base", type=int, default=60, help="pages that the first model learns from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--svg", type=Path, help="also draw them to this file")
    options = parser.parse_args()

    from toolkit.corpus.public.pages import read_gold
    from toolkit.model import BlockClassifier
    from toolkit.page import group_of

    pages, labels = read_gold(FILES, CORPORA, ROOT, mirror=options.mirror)
    order = list(range(len(pages)))
    random.Random(options.seed).shuffle(order)
    session = order[: options.pages]
    seen = {group_of(pages[i]) for i in session}
    base = [i for i in order[options.pages :] if group_of(pages[i]) not in seen][: options.base]
    began = time.process_time()
    first = BlockClassifier(random_state=options.seed).fit([pages[i] for i in base], [labels[i] for i in base])
    print(f"first model: {len(base)} pages of other sites, {time.process_time() - began:.0f} s of CPU")
    stream, gold = [pages[i] for i in session], [labels[i] for i in session]
    pushed = [wrong(suggested, truth) for suggested, truth in zip(first.predict(stream), gold, strict=True)]
    made: dict[str, Any] = {
        "pages": len(session), "blocks": sum(map(len, stream)), "base": len(base), "refit_after": options.refit_after,
        "pushed": pushed,
    }  # fmt: skip
    for name, haste in (("careful", 0.0), ("hasty", 0.5)):
        counts, refits = run(stream, gold, first, after=options.refit_after, haste=haste, seed=options.seed)
        made[name] = {"wrong": counts, "refits": refits}
        tell(name, pushed, counts, options.refit_after)
    if options.json:
        options.json.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    if options.svg:
        options.svg.write_text(drawn(pushed, made["careful"]["wrong"], options.refit_after), encoding="utf-8")
    return 0


def run(
    pages: list[Any], gold: list[Labels], model: Any, *, after: int, haste: float, seed: int
) -> tuple[list[int], list[dict[str, Any]]]:
    """Wrong suggestions on each page of a session with refits, and what came of each refit."""
    from toolkit.labelling.live.job import improve

    rng = random.Random(seed)
    counts: list[int] = []
    given: list[Labels] = []
    shown: dict[int, list[str]] = {}
    refits = []
    for i, (page, truth) in enumerate(zip(pages, gold, strict=True)):
        (chances,) = model.predict_proba([page])
        suggested = [str(model.classes_[k]) for k in chances.argmax(axis=1)]
        counts.append(wrong(suggested, truth))
        shown[i] = suggested
        sure = chances.max(axis=1)
        given.append(
            [
                label if label is None or rng.random() >= haste * s * s else hint
                for label, hint, s in zip(truth, suggested, sure, strict=True)
            ]
        )
        if (i + 1) % after == 0 and i + 1 < len(pages):
            began = time.process_time()
            fresh = list(range(i + 1 - after, i + 1))
            found, result = improve(pages[: i + 1], given, fresh, shown=shown, running=model, seed=seed)
            model = found or model
            refits.append(
                {
                    "after": i + 1, "taken": found is not None, "told": result.told, "old": round(result.old, 4),
                    "new": round(result.new, 4), "lost": result.lost, "seconds": round(time.process_time() - began, 1),
                }
            )  # fmt: skip
            print(f"  after {i + 1} pages: {refits[-1]}")
    return counts, refits


def wrong(suggested: list[str], truth: Labels) -> int:
    return sum(a is not None and a != b for a, b in zip(truth, suggested, strict=True))


def tell(name: str, pushed: list[int], live: list[int], after: int) -> None:
    print(f"{name}: corrections a page, by {after} pages: pushed suggestions, live backend")
    for k in range(0, len(pushed), after):
        a, b = pushed[k : k + after], live[k : k + after]
        print(f"  {k + 1:>4} to {k + len(a):<4}{sum(a) / len(a):8.1f}{sum(b) / len(b):8.1f}")
    a, b = pushed[after:], live[after:]
    print(f"  after the first refit {sum(a) / len(a):.2f} and {sum(b) / len(b):.2f}: {sum(b) / sum(a) - 1:+.0%}")


def drawn(pushed: list[int], live: list[int], after: int) -> str:
    """An SVG: the share of the pushed suggestions' corrections that the live backend needs, by part of the session."""
    parts = [(sum(pushed[k : k + after]), sum(live[k : k + after]), after) for k in range(0, len(pushed), after)]
    top = max(max(a, b) / n for a, b, n in parts)
    width, height, left, low = 640, 300, 50, 250
    step = (width - left - 20) / len(parts)
    shapes = []
    for k, (a, b, n) in enumerate(parts):
        for j, (value, color) in enumerate(((a / n, "#8a8f98"), (b / n, "#2e7d32"))):
            wide, high = (step - 20) / 2 - 2, value / top * 200
            x, y = left + k * step + 8 + j * (wide + 2), low - high
            shapes.append(
                f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{high:.0f}" fill="{color}"/>'
                f'<text x="{x + wide / 2:.0f}" y="{y - 4:.0f}" text-anchor="middle">{value:.1f}</text>'
            )
        shapes.append(
            f'<text x="{left + (k + 0.5) * step:.0f}" y="{low + 18}" text-anchor="middle">'
            f"{k * n + 1} to {(k + 1) * n}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        f' font-size="12"><rect width="{width}" height="{height}" fill="#fff"/>{"".join(shapes)}'
        f'<path d="M{left} 40V{low}H{width - 20}" fill="none" stroke="#555"/>'
        f'<text x="{left}" y="20">Corrections a page: pushed suggestions (grey), with the live backend (green)</text>'
        f'<text x="{width / 2:.0f}" y="{low + 38}" text-anchor="middle">pages of the session</text></svg>\n'
    )


if __name__ == "__main__":
    sys.exit(main())
