"""Measure the correction of a page in the browser, by labelling control: controls.py [--blocks 50 150 400] [--repeats
3] [--json FILE]

Starts Label Studio in a temporary folder and a headless Chromium, creates one project per control with the same
generated pages (nine suggestions in ten are right), and does what an annotator does: opens the page in the stream of
tasks, corrects five blocks, submits. Times are medians of the machine's part. Reading and deciding take additional
time, the same for all controls.

    actions   clicks and key presses for five corrections and the submission; scrolling is not counted
    open      from the request until all suggestions are shown and a click is answered
    correct   from the first click to the fifth label shown
    submit    from the key to the server's answer
    CPU       processor time of the tab for the same, which depends less on the load of the machine
    heap, DOM the tab's JavaScript heap (MB) after a garbage collection, and its nodes, before the first correction

Every submitted annotation is read back. The run fails unless five blocks changed and all others are as suggested.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

WRONG = 5
WORDS = (
    "the river council said on Monday that new bridge would open before winter after two years of work and many talks "
    "with people who live near its northern end where trucks used to stop"
).split()


COLOURED = """([selector, i, rgb]) => {
  const seen = getComputedStyle(document.querySelectorAll(selector)[i]).backgroundColor.match(/[0-9.]+/g).map(Number);
  return rgb.every((value, k) => Math.abs(value - seen[k]) < 2);
}"""


@dataclass(frozen=True)
class Made:
    """A generated page: its texts, the true labels, and suggestions, nine in ten of them right."""

    id: str
    texts: list[str]
    truth: list[str]
    shown: list[str]

    @property
    def corrections(self) -> list[int]:
        """The blocks that the annotator corrects: five wrong ones, spread over the page."""
        wrong = [i for i, (a, b) in enumerate(zip(self.truth, self.shown, strict=True)) if a != b]
        return [wrong[k * len(wrong) // WRONG] for k in range(WRONG)]


def page(id: str, n: int, names: Sequence[str], seed: int) -> Made:
    draw = random.Random(f"{seed}/{n}")
    texts, truth = [], []
    for i in range(n):
        label = draw.choices(names, [50, 8, 6, 6, 30][: len(names)])[0]
        words = draw.randint(15, 60) if label == names[0] else draw.randint(1, 8)
        texts.append(f"{i} {' '.join(draw.choices(WORDS, k=words))}")
        truth.append(label)
    shown = list(truth)
    for i in draw.sample(range(n), max(WRONG, n // 10)):
        shown[i] = draw.choice([name for name in names if name != truth[i]])
    return Made(id, texts, truth, shown)


# --- the controls ------------------------------------------------------------


@dataclass(frozen=True)
class Control:
    """How a control is configured, filled, awaited, used and read. `fix` returns the number of actions."""

    name: str
    config: str
    task: Callable[[Made], dict[str, Any]]
    standing: str  # selector of n elements once the suggestions of n blocks are shown
    fix: Callable[[Any, int, Any], int]  # tab, block, the scheme's label
    labels: Callable[[list[dict[str, Any]], int], list[str | None]]


def controls(scheme: Any) -> list[Control]:
    from toolkit.studio import tasks

    def hypertext_task(made: Made) -> dict[str, Any]:
        from toolkit.page import Blocks, Page

        n = len(made.texts)
        blocks = Blocks(
            Page(made.id, "", b"", url=f"https://bench.example/{made.id}"), title=made.id, text=made.texts,
            tag=["p"] * n,
            path=["p"] * n, names=[""] * n, flags=[0] * n,
            link_density=[0.0] * n, depth=[1] * n, heading=[-1] * n, parent=[0] * n,
            start=list(range(n)), end=list(range(1, n + 1)),
        )  # fmt: skip
        return tasks.task(blocks, made.shown, [0.9] * n, model_version="bench")

    def other_task(made: Made, result: list[dict[str, Any]]) -> dict[str, Any]:
        data = {
            "title": made.id,
            "url": f"https://bench.example/{made.id}",
            "blocks": [{"tag": "p", "text": t} for t in made.texts],
        }
        return {"data": data, "predictions": [{"model_version": "bench", "score": 0.9, "result": result}]}

    def paragraph_task(made: Made) -> dict[str, Any]:
        return other_task(made, [
            {"id": f"b{i:04d}", "from_name": "label", "to_name": "page", "type": "paragraphlabels",
             "value": {"start": str(i), "end": str(i), "startOffset": 0, "endOffset": len(text), "text": text,
                       "paragraphlabels": [label]}}
            for i, (text, label) in enumerate(zip(made.texts, made.shown, strict=True))
        ])  # fmt: skip

    def choices_task(made: Made) -> dict[str, Any]:
        return other_task(made, [
            {"id": f"b{i:04d}", "from_name": f"c_{i}", "to_name": f"t_{i}", "type": "choices",
            "value": {"choices": [label]}}
            for i, label in enumerate(made.shown)
        ])  # fmt: skip

    def by_key(selector: str) -> Callable[[Any, int, Any], int]:
        def fix(tab: Any, block: int, label: Any) -> int:
            tab.locator(selector).nth(block).click(position={"x": 8, "y": 8})
            tab.keyboard.press(label.hotkey)
            tab.wait_for_function(COLOURED, arg=[selector, block, [int(label.color[k : k + 2], 16) for k in (1, 3, 5)]])
            return 2

        return fix

    def by_click(tab: Any, block: int, label: Any) -> int:
        box = tab.locator(".one").nth(block).locator(f"input[name={json.dumps(label.name)}]")
        box.click()
        tab.wait_for_function("box => box.checked", arg=box.element_handle())
        return 1

    heads = '<Header value="$title" size="4"/><Header value="$url" size="6"/>'
    marks = "".join(
        f"<Label value={quoteattr(x.name)} hotkey={quoteattr(x.hotkey)} background={quoteattr(x.color)}/>"
        for x in scheme.labels
    )
    picks = "".join(f"<Choice value={quoteattr(name)}/>" for name in scheme.names)
    paragraphs = (
        f'<View><Style>[class*="time--"]{{display:none!important}}</Style>{heads}'
        f'<ParagraphLabels name="label" toName="page" choice="single" showInline="true">{marks}</ParagraphLabels>'
        '<Paragraphs name="page" value="$blocks" nameKey="tag" textKey="text" layout="none"/></View>'
    )
    repeater = (
        f'<View>{heads}<Repeater on="$blocks" indexFlag="{{{{idx}}}}"><View className="one">'
        '<Text name="t_{{idx}}" value="$blocks[{{idx}}].text"/>'
        f'<Choices name="c_{{{{idx}}}}" toName="t_{{{{idx}}}}" choice="single" showInline="true">{picks}</Choices>'
        "</View></Repeater></View>"
    )
    hyper, para = ".blks p .htx-highlight", "[data-testid^='phrase:'] .htx-highlight"
    return [
        Control("hypertext regions", scheme.label_studio_config(), hypertext_task, hyper, by_key(hyper),
                lambda result, n: tasks.labels_of(result, n)[0]),
        Control("paragraph regions", paragraphs, paragraph_task, para, by_key(para),
                lambda result, n: _by_index(result, n, "paragraphlabels")),
        Control("choices per block", repeater, choices_task, ".one input:checked", by_click,
                lambda result, n: _by_index(result, n, "choices")),
    ]  # fmt: skip


def _by_index(result: list[dict[str, Any]], n: int, kind: str) -> list[str | None]:
    labels: list[str | None] = [None] * n
    for region in result:
        where = region["value"]["start"] if kind == "paragraphlabels" else region["from_name"].removeprefix("c_")
        labels[int(where)] = region["value"][kind][0]
    return labels


# --- the work ------------------------------------------------------------


def correct(tab: Any, address: str, control: Control, made: Made, scheme: Any) -> dict[str, float]:
    """Correct one page as an annotator does, and return the times."""
    n, labels = len(made.texts), {label.name: label for label in scheme.labels}
    line = tab.context.new_cdp_session(tab)
    line.send("Performance.enable")
    idle, begin = metrics(line), time.perf_counter()
    tab.goto(address, wait_until="commit")
    tab.wait_for_function("([what, n]) => document.querySelectorAll(what).length >= n", arg=[control.standing, n])
    tab.evaluate("() => new Promise(done => requestIdleCallback(done))")
    took = {"open": time.perf_counter() - begin}
    standing = metrics(line)
    line.send("HeapProfiler.collectGarbage")
    ready, start = metrics(line), time.perf_counter()
    took["actions"] = 1 + sum(control.fix(tab, i, labels[made.truth[i]]) for i in made.corrections)
    fixed = time.perf_counter()
    took |= {"correct": fixed - start, "heap": ready["JSHeapUsedSize"] / 1e6, "dom": ready["Nodes"]}
    took["open_cpu"] = standing["ProcessTime"] - idle["ProcessTime"]
    took["correct_cpu"] = metrics(line)["ProcessTime"] - ready["ProcessTime"]
    with tab.expect_response(lambda r: "/annotations" in r.url and r.request.method == "POST") as sent:
        tab.keyboard.press("Control+Enter")
    if not sent.value.ok:
        raise SystemExit(f"{control.name}, {n} blocks: the server refused the annotation ({sent.value.status})")
    line.detach()
    return took | {"submit": time.perf_counter() - fixed}


def metrics(line: Any) -> dict[str, float]:
    return {row["name"]: row["value"] for row in line.send("Performance.getMetrics")["metrics"]}


def check(client: Any, task: int, control: Control, made: Made) -> None:
    (answer,) = client.get(f"api/tasks/{task}/annotations/")
    wanted = [made.truth[i] if i in made.corrections else label for i, label in enumerate(made.shown)]
    if control.labels(answer["result"], len(made.texts)) != wanted:
        raise SystemExit(f"{control.name}, {len(made.texts)} blocks: what was submitted is not what was corrected")


def set_up(client: Any, control: Control, made: Sequence[Made]) -> tuple[int, list[int]]:
    body = {
        "title": f"{control.name} {time.time():.0f}",
        "label_config": control.config,
        "show_collab_predictions": True,
        "model_version": "bench",
    }
    project = client.request("POST", "api/projects", body=body)["id"]
    path = f"api/projects/{project}/import?return_task_ids=1"
    return project, client.request("POST", path, body=[control.task(each) for each in made])["task_ids"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, nargs="+", default=[50, 150, 400])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--control", help="only this one, by its name in the table")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write each single run to this file")
    parser.add_argument(
        "--folder", type=Path, help="keep the server's database in this folder (default: a temporary one)"
    )
    options = parser.parse_args()
    browser_path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if browser_path is None:
        print("no Chromium on the PATH: nothing was measured", file=sys.stderr)
        return 0
    from playwright.sync_api import sync_playwright

    from toolkit.scheme import Scheme
    from toolkit.studio import connect, start, stop

    scheme = Scheme.default()
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = options.folder or Path(temporary)
        server = start(folder, port=8900, timeout=600)
        try:
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
            tab = browser.new_page(viewport={"width": 1280, "height": 900})
            tab.set_default_timeout(900_000)
            tab.goto(f"{server.url}/user/login/")
            tab.fill("input[name=email]", server.user)
            tab.fill("input[name=password]", server.password)
            tab.click("button[type=submit]")
            tab.wait_for_url(lambda where: "/login" not in where)
            with connect(folder=folder) as client:
                todo = []
                for control in controls(scheme):
                    if options.control not in (None, control.name):
                        continue
                    # The first page fills the browser's caches and is not counted.
                    sizes = [min(options.blocks), *options.blocks * options.repeats]
                    made = [page(f"page-{k}", n, scheme.names, options.seed + k) for k, n in enumerate(sizes)]
                    project, ids = set_up(client, control, made)
                    todo.append((control, project, list(zip(made, ids, strict=True))))
                # In turn, so that other load affects all controls alike.
                for step in range(len(todo[0][2])):
                    for control, project, pages in todo:
                        one, task = pages[step]
                        took = correct(tab, f"{server.url}/projects/{project}/data?labeling=1", control, one, scheme)
                        check(client, task, control, one)
                        print(
                            f"{control.name}, {len(one.texts)} blocks: {took['open']:.1f} s to open",
                            file=sys.stderr,
                            flush=True,
                        )
                        if step:
                            runs.append({"control": control.name, "blocks": len(one.texts)} | took)
                            if options.json:
                                options.json.write_text(json.dumps(runs, indent=1) + "\n")
            browser.close()
        finally:
            stop(folder)
    show(runs)
    return 0


def show(runs: list[dict[str, Any]]) -> None:
    print("| blocks | control | actions | open s | (CPU) | correct s | (CPU) | submit s | heap MB | DOM nodes |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for n, name in dict.fromkeys(
        (run["blocks"], run["control"]) for run in sorted(runs, key=lambda run: run["blocks"])
    ):
        of = [run for run in runs if (run["blocks"], run["control"]) == (n, name)]
        mid = {key: statistics.median(run[key] for run in of) for key in of[0] if key not in ("blocks", "control")}
        print(
            f"| {n} | {name} | {mid['actions']:.0f} | {mid['open']:.1f} | {mid['open_cpu']:.1f} | {mid['correct']:.1f} "
            f"| {mid['correct_cpu']:.1f} | {mid['submit']:.1f} | {mid['heap']:.0f} | {mid['dom']:,.0f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
