"""The callable for Ray Data: by itself, and in a real Ray of two workers, one of which is killed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit import BlockClassifier
from toolkit.errors import PageblocksError
from toolkit.pipelines.ray import LabelBlocks

ROOT = Path(__file__).parents[2]
HTML = (
    "<title>Ferry</title><h1>The night ferry sails again</h1><p>It left the harbour on Monday.</p><button>Sign "
    "up</button>"
)


@pytest.mark.parametrize("kind", [str, bytes])
def test_columns_in_columns_out(model: BlockClassifier, kind: Any) -> None:
    pages = [HTML, "", HTML.replace("Monday", "Friday")]
    column = np.array([page if kind is str else page.encode() for page in pages], object)
    out = LabelBlocks(keep=["article"])(
        {"html": column, "url": np.array(["https://a.example/"] * 3), "more": np.arange(3)}
    )
    assert set(out) == {
        "url",
        "more",
        "clean",
        "title",
        "note",
        "texts",
        "tags",
        "hidden",
        "labels",
        "probabilities",
        "error",
    }
    assert {len(values) for values in out.values()} == {3}
    page = model.classify(HTML, url="https://a.example/")
    assert (out["clean"][0], out["labels"][0], out["title"][0]) == (page.text({"article"}), page.labels, "Ferry")
    assert (out["tags"][0], out["hidden"][0]) == (page.blocks.tag, [False] * len(page.blocks))
    assert np.allclose(out["probabilities"][0], page.probabilities, atol=1e-3)
    assert (out["clean"][1], out["labels"][1]) == ("", [])
    assert "empty" in out["error"][1]
    assert out["error"][2] == ""
    assert "Friday" in out["texts"][2][1]


def test_markdown_without_hidden_text(model: BlockClassifier) -> None:
    html = HTML + "<p hidden>It left the quay on Friday, with ninety people on board.</p>"
    out = LabelBlocks(keep=list(model.classes_), format="markdown", visible=True)({"html": [html]})
    wanted = model.extract(html, keep=list(model.classes_), format="markdown", visible=True)
    assert list(out["clean"]) == [wanted]
    assert wanted.startswith("# The night ferry")
    assert "Friday" not in wanted


def test_text_and_other_names() -> None:
    out = LabelBlocks(text="body", id="name")({"body": ["The night ferry sails again", None], "name": ["a", "b"]})
    assert out["texts"][0] == ["The night ferry sails again"]
    assert out["error"][1].startswith("b: ")


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(PageblocksError, match="no label 'advert'"):
        LabelBlocks(keep=["advert"])
    with pytest.raises(PageblocksError, match="no column 'html' or 'text'; the batch has content"):
        LabelBlocks()({"content": ["x"]})


CODE = """
import os, signal
from pathlib import Path
import ray
from toolkit.pipelines.ray import LabelBlocks

class Killed(LabelBlocks):
    # The worker that comes to page 20 first is killed there.
    def __call__(self, batch):
        mark = Path(os.environ["MARK"])
        if "page-20" in batch["id"] and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(batch) | {"worker": [os.getpid()] * len(batch["id"])}

if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    page = Path("page.html").read_text("utf-8")
    rows = [{"id": f"page-{k}", "html": page.replace("Monday", f"day {k}")} for k in range(60)]
    pages = ray.data.from_items(rows, override_num_blocks=12).map_batches(Killed, batch_size=5, concurrency=2)
    for row in pages.take_all():
        print(row["id"], row["worker"], row["clean"].replace(chr(10), "|"), sep="\\t")
"""


def test_two_workers_of_a_real_ray_one_of_them_killed(tmp_path: Path, model: BlockClassifier) -> None:
    if importlib.util.find_spec("ray") is None:  # not imported here: it starts threads
        pytest.skip("Ray is not installed; pip install 'pageblocks[ray]'")
    (tmp_path / "page.html").write_text(HTML, "utf-8")
    (tmp_path / "run.py").write_text(CODE)
    mark = tmp_path / "killed"
    env = os.environ | {"PYTHONPATH": str(ROOT), "MARK": str(mark), "RAY_USAGE_STATS_ENABLED": "0"}
    ran = subprocess.run([sys.executable, "run.py"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=800)
    assert ran.returncode == 0, ran.stderr[-3000:]
    rows = [line.split("\t") for line in ran.stdout.splitlines() if line.startswith("page-")]
    assert mark.exists()
    assert sorted(id for id, _, _ in rows) == sorted(f"page-{k}" for k in range(60))
    assert len({worker for _, worker, _ in rows}) >= 2
    for id, _, clean in rows:
        assert clean == model.extract(HTML.replace("Monday", f"day {id[5:]}")).replace("\n", "|")
