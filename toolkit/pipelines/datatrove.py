"""datatrove: a reader of pages, a step that labels blocks and keeps the wanted ones, and both as a pipeline to clean
JSON lines.

>>> from datatrove.pipeline.writers import JsonlWriter
>>> pipeline = [ReadPages("crawl/"), LabelBlocks(), JsonlWriter("clean/")]

It runs in all of datatrove's executors: nothing but settings is pickled, each worker opens the model for itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..classify.result import BETWEEN, Classified, hidden, text_blocks
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
    """Reads archives, tables, MHTML and pages as `pageblocks.read_pages` does; takes what datatrove's other readers of
    files take.

    A document has the page's id and text (HTML or plain text, decoded), and in `metadata` its `url`, `content_type` and
    `file_path`. A page that cannot be read is logged and counted (`bad_pages`), and so is the rest of a file that
    breaks off (`broken_sources`).
    """

    name = "🧱 pages"

    def read_file(self, filepath: str) -> Iterator[Document]:
        """Documents of one file; pages that cannot be read are counted and logged."""
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
                about = {"url": page.url, "content_type": said, "file_path": self.data_folder.resolve_paths(filepath)}
                yield Document(text, page.id, metadata=(self.default_metadata or {}) | about)

    def _failed(self, error: PageblocksError) -> None:
        from datatrove.utils.logging import logger  # extra

        logger.error(str(error))
        self.stat_update("broken_sources" if isinstance(error, SourceError) else "bad_pages")


class LabelBlocks(PipelineStep):  # type: ignore[misc]
    """Labels the blocks of each document; its text becomes the main content, or that of the blocks with a label in
    `keep`.

    It is the text that `pageblocks.load().extract(html)` or `extract(html, keep=...)` gives for the page. A document
    comes with its page (HTML or plain text) in `text`, or in `metadata["html"]`, which is removed; its address in
    `metadata["url"]`, its Content-Type, which identifies XHTML, in `metadata["content_type"]`; `ReadPages` gives all
    of these. It goes on with `metadata["blocks"]`: start and end (characters of its new text), tag, hidden and label of
    each block that was kept. `attributes` adds `metadata["attributes"]` as Dolma's taggers write it, for each label the
    spans `[start, end, probability]` of all blocks in `metadata["all_text"]`, and `metadata["all_blocks"]`, the same as
    `blocks` for all of them: another threshold then needs no second pass. Documents with nothing to keep are dropped,
    and so are pages that cannot be used or take longer than `time_limit` seconds of processor time.

    `metadata["note"]` says what is to be known of how a page was read, where there is anything (see
    `pageblocks.page.Note`).

    Statistics: total, forwarded, dropped, `dropped_nothing_kept`, `dropped_no_page`, `dropped_too_long`, for each
    reason of a note `noted_REASON`, and for each label `blocks_LABEL` and `characters_LABEL`.
    """

    type = "✂️ - LABELLER"
    name = "🧱 pageblocks"

    def __init__(
        self, keep: Collection[str] | None = None, model: str | Path = "default", attributes: bool = False,
        *, batch_size: int = 32, time_limit: float = 10.0,
    ) -> None:  # fmt: skip
        super().__init__()
        if isinstance(keep, str):
            raise UsageError(f"keep is a set of labels: {{{keep!r}}}, not {keep!r}")
        self.keep = None if keep is None else sorted(keep)
        self.model = str(model)
        self.attributes, self.batch_size, self.time_limit = attributes, batch_size, time_limit
        self._classifier: BlockClassifier | None = None

    def __getstate__(self) -> dict[str, Any]:
        # Pipelines travel to their workers as pickles: without the weights.
        return {**super().__getstate__(), "_classifier": None}

    @property
    def classifier(self) -> BlockClassifier:
        """The model, opened when the first document needs it. Raises UsageError where it has no label of
        `keep`.
        """
        if self._classifier is None:
            from ..model import load  # start-up

            classifier = load(self.model)
            known_labels(self.keep or (), classifier)
            self._classifier = classifier
        return self._classifier

    def run(self, data: Iterable[Document] | None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Label the documents, batch by batch."""
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
            if chosen := text_blocks(page, self.keep):
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
        texts = [page.blocks.text[i] for i in chosen]
        document.text = BETWEEN.join(texts)
        document.metadata["blocks"] = _facts(page, chosen, texts)
        if page.blocks.title:
            document.metadata.setdefault("title", page.blocks.title)
        if self.attributes:
            starts, ends = spans(page.blocks.text)
            document.metadata["all_text"] = BETWEEN.join(page.blocks.text)
            document.metadata["all_blocks"] = _facts(page, range(len(page.blocks)), page.blocks.text)
            document.metadata["attributes"] = {
                f"pageblocks__{name}": [
                    [s, e, round(float(p), 4)] for s, e, p in zip(starts, ends, column, strict=True)
                ]
                for name, column in zip(page.classes, page.probabilities.T, strict=True)
            }


def _facts(page: Classified, chosen: Sequence[int], texts: Sequence[str]) -> list[dict[str, Any]]:
    """The metadata of these blocks, whose `texts` are the document's."""
    unseen = hidden(page.blocks)
    return [
        {"start": start, "end": end, "tag": page.blocks.tag[i], "hidden": unseen[i], "label": page.labels[i]}
        for i, start, end in zip(chosen, *spans(texts), strict=True)
    ]


def clean_warc(
    crawl: str, out: str, logs: str, *, keep: Collection[str] | None = None, model: str | Path = "default",
    tasks: int = 1, workers: int = -1, glob: str | None = "*.warc.gz", attributes: bool = False,
) -> LocalPipelineExecutor:  # fmt: skip
    """A pipeline on this machine: the WARC archives below `crawl` -> their text in `out`, one JSON-lines file a task.

    Run it with `.run()`. Each task reads its share of the archives; a task that ended leaves a file in
    `logs`/completions, and a run that was killed goes on with the tasks that did not (give the same `tasks`). For a
    cluster give `.pipeline` to datatrove's SlurmPipelineExecutor or RayPipelineExecutor.
    """
    from datatrove.executor import LocalPipelineExecutor  # extra
    from datatrove.pipeline.writers import JsonlWriter  # extra

    steps = [
        ReadPages(crawl, glob_pattern=glob),
        LabelBlocks(keep, model, attributes),
        JsonlWriter(out, output_filename="${rank}.jsonl.gz"),
    ]
    return LocalPipelineExecutor(steps, tasks=tasks, workers=workers, logging_dir=logs)
