"""First step: the labelled pages of an experiment, and the pages of which the content is known, segmented once and
kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from ..corpus.folder import Corpus
from ..corpus.public.pages import read_content, read_gold
from ..corpus.scheme import scheme_of
from ..errors import BadInput
from ..page import Blocks, Page
from ..scheme import Scheme
from ..standoff import read_annotations
from ..support.hashing import shuffled
from .cache import Cache
from .hashes import READING, code, file_hash, hash_value
from .settings import Experiment
from .silver import read_silver

# A note is for readers; models do not see it.
_COLUMNS = [f.name for f in fields(Blocks) if f.name not in ("page", "note")]


@dataclass
class Data:
    """`targets`: a label per block (None: not labelled); or (content pages) 1 where it is content; or (silver) the
    probabilities of `classes` and of main content. `key` is a hash of all of it.
    """

    pages: list[Blocks] = field(repr=False)
    targets: list[list[Any]] = field(repr=False)
    key: str
    classes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sources:
    """Where an experiment's data comes from: its file's folder, and the mirror of public corpora. Hashed once."""

    folder: Path
    mirror: Path
    seen: dict[Path, str] = field(default_factory=dict, repr=False, compare=False)

    def corpus_hash(self, folder: Path, parts: str = "**/*") -> str:
        """Of all its files, or of those that `parts` matches."""
        if folder not in self.seen:
            names = sorted(path for path in folder.glob(parts) if path.is_file())
            if not names:
                raise BadInput(f"{folder}: no corpus there; --mirror says where public corpora lie")
            self.seen[folder] = hash_value([[path.relative_to(folder).as_posix(), _hash(path)] for path in names])
        return self.seen[folder]


def gold_key(experiment: Experiment, at: Sources) -> str:
    """A hash of all that the labelled pages of an experiment depend on."""
    return hash_value([code(READING), label_hashes(experiment, at.folder), corpora_hashes(experiment, at)])


def content_key(experiment: Experiment, corpus: str, at: Sources) -> str:
    """A hash of all that the content pages of one corpus depend on."""
    return hash_value([code(READING), "content", corpora_hashes(experiment, at, [corpus])])


def silver_key(experiment: Experiment, at: Sources) -> str:
    """A hash of all that the silver pages of an experiment depend on."""
    labels = {name: _hash(at.folder / name) for name in experiment.silver}
    return hash_value(
        [code((*READING, "experiment.silver")), labels, corpora_hashes(experiment, at, experiment.corpora)]
    )


def label_hashes(experiment: Experiment, folder: Path) -> dict[str, str]:
    """Files of labels beside the experiment -> their hashes."""
    files = [f"{experiment.corpus}/gold.jsonl"] if experiment.corpus else experiment.gold
    files = [*files, *experiment.silver]
    return {name: _hash(folder / name) for name in files}


def label_files(experiment: Experiment, folder: Path) -> dict[str, str]:
    """Page id -> the name of the label file that it is from; {} where there is but one file."""
    if len(experiment.gold) < 2:
        return {}
    return {page.page: Path(name).stem for name in experiment.gold for page in read_annotations(folder / name)}


def experiment_scheme(experiment: Experiment, folder: Path) -> Scheme | None:
    """The scheme of the experiment's corpus; None where it learns from files of labels."""
    return scheme_of(folder / experiment.corpus, gold_only=True) if experiment.corpus else None


def corpora_hashes(experiment: Experiment, at: Sources, names: Iterable[str] | None = None) -> dict[str, str]:
    """Folders of pages -> a hash over all of their pages."""
    if names is None:
        if experiment.corpus:
            return {experiment.corpus: at.corpus_hash(at.folder / experiment.corpus, "pages*/**/*")}
        names = experiment.corpora
    return {name: at.corpus_hash(at.mirror / name) for name in names}


def load_gold(experiment: Experiment, at: Sources, cache: Cache, *, limit: int = 0) -> Data:
    """The pages with gold. `limit`: at most this many, for a trial."""
    key = gold_key(experiment, at)
    rows = cache.rows("gold", key)
    if rows is None:
        if experiment.corpus:
            # The test pages come too: it is the split that keeps them apart, and it is checked against them.
            pages, labels = Corpus.open(at.folder / experiment.corpus).read_labelled(test=True)
        else:
            pages, labels = read_gold(experiment.gold, experiment.corpora, at.folder, mirror=at.mirror)
        rows = [_row(page, targets) for page, targets in zip(pages, labels, strict=True)]
        cache.keep_rows("gold", key, rows)
    return _limited(rows, key, limit)


def load_content(experiment: Experiment, at: Sources, cache: Cache, *, limit: int = 0) -> list[Data]:
    """The content pages, a part for each corpus that the experiment names."""
    parts = []
    for name in experiment.content:
        key = content_key(experiment, name, at)
        rows = cache.rows("content", key)
        if rows is None:
            rows = [_row(page, found) for page, found in zip(*read_content([name], at.mirror), strict=True)]
            cache.keep_rows("content", key, rows)
        parts.append(_limited(rows, key, limit))
    return parts


def load_silver(experiment: Experiment, at: Sources, cache: Cache, *, limit: int = 0) -> Data | None:
    """The pages with silver labels; None if the experiment has none."""
    if not experiment.silver:
        return None
    key = silver_key(experiment, at)
    rows = cache.rows("silver", key)
    if rows is None:
        found = read_silver(experiment.silver, experiment.corpora, at.folder, mirror=at.mirror)
        parts = zip(found.pages, found.probabilities, found.main, strict=True)
        # Unknown is null, because JSON has no NaN.
        rows = [
            _row(page, [[None if np.isnan(x) else round(float(x), 4) for x in row] for row in np.c_[chances, main]])
            | {"classes": found.classes}
            for page, chances, main in parts
        ]
        cache.keep_rows("silver", key, rows)
    classes = rows[0]["classes"] if rows else []
    data = _limited(rows, key, limit)
    return Data(data.pages, data.targets, data.key, classes)


def _limited(rows: list[Any], key: str, limit: int) -> Data:
    if limit and limit < len(rows):
        rows = [rows[i] for i in sorted(shuffled([row["page"][0] for row in rows], 0)[:limit])]
        key = f"{key}-{limit}"
    read = [_blocks(row) for row in rows]
    return Data([page for page, _ in read], [targets for _, targets in read], key)


def _row(blocks: Blocks, targets: Sequence[Any]) -> dict[str, Any]:
    page = blocks.page
    return {
        "page": [page.id, page.format, page.url],
        **{name: getattr(blocks, name) for name in _COLUMNS},
        "targets": list(targets),
    }


def _blocks(row: dict[str, Any]) -> tuple[Blocks, list[Any]]:
    id, format, url = row["page"]
    # The bytes are not needed any more: the models look at blocks.
    return Blocks(Page(id, id, b"", format, url), **{name: row[name] for name in _COLUMNS}), row["targets"]


def _hash(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
