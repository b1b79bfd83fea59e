"""What one person says of single blocks, written as a review after each block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..corpus.folder import Corpus
from ..errors import UsageError
from ..page import Blocks
from ..scheme import Scheme
from ..standoff import GOLD, Annotation, attach, detach, read_annotations
from .gold import merged
from .sync import keep_annotations

_NAME = re.compile(r"[\w][\w.-]{0,60}")


@dataclass(frozen=True)
class Reviewer:
    """Somebody who reviews blocks of a corpus; each answer is in `corpus`/annotations at once."""

    corpus: Corpus
    name: str
    scheme: Scheme

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == GOLD:
            raise UsageError(f"{self.name!r} cannot be the name of an annotator; use letters, digits, dots and dashes")

    @property
    def path(self) -> Path:
        """The file with the annotator's annotations."""
        return self.corpus.folder / "annotations" / f"{self.name}.jsonl"

    def answered(self, blocks: Blocks) -> list[str | None]:
        """What was said of each block of a page in reviews."""
        before = self._review(blocks.page.id)
        return [None] * len(blocks) if before is None else attach(blocks, before)

    def answer(self, blocks: Blocks, block: int, label: str) -> None:
        """Write the label of one block; what was said of others in reviews stays."""
        labels: Sequence[str | None] = [label if i == block else None for i in range(len(blocks))]
        made = detach(blocks, labels, self.name, scheme=self.scheme.id)
        made.review = True
        before = self._review(blocks.page.id)
        keep_annotations(self.path, [made if before is None else merged(before, made)])

    def _review(self, page: str) -> Annotation | None:
        found = read_annotations(self.path) if self.path.exists() else []
        return next((one for one in found if one.page == page and one.review), None)
