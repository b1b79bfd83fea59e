"""What cost.py and budgets.py found, as Markdown for docs/cost.md. Needs nothing but Python."""

from __future__ import annotations

import statistics
import textwrap
from collections.abc import Sequence
from typing import Any

WORKERS = (1, 2, 4, 8, 16, 32, 64)
SNAPSHOT, PRICE = 3_000_000_000, 0.04  # pages, and dollars for a core hour


def lead(found: dict[str, Any]) -> str:
    """The figures in one paragraph."""
    tools = found["tools"]
    speed = statistics.median(tools["pageblocks"]["pages_per_second"])
    times = [
        f"{statistics.median(tools[name]['ours_is_times']):.1f} times as many as {name}"
        for name in ("trafilatura", "pagesift")
        if name in tools
    ]
    beside = f", {' and '.join(times)}" if times else ""
    hours, _, _ = snapshot_cost(found)
    text = (
        f"One core labels {speed:,.0f} pages a second{beside}. Memory hardly grows with the length of a crawl. A "
        f"Common Crawl snapshot costs about {_two_digits(hours):,} core hours."
    )
    return textwrap.fill(text, 120) + "\n"


def cost(found: dict[str, Any]) -> str:
    """All tables, each under its heading."""
    parts = [
        _how(found["run"]),
        "### Beside other extractors\n" + _tools(found["tools"]),
        "### One page\n" + _latency(found["latency"], found["start"]) + "\n" + _stages(found["stages"]),
        "### The cost grows linearly\n" + _growth(found["growth"]),
        "### Crawls\n" + _crawls(found["crawl"], found["lengths"]),
        "### More workers\n" + _workers(found["crawl"]),
    ]
    return "\n".join(parts)


def _how(run: dict[str, Any]) -> str:
    tree = "clean" if run["clean"] else "with changes"
    return (
        f"Commit {run['commit']} ({tree}), {'compiled' if run['compiled'] else 'not compiled'}, Python "
        f"{run['python']}, {run['cores']} cores ({run['processor']}), load {run['load_before']} before and "
        f"{run['load_after']} after. {run['pages']} pages of {run['kilobytes']} kB, {run['rounds']} rounds.\n"
    )


def _tools(tools: dict[str, dict[str, Any]]) -> str:
    rows = []
    for name, one in tools.items():
        ratio = _spread(one["ours_is_times"], 1) if name != "pageblocks" else "1"
        rows.append((
            f"{name} {one['version']}", _spread(one["pages_per_second"], 0), ratio, f"{one['failed']:.0f}",
            f"{one['ready_s']:.2f} s", f"{one['first_s'] * 1e3:,.0f} ms", f"{one['peak_mb']:,.0f} MB",
        ))  # fmt: skip
    return _table(("one core", "pages/s", "pageblocks is x times as fast", "failed pages", "ready after", "first page",
                   "memory"), rows)  # fmt: skip


def _latency(one: dict[str, float], start: dict[str, dict[str, list[float]]]) -> str:
    rows = [
        ("one page, p50", f"{one['p50']:.1f} ms", f"{one['cpu_p50']:.1f} ms"),
        ("one page, p99", f"{one['p99']:.1f} ms", f"{one['cpu_p99']:.1f} ms"),
        *(
            (f"`{name}`, new process", f"{_spread(one['wall'], 2)} s", f"{_spread(one['cpu'], 2)} s")
            for name, one in start.items()
        ),
    ]
    return _table(("", "by the clock", "processor time"), rows)


def stages_total(stages: dict[str, float]) -> float:
    """Milliseconds a page from the archive to the shard."""
    return sum(value for name, value in stages.items() if name != "write jsonl")


def _stages(stages: dict[str, float]) -> str:
    total = stages_total(stages)
    rows = [
        (name, f"{ms:.2f}", "instead" if name == "write jsonl" else f"{ms / total:.0%}") for name, ms in stages.items()
    ]
    return _table(("stage", "ms per page", "share"), [*rows, ("all", f"{total:.2f}", f"{1e3 / total:,.0f} pages/s")])


def _growth(grown: list[dict[str, float]]) -> str:
    rows, before = [], None
    for row in grown:
        ratio = f"{row['ms'] / before:.1f}" if before else ""
        rows.append((_bytes(row["bytes"]), f"{row['ms']:,.2f}", f"{row['ms_per_100_kb']:.2f}", ratio))
        before = row["ms"]
    return _table(("page", "ms", "ms per 100 kB", "x the row above"), rows)


def _bytes(size: float) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _crawls(by_workers: list[dict[str, Any]], by_length: list[dict[str, Any]]) -> str:
    rows = []
    for of, part in (("", by_workers), (" small", by_length)):
        for row in part:
            rows.append((
                f"{row['pages']:,.0f}{of} pages", f"{row['jobs']:.0f}", f"{row['pages_per_second']:,.0f}",
                f"{row['main_ms_a_page'] + row['workers_ms_a_page']:.2f} ms", f"{row['main_mb']:,.0f} MB",
                f"{row['worker_mb']:,.0f} MB", f"{row['all_mb']:,.0f} MB",
            ))  # fmt: skip
    head = ("crawl", "workers", "pages/s", "processor time per page", "main process", "largest worker", "all processes")
    return _table(head, rows)


def _workers(by_workers: list[dict[str, Any]]) -> str:
    """Amdahl's law with the processor time of the main process as the serial part."""
    one = by_workers[0]
    serial, parallel = one["main_ms_a_page"], one["workers_ms_a_page"]
    measured = {row["jobs"]: row["pages_per_second"] for row in by_workers}
    rows = []
    for n in WORKERS:
        speed = 1e3 / (serial + parallel / n)
        efficiency = speed / n / (1e3 / (serial + parallel))
        seen = f"{measured[n]:,.0f}" if n in measured else ""
        rows.append((f"{n}", seen, f"{speed:,.0f}", f"{efficiency:.0%}"))
    text = (
        f"Simulated with Amdahl's law from the crawl with one worker: per page the main process takes {serial:.2f} ms, "
        f"which no worker shares, and the worker {parallel:.2f} ms. The law assumes a core for each worker, and that "
        "the main process never works at the same time as they do; it does, so the true figures are better.\n\n"
    )
    return text + _table(("workers", "pages/s, measured", "pages/s, simulated", "efficiency, simulated"), rows)


def snapshot_cost(found: dict[str, Any]) -> tuple[float, float, float]:
    """Core hours of a Common Crawl snapshot, pages a second and core, and the share that is left on all cores."""
    speed = 1e3 / stages_total(found["stages"])
    one, two = (row["pages_per_second"] for row in found["crawl"][:2])
    share = min(1.0, two / one / 2)
    return SNAPSHOT / speed / share / 3600, speed, share


def snapshot(found: dict[str, Any]) -> str:
    """The sum of what a snapshot costs."""
    hours, speed, share = snapshot_cost(found)
    return (
        f"With the figures above (*s* = {speed:,.0f} pages/s including reading and writing, *e* = {share:.2f}, *p* = "
        f"{PRICE} dollars):\n\n```text\n"
        f"core hours = {SNAPSHOT:,} / {speed:,.0f} / {share:.2f} / 3600 = {_two_digits(hours):,}\n"
        f"cost       = {_two_digits(hours):,} x {PRICE} = {hours * PRICE:,.0f} dollars\n"
        f"days       = {_two_digits(hours):,} / 64 / 24 = {hours / 64 / 24:.1f} on 64 cores\n```\n"
    )


def budgets(found: dict[str, Any]) -> str:
    """Each budget, what was measured, and whether it is met."""
    rows = []
    for one in found["budgets"]:
        unit = one["unit"]
        met = "yes" if one["measured"] <= one["budget"] else "no"
        rows.append((one["what"], f"{one['budget']:g} {unit}", f"{one['measured']:.1f} {unit}", one["beside"], met))
    return _how_short(found["run"]) + "\n" + _table(("what", "at most", "measured", "processor time", "met"), rows)


def _how_short(run: dict[str, Any]) -> str:
    tree = "clean" if run["clean"] else "with changes"
    return (
        f"Commit {run['commit']} ({tree}), {run['cores']} cores ({run['processor']}), load {run['load_before']} before "
        f"and {run['load_after']} after.\n"
    )


def _two_digits(value: float) -> int:
    return int(float(f"{value:.1e}"))


def _spread(values: Sequence[float], digits: int) -> str:
    """The median, and the least and the largest."""
    middle, low, high = (f"{value:,.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"{middle} ({low} to {high})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"
