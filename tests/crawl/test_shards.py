"""JSON lines are put together by hand, for speed: they say what was given, byte for byte as the encoder writes it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from toolkit.classify.result import Classified
from toolkit.crawl.shards import Clean, Row, open_shard
from toolkit.page import Blocks, Page


@pytest.mark.parametrize("classes", [["article", "menu"], ['50 % "off"', "%s\n"]], ids=["plain", "hostile"])
def test_lines_are_what_the_encoder_writes(tmp_path: Path, classes: list[str]) -> None:
    first = np.array([0.0, 1.0, 0.12344, 0.99996, 0.00005, 1e-9, 0.3, 0.5], np.float32)
    chances = np.stack([first, 1 - first], axis=1)
    texts = [f'%d "{k}" \\ \u2028 Ä {chr(0x1F600)}' for k in range(len(first))]
    tags = [f'x-%d"{k}"' for k in range(len(first))]
    blocks = Blocks(Page("%s id", "x", b""), text=texts, tag=tags, flags=[0, 1] * 4, title="a %(b)s")
    labels = [classes[k] for k in chances.argmax(axis=1)]
    shard = open_shard("jsonl", tmp_path, "s", classes=classes, clean=Clean((classes[0],)))
    shard.write([Row("f", 0, Classified(blocks, labels, chances, classes))])
    paths = shard.close()
    lines = [gzip.decompress(Path(path).read_bytes()).decode() for path in paths.values()]
    document, attributes = map(json.loads, lines)
    assert [json.dumps(line, ensure_ascii=False) + "\n" for line in (document, attributes)] == lines
    assert [document["text"][b["start"] : b["end"]] for b in document["blocks"]] == texts
    assert [b["label"] for b in document["blocks"]] == labels
    assert [(b["tag"], b["hidden"]) for b in document["blocks"]] == list(zip(tags, [False, True] * 4, strict=True))
    assert document["clean"] == "\n\n".join(
        text for text, label in zip(texts, labels, strict=True) if label == classes[0]
    )
    wanted = np.round(chances.astype(np.float64), 4).tolist()
    assert [[b["probabilities"][name] for name in classes] for b in document["blocks"]] == wanted
    for k, name in enumerate(classes):
        spans = [[b["start"], b["end"], row[k]] for b, row in zip(document["blocks"], wanted, strict=True)]
        assert attributes["attributes"][f"pageblocks__{name}"] == spans
