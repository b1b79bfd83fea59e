"""A corpus -> a folder or a file that another tool reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..corpus import check_split
from ..corpus.folder import Corpus
from ..corpus.scheme import keep_scheme
from ..errors import UsageError
from ..page import group_of
from ..scheme import Scheme
from ..support.dump import to_json, to_readable_json
from ..support.endings import refuse_ending
from ..support.files import write_atomic
from ..support.overwrite import files_of_corpus, making, refuse_foreign, refuse_to_overwrite
from .columns import write_parquet
from .hub import write_folder
from .lines import spans_row, text_rows
from .rows import LabelledPage, OnPage, labelled_block_rows, labelled_pages
from .sheet import write_csv
from .tasks import task_of

if TYPE_CHECKING:
    from ..model import BlockClassifier

FORMATS = {
    "datasets": "a folder for the Hugging Face Hub and load_dataset: train, validation, test",
    "label-studio": "a JSON file of tasks with annotations",
    "spacy": "JSON lines, a page with its spans a line",
    "textcat": "JSON lines, a labelled block a line",
    "csv": "a table, a block a row",
    "parquet": "the same with types",
}

EXPORT = "export"  # the command, as the record of the folders that it makes has it
_MERGED = ("README.md",)  # what people write around the figures of the card stays


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Parameters
    ----------
    pages, blocks, labelled : int
        Numbers of pages, of blocks, and of blocks with a label.
    splits : dict of str to {"train", "validation", "test"}
        The part of each site for the format `datasets`; empty for other formats.
    """

    pages: int
    blocks: int
    labelled: int
    splits: dict[str, str]


def export(
    corpus: Corpus, out: Path | str, format: str, *, scheme: Scheme | None = None, all_pages: bool = False,
    splits: dict[str, str] | None = None, seed: int = 0, spreadsheet: bool = False,
    model: BlockClassifier | None = None, force: bool = False, on_page: OnPage | None = None,
) -> Exported:  # fmt: skip
    """Write the labelled pages of a corpus in a format that other tools read.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    out : Path or str
        The file to write; for the format `datasets` the folder.
    format : str
        A key of `FORMATS`.
    scheme : Scheme, optional
        The scheme; by default that of the corpus.
    all_pages : bool, default=False
        Whether to include pages without gold.
    splits : dict of str to {"train", "validation", "test"}, optional
        The part of each site, for `datasets`. By default the split of the corpus, else the one that `pageblocks split`
        would make.
    seed : int, default=0
        Seed of that new split.
    spreadsheet : bool, default=False
        Whether to keep a spreadsheet program from taking text for formulas, for `csv`.
    model : BlockClassifier, optional
        A model that suggests labels, for `label-studio`.
    force : bool, default=False
        Whether to replace an existing file, or a folder that an export made.
    on_page : callable, optional
        Called without arguments after each page.

    Returns
    -------
    Exported
        Numbers of `pages`, `blocks` and `labelled` blocks, and the part of each site in `splits`.

    Raises
    ------
    UsageError
        If the format is unknown, the ending of `out` contradicts it, or `out` is a file of the corpus.
    AlreadyExists
        If `out` exists and `force` is false, or it holds files that no export made.
    TooFewLabels
        If there are no pages to write.
    BadScheme
        If a label of the corpus or of the model is not in the scheme.
    SeenTestPages
        If a page or a template is in two parts of the split.
    """
    out = Path(out)
    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}; choose one of {', '.join(FORMATS)}")
    refuse(corpus.folder, out, format, force=force)
    scheme = corpus.scheme(scheme)
    pages = list(labelled_pages(corpus, all_pages, on_page))
    scheme.refuse_unknown((page.labels for page in pages), corpus.folder)
    if model is not None:
        scheme.refuse_model(map(str, model.classes_), f"the model {model.version}", "without --model")
    found: dict[str, str] = {}
    if format == "datasets":
        found = _folder(corpus, pages, out, scheme=scheme, splits=splits, seed=seed, force=force)
    else:
        write_atomic(out, _file(corpus, pages, format, spreadsheet=spreadsheet, model=model))
    blocks = sum(len(page.labels) for page in pages)
    return Exported(len(pages), blocks, sum(label is not None for page in pages for label in page.labels), found)


def refuse(corpus: Path, out: Path, format: str, *, force: bool) -> None:
    """Raise AlreadyExists or UsageError where an export in this format may not go to `out`."""
    if format == "datasets":
        refuse_ending(out, "folder", "give a name without an ending, or --format csv, parquet ... for one file")
        refuse_foreign(out, EXPORT, force, merged=_MERGED)
        return
    refuse_ending(out, {"label-studio": "json", "spacy": "jsonl", "textcat": "jsonl"}.get(format, format))
    refuse_to_overwrite(out, force, inputs=files_of_corpus(corpus))


def _file(
    corpus: Corpus, pages: list[LabelledPage], format: str, *, spreadsheet: bool, model: BlockClassifier | None
) -> bytes | str:  # fmt: skip
    rows = (row for page in pages for row in labelled_block_rows(page))
    if format == "csv":
        return write_csv(rows, spreadsheet)
    if format == "parquet":
        return write_parquet(rows)
    if format == "label-studio":
        return to_readable_json(_tasks(corpus, pages, model))

    if format == "spacy":
        return _lines(spans_row(page) for page in pages)
    return _lines(row for page in pages for row in text_rows(page))


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(to_json(row) + "\n" for row in rows)


def _tasks(corpus: Corpus, pages: list[LabelledPage], model: BlockClassifier | None) -> list[dict[str, Any]]:
    from ..studio.sync import suggest  # start-up

    said: dict[str, list[Any]] = {}
    for people in corpus.annotations().values():
        for annotation in people:
            said.setdefault(annotation.page, []).append(annotation)
    labels, scores, version = suggest(model, [page.blocks for page in pages])
    return [
        task_of(page, said.get(page.blocks.page.id, ()), (labels[i], scores[i], version) if labels and scores else None)
        for i, page in enumerate(pages)
    ]


def _folder(
    corpus: Corpus,
    pages: list[LabelledPage],
    out: Path,
    *,
    scheme: Scheme,
    splits: dict[str, str] | None,
    seed: int,
    force: bool,
) -> dict[str, str]:
    from .card.dataset import export_card  # start-up

    sites = [group_of(page.blocks) for page in pages]
    found = splits
    if found is None:
        chosen = corpus.split_or_made(seed)
        check_split([page.blocks for page in pages], chosen)
        found = {site: chosen.part(site) for site in sites}
    with making(out, EXPORT, force, merged=_MERGED) as made:
        infos = write_folder(pages, made, scheme, splits=found, seed=seed)
        keep_scheme(made, scheme)
        write_atomic(
            made / "README.md", export_card(corpus, pages, scheme, infos=infos, splits=found, old=out / "README.md")
        )
    return {group_of(page.blocks): found[group_of(page.blocks)] for page in pages}
