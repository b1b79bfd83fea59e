"""How the public corpora lie on disk: one function per layout, folder -> records."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ...errors import BadInput
from .entry import Entry


@dataclass(frozen=True)
class PublicPage:
    """A page of a public corpus. `facts` go to the list of pages (`type`, `country`), `truth` is what the corpus says
    of it.

    `truth` may hold `content` (the main text), `title`, `captions`, `with` and `without` (texts that an extraction must
    and must not have).
    """

    id: str
    url: str
    path: Path
    facts: dict[str, Any] = field(default_factory=dict)
    truth: dict[str, Any] = field(default_factory=dict)


def mirror(folder: Path) -> Iterator[PublicPage]:
    """A mirror's folder: `pages.jsonl.gz` and `html/ID.html.gz`."""
    try:
        with gzip.open(folder / "pages.jsonl.gz", "rt", encoding="utf-8") as f:
            rows = [json.loads(line) for line in f]
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        raise BadInput(f"{folder / 'pages.jsonl.gz'}: cannot be read ({error})") from error
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or "id" not in row:
            raise BadInput(f"{folder / 'pages.jsonl.gz'}:{number}: no JSON object with an id; fetch the mirror again")
        content = row.get("main_content") or "\n".join(row.get("article") or [])
        truth = {"title": row.get("title"), "content": content, "captions": row.get("captions")}
        truth |= {"with": row.get("with_") or row.get("with"), "without": row.get("without")}
        facts = {"type": row.get("page_type"), "country": row.get("country")}
        id = str(row["id"])
        yield PublicPage(id, str(row.get("url") or ""), folder / "html" / f"{id}.html.gz", _known(facts), _known(truth))


def wcxb(folder: Path) -> Iterator[PublicPage]:
    """A split of WCXB: `ground-truth/ID.json` and `html/ID.html.gz`."""
    for path in sorted((folder / "ground-truth").glob("*.json")):
        row = _json(path)
        said = row.get("ground_truth") or {}
        truth = {"content": said.get("main_content"), **{key: said.get(key) for key in ("title", "with", "without")}}
        facts = {"type": ((row.get("_internal") or {}).get("page_type") or {}).get("primary")}
        file = folder / "html" / f"{path.stem}.html.gz"
        yield PublicPage(path.stem, str(row.get("url") or ""), file, _known(facts), _known(truth))


def fundus(folder: Path) -> Iterator[PublicPage]:
    """The test data of fundus' parsers, a folder a country: `NAME.json`, `NAME_YEAR_MONTH_DAY.html.gz`, and
    `meta.info`.

    A publisher's JSON holds what its parser reads from a page, for each version of the parser. Only the first version
    and the oldest page surely belong together; of the others only the page is taken.
    """
    for country in sorted(path for path in folder.iterdir() if path.is_dir()):
        meta = _json(country / "meta.info")
        for answers in sorted(country.glob("*.json")):
            pages = sorted(country.glob(f"{answers.stem}_*.html.gz"), key=lambda path: path.name)
            pages = [
                page for page in pages if re.fullmatch(r"_\d{4}_\d\d_\d\d\.html\.gz", page.name[len(answers.stem) :])
            ]
            first = next(iter(_json(answers).values()), None)
            for number, page in enumerate(pages):
                url = str((meta.get(page.name) or {}).get("url") or "")
                truth = _fundus_truth(first) if number == 0 and isinstance(first, dict) else {}
                id = f"{country.name}-{page.name.removesuffix('.html.gz')}"
                yield PublicPage(id, url, page, {"type": "article", "country": country.name}, _known(truth))


def _fundus_truth(parsed: dict[str, Any]) -> dict[str, Any]:
    body = parsed.get("body") or {}
    parts = list(body.get("summary") or [])
    for section in body.get("sections") or []:
        parts += [*(section.get("headline") or []), *(section.get("paragraphs") or [])]
    captions = [image["caption"] for image in parsed.get("images") or [] if image.get("caption")]
    return {"title": parsed.get("title"), "content": "\n".join(parts), "captions": captions}


def scrapinghub(folder: Path) -> Iterator[PublicPage]:
    """The article-extraction benchmark: `ground-truth.json` (id -> articleBody, url) and `html/ID.html.gz`."""
    for id, row in sorted(_json(folder / "ground-truth.json").items()):
        truth = {"content": row.get("articleBody")}
        yield PublicPage(
            id, str(row.get("url") or ""), folder / "html" / f"{id}.html.gz", {"type": "article"}, _known(truth)
        )


def files(folder: Path, entry: Entry) -> Iterator[PublicPage]:
    """Files anywhere below the folder, each of them a page: those that match the recipe's `pattern`.

    An id is the recipe's `prefix` and a hash of the file's path in the repository. `addresses` is a JSON object: path
    of a file below the folder -> an object with its `url`.
    """
    known = _json(folder / entry.addresses) if entry.addresses else {}
    names = {path.relative_to(folder).as_posix(): path for path in folder.glob(entry.pattern) if path.is_file()}
    for name, path in sorted(names.items()):
        said = known.get(name)
        url = str(said.get("url") or "") if isinstance(said, dict) else ""
        yield PublicPage(f"{entry.prefix}-{_path_hash(PurePosixPath(entry.folder) / name)}", url, path)


def _path_hash(path: PurePosixPath) -> str:
    return hashlib.sha1(str(path).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()[:10]


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{path}: cannot be read as JSON ({error}); is this the corpus that the recipe means?"
        ) from error
    if not isinstance(found, dict):
        raise BadInput(f"{path}: holds no JSON object; is this the corpus that the recipe means?")
    return found


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


_READERS = {"wcxb": wcxb, "fundus": fundus, "scrapinghub": scrapinghub}


def unpacked(folder: Path, entry: Entry) -> Iterator[PublicPage]:
    """The folder of an archive, unpacked, in the layout that the recipe names."""
    return files(folder, entry) if entry.reader == "files" else _READERS[entry.reader](folder)
