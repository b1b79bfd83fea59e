"""The label scheme that a corpus remembers, in its `scheme.toml`.

The scheme that a command is given, the one that the corpus remembers and the one that its label files name are one
scheme, or it is an error: nothing is made under a scheme that the labels are not of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import BadScheme
from ..scheme import Scheme
from ..support.files import read_jsonl, write_atomic

NAME = "scheme.toml"


def scheme_path(folder: Path | str) -> Path:
    """Where a corpus keeps its scheme."""
    return Path(folder) / NAME


def read_scheme(folder: Path | str) -> Scheme | None:
    """The scheme that a corpus remembers; None where it remembers none."""
    path = scheme_path(folder)
    return Scheme.load(path) if path.exists() else None


def keep_scheme(folder: Path | str, scheme: Scheme) -> None:
    """Make a corpus remember the scheme. A file that says the same stays as it is, byte for byte."""
    path = scheme_path(folder)
    if not (path.exists() and Scheme.load(path) == scheme):
        write_atomic(path, scheme.to_toml())


def scheme_of(source: Path | str, given: Scheme | Path | str | None = None, gold_only: bool = False) -> Scheme:
    """The scheme for a corpus, a folder of annotation files, or one such file.

    It is the `given` one, else the one that the corpus remembers, else the one that comes with pageblocks. `gold_only`
    leaves the annotations unread. Raises BadScheme where two of them, or the label
    files, differ.
    """
    source = Path(source)
    folder = _corpus_of(source)
    own = read_scheme(folder)
    wanted = given if isinstance(given, Scheme) or given is None else Scheme.load(given)
    if wanted is not None and own is not None:
        _refuse_other(wanted, own, folder)
    chosen = wanted or own or Scheme.default()
    for path, id in _named(_label_files(source, gold_only)):
        if id != chosen.id:
            raise BadScheme(
                f"{path}: its labels are of the scheme {id}, {_way_out(chosen, wanted, own, id=id, folder=folder)}"
            )
    return chosen


def named_schemes(folder: Path | str) -> set[str]:
    """The schemes that a corpus and its label files name."""
    own = read_scheme(folder)
    return {id for _, id in _named(_label_files(Path(folder), False))} | ({own.id} if own is not None else set())


def refuse_other_labels(folder: Path | str, id: str) -> None:
    """Raise BadScheme where a folder has labels of another scheme than `id`; "" is an unnamed scheme."""
    for path, other in _named(_label_files(Path(folder), False)):
        if id and other != id:
            raise BadScheme(
                f"{path}: its labels are of the scheme {other}, not of {id}; give another folder, or move them with"
                f" `pageblocks scheme migrate FILE --corpus {folder}`"
            )


def _refuse_other(given: Scheme, own: Scheme, folder: Path) -> None:
    if given.id != own.id:
        raise BadScheme(
            f"{scheme_path(folder)}: the corpus is of the scheme {own.id}, not of {given.id}; leave out --scheme "
            "FILE, or move"
            f" the corpus to the new scheme with `pageblocks scheme migrate FILE --corpus {folder}`"
        )
    if set(given.names) != set(own.names):
        raise BadScheme(
            f"{scheme_path(folder)}: the scheme {own.id} has the labels {', '.join(own.names)}, the one of --scheme "
            "FILE has"
            f" {', '.join(given.names)}; give the new one another version, and move the corpus with"
            f" `pageblocks scheme migrate FILE --corpus {folder}`"
        )


def _way_out(chosen: Scheme, given: Scheme | None, own: Scheme | None, *, id: str, folder: Path) -> str:
    if own is not None:
        return (
            f"the corpus is of {own.id} ({NAME}); move them with `pageblocks scheme migrate {scheme_path(folder)} "
            "--corpus"
            f" {folder}`, or, if {NAME} is wrong, remove it and give the file of {id} with --scheme FILE"
        )
    if given is not None:
        return (
            f"not of {chosen.id}; give the file of {id} with --scheme FILE, or move them with"
            f" `pageblocks scheme migrate FILE --corpus {folder}`"
        )
    return (
        f"and without {scheme_path(folder)} the default {chosen.id} would count; give the file of {id} with --scheme "
        "FILE, or"
        " keep it there"
    )


def _corpus_of(source: Path) -> Path:
    """The corpus folder that contains a folder of annotations or one of its files."""
    folder = source.parent if source.is_file() else source
    return (folder if folder.name else folder.resolve()).parent if folder.resolve().name == "annotations" else folder


def _label_files(source: Path, gold_only: bool) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    gold = source / "gold.jsonl"
    if gold.exists():
        yield gold
    if not gold_only:
        inner = source / "annotations"
        others = {"pages.jsonl", "gold.jsonl"}
        yield from sorted(inner.glob("*.jsonl"))
        if not (source / "pages.jsonl").exists() and not inner.is_dir():
            yield from (path for path in sorted(source.glob("*.jsonl")) if path.name not in others)


def _named(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Each scheme that a label file names, with the file."""
    for path in paths:
        named = dict.fromkeys(str(row.get("scheme") or "") for row in read_jsonl(path))
        yield from ((path, id) for id in named if id)
