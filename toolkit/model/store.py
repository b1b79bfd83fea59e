"""Saves and loads models as arrays and JSON in a folder. It contains no code, so loading runs none."""

from __future__ import annotations

import hashlib
import io
import json
import tokenize
import zipfile
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import AlreadyExists, BadModel
from ..features.bags import WIDTH
from ..support.files import write_atomic, write_json
from .family import Family
from .inputs import Scaler
from .linear import Linear, restored, whole
from .network import REACHES, Layers, Network

FORMAT = 3  # raised when features or arrays change so that older files would be misread
_WEIGHTS, _FACTS = "weights.npz", "model.json"
# Errors from weights and facts that are not of a model, or not of the same one.
UNFIT = (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, NotImplementedError, RuntimeError)
_LARGEST = 400 * 2**20  # bytes unpacked; more is no model of ours

Arrays = dict[str, npt.NDArray[Any]]


def write_model(folder: Path | str, families: dict[str, Family], facts: dict[str, Any]) -> None:
    """Write `weights.npz` and `model.json`; the JSON last, because it names the hash of the weights."""
    folder = Path(folder)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **_arrays(families))  # type: ignore[arg-type]
    weights = buffer.getvalue()
    facts = {"format": FORMAT, **facts, "families": sorted(families), "sha256": hashlib.sha256(weights).hexdigest()}
    write_atomic(folder / _WEIGHTS, weights)
    write_json(folder / _FACTS, facts)


def refuse_foreign_model(folder: Path | str, force: bool) -> None:
    """Raise AlreadyExists if the folder contains a model (unless `force`) or files that are not of a model.

    The card (README.md) of an older model is kept.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise AlreadyExists(f"{folder} is a file; give a folder", path=folder)
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if not names:
        return
    if not force:
        raise AlreadyExists(f"{folder} already exists; --force replaces the model in it", path=folder)
    try:
        facts = json.loads((folder / _FACTS).read_text("utf-8"))
        ours = isinstance(facts, dict) and {"format", "sha256"} <= facts.keys()
    except (OSError, ValueError):
        ours = False
    if found := sorted(names - ({_WEIGHTS, _FACTS, "README.md"} if ours else set())):
        raise AlreadyExists(
            f"{folder} contains other files than a model ({found[0]}); move them away, or give another folder",
            path=folder,
        )


def fingerprint(families: dict[str, Family]) -> str:
    """Eight hex digits that identify these weights, the same before saving and after loading."""
    digest = hashlib.blake2b(digest_size=4)
    for name in sorted(families):
        for key, value in sorted(_flatten(families[name]).items()):
            digest.update(f"{name}/{key}".encode())
            digest.update(np.ascontiguousarray(value).data)
    return digest.hexdigest()


def pack(families: dict[str, Family]) -> bytes:
    """The weights in a fifteenth of their size in memory, fast to make and to read: for pickles."""
    import zstandard  # start-up

    buffer = io.BytesIO()
    np.savez(buffer, **_arrays(families))  # type: ignore[arg-type]
    return zstandard.compress(buffer.getvalue(), 1)


@lru_cache(maxsize=2)
def unpack(packed: bytes) -> dict[str, Family]:
    """The families of `pack`. A process that gets the same weights with every task reads them once."""
    import zstandard  # start-up

    weights = zstandard.decompress(packed)
    with np.load(io.BytesIO(weights), allow_pickle=False) as npz:
        names = sorted({name.split("/")[0] for name in npz.files})
    return _families(weights, names)


def read_model(folder: Path | str) -> tuple[dict[str, Family], dict[str, Any]]:
    """Families and facts. Raises BadModel for anything but a complete, unchanged model of this format."""
    folder = Path(folder)
    try:
        facts = json.loads((folder / _FACTS).read_text("utf-8"))
        weights = (folder / _WEIGHTS).read_bytes()
    except FileNotFoundError as error:
        raise BadModel(
            f"{folder}: not a model ({Path(error.filename).name} is missing); make one with `pageblocks train`"
        ) from None
    except (OSError, ValueError) as error:
        raise BadModel(f"{folder}: the model cannot be read ({error})") from error
    if not isinstance(facts, dict) or not isinstance(facts.get("format"), int):
        raise BadModel(f"{folder / _FACTS}: not a model's facts; copy or train the model again")
    if facts["format"] > FORMAT:
        raise BadModel(
            f"{folder}: made by a newer pageblocks (format {facts['format']}, this one reads {FORMAT}); update "
            "pageblocks"
        )
    if facts["format"] < FORMAT:
        raise BadModel(
            f"{folder}: made by an older pageblocks (format {facts['format']}); train it again with `pageblocks train`"
        )
    if hashlib.sha256(weights).hexdigest() != facts.get("sha256"):
        raise BadModel(
            f"{folder / _WEIGHTS}: damaged or changed (its hash is not the one in {_FACTS}); copy or train the model "
            "again"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(weights)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise ValueError("too large")
        families = _families(weights, facts["families"])
    except (
        *UNFIT,
        OSError,
        MemoryError,
        SyntaxError,
        zlib.error,
        tokenize.TokenError,
        zipfile.BadZipFile,
        EOFError,
    ) as error:
        why = " ".join(str(error).split())
        raise BadModel(
            f"{folder / _WEIGHTS}: not the weights of a model ({why:.200}); copy or train the model again"
        ) from error
    return families, facts


def read_labels(facts: dict[str, Any]) -> npt.NDArray[np.str_]:
    """The sorted labels, in the order of all columns. Raises ValueError if they are invalid."""
    names = facts["labels"]
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) and name for name in names)
        or len(set(names)) < len(names)
    ):
        raise ValueError("its labels are no list of different names")
    if names != sorted(names):
        raise ValueError("its labels are not sorted, as the columns of its arrays are")
    return np.array(names, np.str_)


def _flatten(family: Family) -> Arrays:
    arrays: Arrays = {
        "story": np.array(family.story),
        "vectors": np.array(int(family.vectors)),
        "network/labels": np.array(family.network.labels),
        "scaler/mean": family.scaler.mean,
        "scaler/scale": family.scaler.scale,
    }
    arrays |= {"wide/mean": family.wide.mean, "wide/scale": family.wide.scale}
    linear = {f"views/{name}": view for name, view in family.views.items()}
    if family.content is not None:
        linear["content"] = family.content
    for name, view in linear.items():
        for part in ("text", "markup"):
            value = getattr(view, part)
            if value is not None:
                arrays[f"{name}/{part}"], arrays[f"{name}/{part}/step"] = whole(value)
        if view.dense is not None:
            arrays[f"{name}/dense"] = view.dense
        arrays[f"{name}/bias"] = view.bias
    for k, layers in enumerate(family.network.members):
        for depth, (weights, bias) in enumerate(layers):
            arrays[f"network/{k}/{depth}/weights"], arrays[f"network/{k}/{depth}/bias"] = weights, bias
    return arrays


def _arrays(families: dict[str, Family]) -> Arrays:
    return {f"{name}/{key}": value for name, family in families.items() for key, value in _flatten(family).items()}


def _families(weights: bytes, names: Iterable[str]) -> dict[str, Family]:
    with np.load(io.BytesIO(weights), allow_pickle=False) as npz:
        arrays = {name: npz[name] for name in npz.files}
    if odd := [name for name, value in arrays.items() if value.dtype.kind not in "fiu"]:
        raise ValueError(f"{odd[0]} holds no numbers")
    return {name: _rebuild(arrays, name) for name in names}


def _rebuild(arrays: Arrays, family: str) -> Family:
    own = {name.removeprefix(family + "/"): value for name, value in arrays.items() if name.startswith(family + "/")}

    def linear(name: str) -> Linear:
        def part(key: str) -> Any:
            value = own.get(f"{name}/{key}")
            if value is None:
                return None
            if value.shape[0] != WIDTH:
                raise ValueError(f"{name}/{key} has {value.shape[0]} rows")
            return restored(value, own[f"{name}/{key}/step"])

        return Linear(part("text"), part("markup"), own.get(f"{name}/dense"), own[f"{name}/bias"])

    views = sorted(
        {name.split("/")[1] for name in own if name.startswith("views/")}, key=["text", "markup", "joint"].index
    )
    if not views:
        raise ValueError(f"no {family} family in it")
    return Family(
        scaler=Scaler(own["scaler/mean"], own["scaler/scale"]),
        views={name: linear(f"views/{name}") for name in views},
        content=linear("content") if "content/bias" in own else None,
        wide=Scaler(own["wide/mean"], own["wide/scale"]),
        network=_network(own),
        story=int(own["story"]),
        vectors=bool(own["vectors"]),
    )


def _network(arrays: Arrays) -> Network:
    members: list[Layers] = []
    while f"network/{len(members)}/0/weights" in arrays:
        at = f"network/{len(members)}"
        depths = range(len(REACHES) + 2)
        members.append([(arrays[f"{at}/{depth}/weights"], arrays[f"{at}/{depth}/bias"]) for depth in depths])
    if not members:
        raise ValueError("no network in it")
    return Network(members, int(arrays["network/labels"]))
