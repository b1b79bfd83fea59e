"""Print the upper bound of extraction with these blocks: word F1 of the best choice of whole blocks, per page type.

    python experiments/ceiling.py CORPORA     (a folder that contains wcxb-dev/ and fundus/)

The rest is lost by the segmentation into blocks and by words that the page does not show; no label can recover it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from toolkit.benchmark.run import known_pages
from toolkit.corpus.public.content import closest

RECIPE = Path(__file__).with_name("default.toml")


def main(corpora: str) -> None:
    scores: dict[str, list[float]] = defaultdict(list)
    for known in known_pages(RECIPE, corpora):
        if known.blocks is None or not known.wanted.text:
            continue
        _, fit = closest(known.blocks, known.wanted.text)
        kind = " ".join((known.wanted.groups["corpus"], known.wanted.groups["page type"])).strip()
        scores[kind].append(fit)
        scores[known.wanted.groups["corpus"] + " (all)"].append(fit)
    print(f"{'pages':28} {'n':>5} {'mean F1':>8} {'median':>7} {'under .9':>8}")
    for kind, fits in sorted(scores.items()):
        print(
            f"{kind:28} {len(fits):5} {np.mean(fits):8.3f} {np.median(fits):7.3f} {np.mean(np.array(fits) < 0.9):8.1%}"
        )


if __name__ == "__main__":
    main(sys.argv[1])
