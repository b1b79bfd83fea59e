"""Measure what people wait for, and compare it with its budget: budgets.py [--only report sync controls] [--json FILE]

    report    the HTML report of all gold pages, from their predictions: at most 10 s and 5 MB
    sync      1,000 pages of 40 blocks to Label Studio: pushed in at most 8 s, their answers pulled in at most 4 s
    controls  a page of 600 blocks opens in a browser in at most 2.5 s, one of 3,000 in at most 5 s

Times are by the clock; processor time beside them tells whether the machine was busy. sync and controls start Label
Studio (sync.py and controls.py), controls needs Chromium. The report needs the mirror of public corpora beside the
project or in MIRROR, and is otherwise of the sample corpus. `--json experiments/bench/budgets.json` keeps the figures,
from which `python experiments/figures.py` fills docs/cost.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import tables
from machine import about, load
from measured_pages import ROOT, default_folder

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--mirror", type=Path, default=default_folder(), help="mirror of public corpora")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    found: dict[str, Any] = {"run": about(), "budgets": []}
    for name in options.only:
        print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr, flush=True)
        found["budgets"] += PARTS[name](options.mirror)
    found["run"]["load_after"] = load()
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(tables.budgets(found))
    return 0


def row(what: str, budget: float, measured: float, unit: str = "s", beside: str = "") -> dict[str, Any]:
    return {"what": what, "budget": budget, "measured": measured, "unit": unit, "beside": beside}


def report(mirror: Path) -> list[dict[str, Any]]:
    from toolkit import load as load_model
    from toolkit.corpus import Corpus
    from toolkit.corpus.public.pages import read_gold
    from toolkit.experiment.settings import read_recipe
    from toolkit.report.html import write_evaluation
    from toolkit.scheme import Scheme
    from toolkit.train.fit import evaluate_predictions, predict

    recipe = ROOT / "experiments" / "default.toml"
    settings = read_recipe(recipe)
    if (mirror / settings.corpora[0]).is_dir():
        pages, labels = read_gold(settings.gold, settings.corpora, recipe.parent, mirror=mirror)
    else:
        pages, labels = Corpus.open(ROOT / "corpora" / "sample").read_labelled()
    predictions = predict(load_model(), pages, labels)
    scheme = Scheme.default()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        began, used = time.perf_counter(), time.process_time()
        scores, floor = evaluate_predictions(predictions, scheme)
        write_evaluation(scores, floor, predictions, path=path, scheme=scheme)
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        size = path.stat().st_size / 1e6
    what = f"report of {len(pages):,} pages"
    return [row(what, 10, wall, beside=f"{cpu:.1f} s"), row(f"{what}, size", 5, size, "MB")]


def sync(_: Path) -> list[dict[str, Any]]:
    found = _run("sync.py")
    return [
        row(
            f"{what} 1,000 pages",
            budget,
            found[what][0],
            beside=f"{found[what][1]:.1f} s + server {found[what][2]:.1f} s",
        )
        for what, budget in (("push", 8), ("pull", 4))
    ]


def controls(_: Path) -> list[dict[str, Any]]:
    runs = _run("controls.py", "--blocks", "600", "3000", "--repeats", "1", "--control", "hypertext regions")
    return [
        row(f"open a page of {run['blocks']:,} blocks", budget, run["open"], beside=f"{run['open_cpu']:.1f} s")
        for run, budget in zip(runs, (2.5, 5), strict=False)
    ]


def _run(name: str, *arguments: str) -> Any:
    """What a command of this folder writes as JSON; an empty list where it has nothing to measure with."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        command = [sys.executable, str(HERE / name), *arguments, "--json", str(path)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        return json.loads(path.read_text("utf-8")) if path.exists() else []


PARTS = {"report": report, "sync": sync, "controls": controls}

if __name__ == "__main__":
    sys.exit(main())
