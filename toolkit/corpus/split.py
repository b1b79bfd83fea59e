"""A split of a corpus by site: site -> train, validation or test. Made once; new sites find their part by hash, old
ones stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import BadInput, SeenTestPages, TooFewLabels, UsageError, first_problem
from ..page import Blocks, group_of
from ..support.files import write_json
from ..support.text import counted
from .alike import Pair, find_alike

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
NAME = "split.json"
_SHOWN = 5


class Split(BaseModel):
    """`sites`: the part of each site that was known when the split was made. The rest find theirs by hash with
    `seed`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    validation: float = 0.1
    test: float = 0.2
    seed: int = 0
    sites: dict[str, Part] = {}

    def part(self, site: str) -> Part:
        """The part of a site, also of one that came later: the same on every machine, whatever other sites there
        are.
        """
        return self.sites.get(site) or self.by_hash(site)

    def by_hash(self, site: str) -> Part:
        """The part that the hash of the site and the seed gives."""
        raw = hashlib.blake2b(f"{self.seed}:{site}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        place = int.from_bytes(raw, "big") / 2**64
        if place < self.test:
            return "test"
        return "validation" if place < self.test + self.validation else "train"

    def parts(self, pages: Sequence[Blocks]) -> list[Part]:
        """The part of each page, by its site."""
        return [self.part(group_of(page)) for page in pages]

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that identify the split."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def split_path(folder: Path | str) -> Path:
    """Where a corpus keeps its split."""
    return Path(folder) / NAME


def read_split(path: Path | str) -> Split:
    """Raises BadInput for a file that is missing or is no split."""
    try:
        return Split.model_validate(json.loads(Path(path).read_text("utf-8")))
    except FileNotFoundError:
        raise BadInput(f"{path}: no split; make one with `pageblocks split`") from None
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path}: {'.'.join(map(str, first['loc']))}: {first_problem(first)}") from error
    except ValueError as error:
        raise BadInput(f"{path}: not JSON ({error})") from error


def split(
    pages: Sequence[Blocks], path: Path | str | None = None, *, validation: float = 0.1, test: float = 0.2,
    seed: int = 0, force: bool = False, notice: Callable[[str], object] = lambda _: None, dry_run: bool = False,
    more: Iterable[str] = (),
) -> Split:  # fmt: skip
    """Split pages by site and write it to `path`. An existing split is kept, and new sites are added
    to it.

    Sites with pages that are nearly the same, or share a template, get the same part: the one that some of them have
    already, else the one that the hash gives to the first of them by name. `notice` is called with each. `force` makes
    it anew, `dry_run` writes nothing, `more` are sites of pages without text. Raises UsageError for shares that
    are none or leave nothing to train on, SeenTestPages where similar sites are in different parts of an older split.
    """
    old = Split(validation=validation, test=test, seed=seed)
    for name, share in (("validation", validation), ("test", test)):
        if not 0 <= share <= 1:
            raise UsageError(f"{name} {share} is not a share of the sites; give a number between 0 and 1")
    if validation + test >= 1:
        raise UsageError(f"validation {validation} and test {test} leave nothing to train on; make one of them smaller")
    if path is not None and Path(path).exists() and not force:
        old = read_split(path)
    names = [group_of(page) for page in pages]
    pairs = find_alike(pages, names)
    for pair in pairs[:_SHOWN]:
        notice(f"{_describe(pair, pages)}: kept in one part")
    sites: dict[str, Part] = dict(old.sites)
    for cluster in _clusters(sorted({*names, *more}), [(names[pair.a], names[pair.b]) for pair in pairs]):
        known = {old.sites[name] for name in cluster if name in old.sites}
        if len(known) > 1:
            raise SeenTestPages(
                f"{', '.join(cluster[:4])} have pages that are alike, but lie in {' and '.join(sorted(known))} of "
                f"{path}; "
                "remove one of them from the corpus, or create the split again with --force",
                names=cluster,
            )
        part = known.pop() if known else old.by_hash(cluster[0])
        sites.update({name: sites.get(name, part) for name in cluster})
    made = old.model_copy(update={"sites": dict(sorted(sites.items()))})
    if path is not None and not dry_run:
        write_json(path, made.model_dump())
    return made


def without_test(pages: Sequence[Blocks], targets: Sequence[Any], chosen: Split) -> tuple[list[Blocks], list[Any]]:
    """The pages that may be looked at, with what is known of them.

    Raises SeenTestPages where one of them, or its template, is seen among the test pages, too.
    """
    check_split(pages, chosen)
    kept = [i for i, part in enumerate(chosen.parts(pages)) if part != "test"]
    return [pages[i] for i in kept], [targets[i] for i in kept]


def only_test(pages: Sequence[Blocks], targets: Sequence[Any], chosen: Split) -> tuple[list[Blocks], list[Any]]:
    """The pages of the test part; call `open_test` first."""
    kept = [i for i, part in enumerate(chosen.parts(pages)) if part == "test"]
    if not kept:
        raise TooFewLabels("no page with gold lies in the test part of the split; label more sites")
    return [pages[i] for i in kept], [targets[i] for i in kept]


def check_split(pages: Sequence[Blocks], chosen: Split) -> None:
    """Raise SeenTestPages where a page or a template is seen in two parts."""
    parts = chosen.parts(pages)
    pairs = find_alike(pages, parts)
    if pairs:
        shown = "; ".join(f"{_describe(p, pages)} ({parts[p.a]} and {parts[p.b]})" for p in pairs[:_SHOWN])
        raise SeenTestPages(
            f"{counted(len(pairs), 'pair')} of pages {'is' if len(pairs) == 1 else 'are'} alike across the split: "
            f"{shown}; "
            "remove these pages, or create the split again with `pageblocks split --force`",
            names=sorted({pages[i].page.id for pair in pairs for i in (pair.a, pair.b)}),
        )


def _describe(pair: Pair, pages: Sequence[Blocks]) -> str:
    a, b = (f"{pages[i].page.id} ({pages[i].page.site or 'no site'})" for i in (pair.a, pair.b))
    return f"{a} and {b} share {pair.share:.0%} of their {pair.why}"


def _clusters(names: Sequence[str], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Names that hang together, each group in order of the alphabet."""
    root = {name: name for name in names}

    def find(name: str) -> str:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for a, b in links:
        x, y = sorted((find(a), find(b)))
        root[y] = x
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(find(name), []).append(name)
    return list(groups.values())
