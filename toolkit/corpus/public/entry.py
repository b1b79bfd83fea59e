"""corpora/NAME.toml: where a public corpus is, at which commit, under which licence, and what it may be used for."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from ...errors import BadInput, Mismatch, UsageError, first_problem
from ...support.files import data_path


class Sums(NamedTuple):
    """SHA-256 of a page's bytes, unpacked, and of its main content as UTF-8 ("" where the corpus names none)."""

    page: str
    content: str


class Entry(BaseModel):
    """One public corpus.

    `archive` is the address of a .tar.gz, `{commit}` in it stands for the commit; `folder` is what of it is read, seen
    from the archive's own top folder. `checksums` names a file beside this one: its pages are the corpus, and each must
    be the one that is listed. `sha256` is of the archive itself, where it is known. `use = "test"`: nothing may be
    trained on it.

    `reader = "files"`: the pages are the files below `folder` that match the glob `pattern`. Their ids begin with
    `prefix`. `addresses` is a JSON file below `folder` that knows their addresses, where there is one; other pages
    have the address that they claim.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = Field(pattern=r"^[\w.-]+$")
    title: str
    license: str
    credit: str
    homepage: str
    commit: str = Field(pattern=r"^[0-9a-f]{7,40}$")
    archive: str = Field(pattern=r"^https?://")
    sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    reader: Literal["wcxb", "fundus", "scrapinghub", "files"]
    folder: str = ""
    pattern: str = Field("", validate_default=True)
    prefix: str = Field("", pattern=r"^[\w-]*$", validate_default=True)
    addresses: str = ""
    checksums: str = ""
    checksums_sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    use: Literal["train", "test"]
    archive_mib: int = Field(512, gt=0)  # more is not this archive
    unpacked_mib: int = Field(2048, gt=0)

    @field_validator("pattern", "prefix", "addresses")
    @classmethod
    def _files_below_the_folder(cls, value: str, info: ValidationInfo) -> str:
        of_files = info.data.get("reader") == "files"
        if value and not of_files:
            raise ValueError('only reader = "files" has it')
        if of_files and not value and info.field_name != "addresses":
            raise ValueError('reader = "files" needs it')
        parts = PurePosixPath(value).parts
        if value and (value.startswith("/") or "\\" in value or not parts or ".." in parts):
            raise ValueError("must be a path below the folder")
        if any("**" in part and part != "**" for part in parts):
            raise ValueError("`**` must be a whole part of the path")
        return value

    @property
    def url(self) -> str:
        """The address of the archive at the pinned commit."""
        return self.archive.replace("{commit}", self.commit)


def names() -> list[str]:
    """The public corpora that come with pageblocks."""
    return sorted(path.stem for path in data_path("corpora/wcxb-dev.toml").parent.glob("*.toml"))


def find_entry(name: str | Path) -> tuple[Entry, Path]:
    """A public corpus by its name, or by the path of a TOML file; and the folder of that file."""
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in names():
            raise UsageError(f"no public corpus {str(name)!r}; there are {', '.join(names())}, or give a .toml file")
        path = data_path(f"corpora/{name}.toml")
    try:
        return Entry.model_validate(tomllib.loads(path.read_text("utf-8"))), path.parent
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: not TOML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"{path}: {'.'.join(map(str, first['loc']))}: {first_problem(first)}") from error


def checksums(entry: Entry, folder: Path) -> dict[str, Sums]:
    """Page id -> what it must be; {} where nothing is pinned. A line is `PAGE CONTENT ID`, `-` for no content."""
    if not entry.checksums:
        return {}
    path = folder / entry.checksums
    try:
        raw = path.read_bytes()
        rows = [line.split(" ") for line in raw.decode("utf-8").splitlines() if not line.startswith("#")]
        sums = {id: Sums(page, "" if content == "-" else content) for page, content, id in rows}
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}, but {entry.name}.toml names it") from error
    except ValueError as error:
        raise BadInput(f"{path}: not a list of checksums; a line is `PAGE CONTENT ID`") from error
    if entry.checksums_sha256 and hashlib.sha256(raw).hexdigest() != entry.checksums_sha256:
        raise Mismatch(f"{path}: not the list that {entry.name}.toml names (its hash differs); restore both files")
    return sums
