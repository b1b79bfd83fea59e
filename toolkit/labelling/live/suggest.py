"""Tasks -> suggestions by the model of the moment. A page of the corpus is read as it came, any other by its text."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from ...corpus.folder import Corpus
from ...errors import BadInput, Mismatch, PageblocksError
from ...page import Blocks, Page
from ...segment import segment
from ...segment.text import split_lines
from ...studio import tasks
from ...studio.withheld import Withheld
from ...support.text import counted

if TYPE_CHECKING:
    from ...model import BlockClassifier

Log = Callable[[str | PageblocksError], object]  # an error: something failed
Prediction = dict[str, Any]


class TaskData(BaseModel):
    """What we need of a task's `data`; see `tasks.task`, which writes it."""

    external_id: str
    html: str
    blocks: list[tuple[int, int, str]]
    sha256: str = ""
    url: str = ""


@dataclass
class Suggester:
    """Suggestions for tasks. `use` exchanges the model at any time; a call that is under way ends with the one it began
    with.
    """

    corpus: Corpus
    model: BlockClassifier
    log: Log = print

    def __post_init__(self) -> None:
        self._read_at = _written(self.corpus.folder)
        self.use(self.model)

    def use(self, model: BlockClassifier) -> None:
        """Suggest with `model` from now on."""
        # The version is a hash of all weights: once for each model, as Label Studio asks for it all the time.
        self._now = model, model.version
        self.model = model

    @property
    def version(self) -> str:
        """The version of the model in use."""
        return self._now[1]

    def predict(self, items: list[Any], names: Collection[str]) -> tuple[list[list[Prediction]], str]:
        """For each task its predictions (one, or none where nothing can be said of it), and the model's version.

        `names` are the labels that the project has. A block that the model gives another label has no suggestion.
        """
        model, version = self._now
        return [self._one(item, model, version, names=names) for item in items], version

    def _one(self, item: Any, model: BlockClassifier, version: str, *, names: Collection[str]) -> list[Prediction]:
        if not any(str(name) in names for name in model.classes_):
            return []
        try:
            data = TaskData.model_validate(item.get("data") if isinstance(item, dict) else None)
            texts = tasks.texts_of({"html": data.html})
            blocks = self._blocks(data, texts)
            (probabilities,) = model.predict_proba([blocks])
        except ValidationError:
            self.log("no suggestions for a task without blocks, because pageblocks did not push it")
            return []
        except BadInput as error:
            self.log(f"no suggestions for a page: {error}")
            return []
        likeliest, scores = tasks.suggestions(probabilities.tolist(), [str(name) for name in model.classes_])
        scores = [round(min(score, 1.0), 4) for score in scores]
        plan = Withheld.of(item) or Withheld()
        shown, hidden = plan.apply(data.external_id, likeliest, scores, names=names)
        known = [label if label in names else None for label in shown]
        hidden = {i: one for i, one in hidden.items() if one.label in names}
        result = tasks.regions(texts, known, scores, blank=True, hidden=hidden)
        return [{"model_version": version, "score": round(sum(scores) / len(scores), 4), "result": result}]

    def _blocks(self, data: TaskData, texts: list[str]) -> Blocks:
        """The page's blocks where the corpus has the very page that was pushed; its texts as a text page elsewhere."""
        if not texts or len(texts) != len(data.blocks):
            raise Mismatch(
                f"task {data.external_id!r:.60}: {counted(len(texts), 'paragraph')} but "
                f"{counted(len(data.blocks), 'run')}"
            )
        page = self._page(data.external_id)
        if page is not None and page.sha256 == data.sha256:
            blocks = segment(page)
            if list(zip(blocks.start, blocks.end, blocks.hashes, strict=True)) == data.blocks:
                return blocks
        lines = [" ".join(text.split()) for text in texts]
        blocks = split_lines(Page("task", "task", b"", "text", data.url), lines, wrapped=False)
        if len(blocks) != len(texts):
            raise Mismatch(f"task {data.external_id!r:.60}: its texts are not lines")
        return blocks

    def _page(self, id: str) -> Page | None:
        if id not in self.corpus.rows and (written := _written(self.corpus.folder)) != self._read_at:
            self.corpus, self._read_at = Corpus.open(self.corpus.folder), written  # pages were imported since
        try:
            return self.corpus.page(id) if id in self.corpus.rows else None
        except BadInput as error:
            self.log(f"{error}; labelling its text without markup")
            return None


def _written(folder: Path) -> int:
    try:
        return (folder / "pages.jsonl").stat().st_mtime_ns
    except OSError:
        return 0
