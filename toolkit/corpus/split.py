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
    """An assignment of sites to train, validation and test; read-only.

    Sites that are not in `sites` are assigned by a hash of their name and `seed`.

    Parameters
    ----------
    validation : float, default=0.1
        Share of the sites for validation, from 0 to 1.
    test : float, default=0.2
        Share of the sites for testing, from 0 to 1.
    seed : int, default=0
        Seed of the hash.
    sites : dict of str to {"train", "validation", "test"}, default={}
        The part of each site that was known when the split was made.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    validation: float = 0.1
    test: float = 0.2
    seed: int = 0
    sites: dict[str, Part] = {}

    def part(self, site: str) -> Part:
        """Find the part of a site.

        Parameters
        ----------
        site : str
            The site, as `group_of` names it.

        Returns
        -------
        {"train", "validation", "test"}
            The part that the split lists, else the one by hash, which does not depend on the machine or on other sites.
        """
        return self.sites.get(site) or self.by_hash(site)

    def by_hash(self, site: str) -> Part:
        """Find the part that the hash of the seed and a site gives.

        Parameters
        ----------
        site : str
            The site.

        Returns
        -------
        {"train", "validation", "test"}
            The part, whatever `sites` says.
        """
        raw = hashlib.blake2b(f"{self.seed}:{site}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        place = int.from_bytes(raw, "big") / 2**64
        if place < self.test:
            return "test"
        return "validation" if place < self.test + self.validation else "train"

    def parts(self, pages: Sequence[Blocks]) -> list[Part]:
        """Find the part of each page by its site.

        Parameters
        ----------
        pages : sequence of Blocks
            The pages.

        Returns
        -------
        list of {"train", "validation", "test"}
            One part per page.
        """
        return [self.part(group_of(page)) for page in pages]

    @property
    def hash(self) -> str:
        """Sixteen hexadecimal digits that identify the split."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def split_path(folder: Path | str) -> Path:
    """Where a corpus keeps its split."""
    return Path(folder) / NAME


def read_split(path: Path | str) -> Split:
    """Read the file of a split.

    Parameters
    ----------
    path : Path or str
        The file, usually `split.json` in a corpus.

    Returns
    -------
    Split
        The split.

    Raises
    ------
    BadInput
        If the file is missing, cannot be read, or is not a split.
    """
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
    """Split pages by site, or add new sites to an existing split.

    Sites with similar pages or a common template get the same part: the one that some of them have already, else the
    one that the hash gives to the first of them by name.

    Parameters
    ----------
    pages : sequence of Blocks
        The pages.
    path : Path or str, optional
        The file to write. If it exists, its sites keep their parts, and its shares and seed are used.
    validation : float, default=0.1
        Share of the sites for validation, from 0 to 1.
    test : float, default=0.2
        Share of the sites for testing, from 0 to 1.
    seed : int, default=0
        Seed of the hash that assigns sites.
    force : bool, default=False
        Whether to replace an existing split.
    notice : callable, optional
        Called with a sentence (str) for each of the first five pairs of similar pages on different sites.
    dry_run : bool, default=False
        Whether to leave the file as it is.
    more : iterable of str, default=()
        Sites of pages without text, which are assigned as well.

    Returns
    -------
    Split
        The split.

    Raises
    ------
    UsageError
        If a share is not between 0 and 1, or the two leave nothing to train on.
    BadInput
        If the existing file is not a split.
    SeenTestPages
        If similar sites are in different parts of the existing split.
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
    """Leave out the pages of the test part.

    Parameters
    ----------
    pages : sequence of Blocks
        The pages.
    targets : sequence of object
        For each page what is known of it, such as its labels.
    chosen : Split
        The split.

    Returns
    -------
    pages : list of Blocks
        The pages of the other parts.
    targets : list of object
        What is known of them.

    Raises
    ------
    SeenTestPages
        If a page or a template is in two parts of the split.
    """
    check_split(pages, chosen)
    kept = [i for i, part in enumerate(chosen.parts(pages)) if part != "test"]
    return [pages[i] for i in kept], [targets[i] for i in kept]


def only_test(pages: Sequence[Blocks], targets: Sequence[Any], chosen: Split) -> tuple[list[Blocks], list[Any]]:
    """Select the pages of the test part.

    Call `open_test` first, which records that the test part is opened.

    Parameters
    ----------
    pages : sequence of Blocks
        The pages.
    targets : sequence of object
        For each page what is known of it, such as its labels.
    chosen : Split
        The split.

    Returns
    -------
    pages : list of Blocks
        The pages of the test part.
    targets : list of object
        What is known of them.

    Raises
    ------
    TooFewLabels
        If no page is in the test part.
    """
    kept = [i for i, part in enumerate(chosen.parts(pages)) if part == "test"]
    if not kept:
        raise TooFewLabels("no page with gold lies in the test part of the split; label more sites")
    return [pages[i] for i in kept], [targets[i] for i in kept]


def check_split(pages: Sequence[Blocks], chosen: Split) -> None:
    """Check that no page and no template is in two parts of a split.

    Parameters
    ----------
    pages : sequence of Blocks
        The pages.
    chosen : Split
        The split.

    Raises
    ------
    SeenTestPages
        If one is in two parts; its `names` are the ids of these pages.
    """
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
