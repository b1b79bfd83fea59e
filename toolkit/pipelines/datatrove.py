"""datatrove: a reader of pages, a step that labels blocks and keeps the wanted ones, and a pipeline made of both.

>>> from datatrove.pipeline.writers import JsonlWriter
>>> pipeline = [ReadPages("crawl/"), LabelBlocks(), JsonlWriter("clean/")]

The steps run in all executors of datatrove: only settings are pickled, and each worker opens the model itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..classify.layout import BETWEEN, LaidOut, TextFormat, known_format, lay_out
from ..classify.least import MinProbability, least_of
from ..classify.result import Classified, hidden, text_blocks
from ..classify.run import as_blocks, known_labels
from ..crawl.shards import spans
from ..errors import BadPage, MissingExtra, PageblocksError, SourceError, UsageError
from ..page import Blocks
from ..readers import read_stream
from ..readers.given import page_given
from ..segment.decode import decode
from ..support.limits import TooLong, limited

try:
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.readers.base import BaseDiskReader
except ModuleNotFoundError as _missing:
    raise MissingExtra(str(_missing.name), "datatrove") from None

if TYPE_CHECKING:
    from datatrove.data import Document
    from datatrove.executor import LocalPipelineExecutor

    from ..model import BlockClassifier


class ReadPages(BaseDiskReader):  # type: ignore[misc]
    """Read archives, tables, MHTML and pages as `pageblocks.read_pages` does.

    A document has the page's id and text (HTML or plain text, decoded), and in `metadata` its `url`, `content_type` and
    `file_path`, of an archive `date` and `status`, and the further columns of a table. A page that cannot be read is
    logged and counted (`bad_pages`), and so is a truncated or damaged file (`broken_sources`).

    Parameters
    ----------
    data_folder : str, tuple or DataFolder
        The folder of the files, as datatrove's readers take it: local or remote.
    paths_file : str or tuple, optional
        A file with one path per line, relative to `data_folder`; by default all files are read.
    limit : int, default=-1
        Most documents of one task; -1 for all.
    skip : int, default=0
        Documents that are skipped at the start of each task.
    file_progress : bool, default=False
        Whether to show a progress bar for files.
    doc_progress : bool, default=False
        Whether to show a progress bar for documents.
    adapter : callable, optional
        Not used; pages become documents without it.
    text_key : str, default="text"
        Not used.
    id_key : str, default="id"
        Not used.
    default_metadata : dict, optional
        Metadata that each document gets.
    recursive : bool, default=True
        Whether to read the folders in `data_folder` too.
    glob_pattern : str, optional
        Pattern of the files to read, relative to `data_folder`; by default all are read.
    shuffle_files : bool, default=False
        Whether to read the files in random order.
    add_file_path : bool, default=True
        Not used; `metadata["file_path"]` is always set.
    """

    name = "🧱 pages"

    def read_file(self, filepath: str) -> Iterator[Document]:
        """Read the documents of one file.

        Parameters
        ----------
        filepath : str
            The path in `data_folder`.

        Yields
        ------
        Document
            The pages. Those that cannot be read are logged and counted.
        """
        from datatrove.data import Document  # extra

        with self.data_folder.open(filepath, "rb") as stream:
            pages = read_stream(stream, filepath, self._failed)
            while True:
                with self.track_time():
                    page = next(pages, None)
                    if page is None:
                        return
                    try:
                        text = decode(page.content, page.encoding, page.source, markup=page.format == "html")
                    except BadPage as error:
                        self._failed(error)
                        continue
                said = page.type or ("text/html" if page.format == "html" else "text/plain")
                path = self.data_folder.resolve_paths(filepath)
                facts = {name: fact for name in ("date", "status") if (fact := getattr(page, name))}
                about = page.extra | facts | {"url": page.url, "content_type": said, "file_path": path}
                yield Document(text, page.id, metadata=(self.default_metadata or {}) | about)

    def _failed(self, error: PageblocksError) -> None:
        from datatrove.utils.logging import logger  # extra

        logger.error(str(error))
        self.stat_update("broken_sources" if isinstance(error, SourceError) else "bad_pages")


class LabelBlocks(PipelineStep):  # type: ignore[misc]
    """Label the blocks of each document and replace its text by the wanted blocks.

    The new text is what `BlockClassifier.extract` returns for the page. Documents with nothing to keep are dropped, and
    so are pages that cannot be used or take too long.

    A document has its page (HTML or plain text) in `text`, or in `metadata["html"]`, which is removed. Its address is
    `metadata["url"]`; its Content-Type, which shows what is XHTML, is `metadata["content_type"]`. `ReadPages` sets all
    of these. The step adds `metadata["blocks"]`: start and end (characters of the new text), tag, hidden and label of
    each block that is kept; and `metadata["note"]` if the page was not read in the usual way (see
    `pageblocks.page.Note`).

    Statistics: `total`, `forwarded`, `dropped`, `dropped_nothing_kept`, `dropped_no_page`, `dropped_too_long`, for each
    reason of a note `noted_REASON`, and for each label `blocks_LABEL` and `characters_LABEL`.

    Parameters
    ----------
    keep : collection of str, optional
        Labels of the blocks that are kept; by default the main content is.
    model : str or Path, default="default"
        The default model, or the folder of another.
    attributes : bool, default=False
        Whether to add the probabilities of all blocks, so that another threshold needs no second pass:
        `metadata["attributes"]` in the form of Dolma's taggers (for each label the spans `[start, end, probability]`
        in `metadata["all_text"]`), and `metadata["all_blocks"]`, which is like `blocks` for all blocks.
    batch_size : int, default=32
        Documents that are labelled at once.
    time_limit : float, default=10.0
        Most seconds of processor time for one page.
    format : {"text", "markdown"}, default="text"
        Whether the new text is plain or Markdown.
    visible : bool, default=False
        Whether text that is hidden from a reader of the page is left out.
    min_probability : float or mapping of str to float, optional
        Least probability of the labels of `keep`, or of each of them; see `Classified.text`.

    Raises
    ------
    UsageError
        If `keep` is a str, there is no such format, or `min_probability` is no probability of a label of `keep`.
    """

    type = "✂️ - LABELLER"
    name = "🧱 pageblocks"

    def __init__(
        self, keep: Collection[str] | None = None, model: str | Path = "default", attributes: bool = False,
        *, batch_size: int = 32, time_limit: float = 10.0, format: TextFormat = "text", visible: bool = False,
        min_probability: MinProbability | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if isinstance(keep, str):
            raise UsageError(f"keep is a set of labels: {{{keep!r}}}, not {keep!r}")
        self.keep = None if keep is None else sorted(keep)
        self.model = str(model)
        self.format, self.visible = known_format(format), visible
        self.min_probability = least_of(keep, min_probability) or None
        self.attributes, self.batch_size, self.time_limit = attributes, batch_size, time_limit
        self._classifier: BlockClassifier | None = None

    def __getstate__(self) -> dict[str, Any]:
        # Pipelines travel to their workers as pickles: without the weights.
        return {**super().__getstate__(), "_classifier": None}

    @property
    def classifier(self) -> BlockClassifier:
        """The model, which is opened for the first document.

        Raises
        ------
        UsageError
            If the model does not have a label of `keep`.
        """
        if self._classifier is None:
            from ..model import load  # start-up

            classifier = load(self.model)
            known_labels(self.keep or (), classifier)
            self._classifier = classifier
        return self._classifier

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Label the documents, batch by batch.

        Parameters
        ----------
        data : iterable of Document or None
            The documents.
        rank : int, default=0
            Number of the task; not used.
        world_size : int, default=1
            Number of tasks; not used.

        Yields
        ------
        Document
            Those with something to keep, with their new text and metadata.
        """
        documents = iter(data or ())
        while batch := list(islice(documents, self.batch_size)):
            with self.track_time("batch"):
                kept = self._label(batch)
            for document in kept:
                self.stat_update("forwarded")
                self.update_doc_stats(document)
                yield document

    def _label(self, batch: list[Document]) -> list[Document]:
        self.stat_update("total", value=len(batch))
        found = [(document, blocks) for document in batch if (blocks := self._blocks(document)) is not None]
        kept = []
        pages = self.classifier.classify_many([blocks for _, blocks in found], batch=self.batch_size)
        for (document, _), page in zip(found, pages, strict=True):
            if page.blocks.note:
                document.metadata["note"] = str(page.blocks.note)
                self.stat_update(f"noted_{page.blocks.note.reason}")
            for label, text in zip(page.labels, page.blocks.text, strict=True):
                self.stat_update(f"blocks_{label}", unit="doc")
                self.stat_update(f"characters_{label}", value=len(text), unit="block")
            if chosen := text_blocks(page, self.keep, visible=self.visible, min_probability=self.min_probability):
                self._rewrite(document, page, chosen)
                kept.append(document)
            else:
                self._drop("nothing_kept")
        return kept

    def _blocks(self, document: Document) -> Blocks | None:
        html = document.metadata.pop("html", None)
        given = document.text if html is None else html
        content = given if isinstance(given, bytes) else str(given or "")
        url, said = (str(document.metadata.get(name) or "") for name in ("url", "content_type"))
        try:
            with limited(self.time_limit):
                page = page_given(
                    document.id,
                    document.id,
                    content,
                    url=url,
                    content_type=said,
                    format="html" if html is not None else None,
                )
                blocks = as_blocks(page)
        except BadPage:
            self._drop("no_page")
            return None
        except TooLong:
            self._drop("too_long")
            return None
        blocks.page = replace(page, content=b"")
        return blocks

    def _drop(self, why: str) -> None:
        self.stat_update("dropped", f"dropped_{why}")

    def _rewrite(self, document: Document, page: Classified, chosen: list[int]) -> None:
        laid = lay_out(page.blocks, chosen, self.format)
        document.text = laid.text
        document.metadata["blocks"] = _facts(page, chosen, laid)
        if page.blocks.title:
            document.metadata.setdefault("title", page.blocks.title)
        if self.attributes:
            starts, ends = spans(page.blocks.text)
            whole = LaidOut(BETWEEN.join(page.blocks.text), starts, ends)
            document.metadata["all_text"] = whole.text
            document.metadata["all_blocks"] = _facts(page, range(len(page.blocks)), whole)
            document.metadata["attributes"] = {
                f"pageblocks__{name}": [
                    [s, e, round(float(p), 4)] for s, e, p in zip(starts, ends, column, strict=True)
                ]
                for name, column in zip(page.classes, page.probabilities.T, strict=True)
            }


def _facts(page: Classified, chosen: Sequence[int], laid: LaidOut) -> list[dict[str, Any]]:
    """The metadata of these blocks, which make up this text."""
    unseen = hidden(page.blocks)
    return [
        {"start": start, "end": end, "tag": page.blocks.tag[i], "hidden": unseen[i], "label": page.labels[i]}
        for i, start, end in zip(chosen, laid.starts, laid.ends, strict=True)
    ]


def clean_warc(
    crawl: str, out: str, logs: str, *, keep: Collection[str] | None = None, model: str | Path = "default",
    tasks: int = 1, workers: int = -1, glob: str | None = "*.warc.gz", attributes: bool = False,
    format: TextFormat = "text", visible: bool = False, min_probability: MinProbability | None = None,
) -> LocalPipelineExecutor:  # fmt: skip
    """Build a pipeline for this machine that writes the text of WARC archives as JSON lines.

    A run that was killed continues with the tasks that did not finish; the same `tasks` must be given. For a cluster,
    pass `.pipeline` to datatrove's SlurmPipelineExecutor or RayPipelineExecutor.

    Parameters
    ----------
    crawl : str
        The folder of the archives.
    out : str
        The folder of the output, one file per task.
    logs : str
        The folder of datatrove's logs; `completions` in it has a file for each finished task.
    keep : collection of str, optional
        Labels of the blocks that are kept; by default the main content is.
    model : str or Path, default="default"
        The default model, or the folder of another.
    tasks : int, default=1
        Number of tasks, among which the archives are divided.
    workers : int, default=-1
        Number of tasks that run at once; -1 for all.
    glob : str or None, default="*.warc.gz"
        Pattern of the archives' names; None for all files.
    attributes : bool, default=False
        Whether to add the probabilities of all blocks; see `LabelBlocks`.
    format : {"text", "markdown"}, default="text"
        Whether the text is plain or Markdown.
    visible : bool, default=False
        Whether text that is hidden from a reader of the page is left out.
    min_probability : float or mapping of str to float, optional
        Least probability of the labels of `keep`, or of each of them; see `Classified.text`.

    Returns
    -------
    LocalPipelineExecutor
        The pipeline, which `.run()` starts.
    """
    from datatrove.executor import LocalPipelineExecutor  # extra
    from datatrove.pipeline.writers import JsonlWriter  # extra

    steps = [
        ReadPages(crawl, glob_pattern=glob),
        LabelBlocks(keep, model, attributes, format=format, visible=visible, min_probability=min_probability),
        JsonlWriter(out, output_filename="${rank}.jsonl.gz"),
    ]
    return LocalPipelineExecutor(steps, tasks=tasks, workers=workers, logging_dir=logs)
