"""Fuzz the loading of models: python tests/fuzz/models.py [--seconds 200] [--seed 0]

A small model whose weights or facts have bytes changed or arrays swapped, with the hash set right, as somebody who
means harm would. It must load and predict, or be refused in one line. Run it at low priority: nice -n 19 python
tests/fuzz/models.py
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from common import mutated, one_line, run

from toolkit import BlockClassifier
from toolkit.errors import PageblocksError
from toolkit.model import load
from toolkit.page import Page
from toolkit.segment import segment

FOLDER = Path(tempfile.mkdtemp(prefix="pageblocks-fuzz-"))
PAGES = [
    segment(
        Page(
            f"p{k}",
            "",
            f"<h1>Page {k}</h1><p>Some story {k}.</p><form><button>Send</button></form>".encode(),
            url=f"https://s{k}.example/",
        )
    )
    for k in range(6)
]


def small() -> tuple[dict[str, Any], bytes]:
    model = BlockClassifier().fit(PAGES, [["article"] * (len(page) - 1) + ["form"] for page in PAGES])
    model.save(FOLDER / "small")
    with np.load(FOLDER / "small/weights.npz") as npz:
        arrays = {name: npz[name] for name in npz.files}
    stored = io.BytesIO()
    np.savez(stored, **arrays)  # not packed, so that changed bytes reach the arrays and their heads
    return json.loads((FOLDER / "small/model.json").read_text()), stored.getvalue()


FACTS, WEIGHTS = small()
ODD: list[Any] = [None, [], {}, "", "x", -1, 0, 1e308, True, ["a", "a"], [[]], {"a": {}}, "html", [None], 10**30]


def repacked(chance: random.Random) -> bytes:
    """Whole arrays of other shapes and kinds, swapped, or missing."""
    with np.load(io.BytesIO(WEIGHTS)) as npz:
        arrays = {name: npz[name] for name in npz.files}
    for name in chance.sample(sorted(arrays), chance.choice((1, 1, 3))):
        what = chance.randrange(7)
        if what == 0:
            del arrays[name]
        elif what == 1:
            arrays[name] = arrays[chance.choice(sorted(arrays))]
        elif what == 2:
            arrays[name] = arrays[name].ravel()[: chance.choice((0, 1, 3))]
        elif what == 3:
            arrays[name] = np.array(chance.choice((1, -1, np.nan, 1 + 2j, True)))
        elif what == 4:
            arrays[name] = np.full(arrays[name].shape, chance.choice((np.nan, np.inf, 1e38)), arrays[name].dtype)
        elif what == 5:
            arrays[name] = np.array(["text"] * 3)
        else:
            arrays[name] = arrays[name][None]
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def reheaded(chance: random.Random) -> bytes:
    """Bytes of a member changed, with the checksum of the zip set right."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WEIGHTS)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            content = old.read(name)
            if name == chosen:
                content = mutated(chance, content[:128]) + content[128:]
            new.writestr(name, content)
    return out.getvalue()


def check(chance: random.Random) -> str:
    facts, weights = dict(FACTS), WEIGHTS
    kind = chance.choice(("bytes", "arrays", "heads", "facts", "text"))
    if kind == "bytes":
        weights = mutated(chance, weights)
    elif kind == "arrays":
        weights = repacked(chance)
    elif kind == "heads":
        weights = reheaded(chance)
    facts["sha256"] = hashlib.sha256(weights).hexdigest()
    if kind == "facts":
        for name in chance.sample(sorted(set(facts) - {"sha256"}), chance.choice((1, 1, 2))):
            if chance.random() < 0.2:
                del facts[name]
            else:
                facts[name] = chance.choice(ODD)
    text = json.dumps(facts).encode()
    (FOLDER / "m").mkdir(exist_ok=True)
    (FOLDER / "m/weights.npz").write_bytes(weights)
    (FOLDER / "m/model.json").write_bytes(mutated(chance, text) if kind == "text" else text)
    try:
        model = load(str(FOLDER / "m"))
        found = model.predict_proba(PAGES[:2])
    except PageblocksError as error:
        one_line(error)
        return f"{kind} refused"
    assert [len(one) for one in found] == [len(page) for page in PAGES[:2]]
    return f"{kind} loaded"


if __name__ == "__main__":
    sys.exit(run(__doc__, check))
