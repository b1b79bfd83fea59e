"""The folder of a run: its settings, its shards, the manifest, the errors.

All names but those of shards begin with `_` or `.`, which readers of folders of Parquet leave out (pandas, Arrow,
Spark); `datasets` reads from `.huggingface.yaml` which files are data.

The manifest is the truth. A line is added to it, flushed to the disk, after a shard's files are in their places; files
without a line are left from a killed run, and are removed when the run continues.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import IO, Any

from ..errors import AlreadyExists, BadInput, PageblocksError
from ..readers.base import short_hash
from ..readers.skipped import Skipped
from ..support.dump import to_json
from ..support.files import move_into_place, read_jsonl, write_atomic, write_json, write_jsonl
from .positions import Ranges

FORMAT = 4  # of the folder; raised when an older run could not go on
SETTINGS, MANIFEST, ERRORS, SKIPPED = "_run.json", "_manifest.jsonl", "_errors.jsonl", "_skipped.jsonl"
LOCK, UNFINISHED, LAYOUT = ".lock", ".unfinished", ".huggingface.yaml"
_FILES = (MANIFEST, ERRORS, SKIPPED, LAYOUT, SETTINGS)
_EARLIER = tuple(name.removeprefix("_") for name in (MANIFEST, ERRORS, SKIPPED, SETTINGS))  # up to format 3
_OUTPUTS = ("documents", "attributes", "shards")  # the last: up to format 3
_SHARD = re.compile(
    r"(?:shards/)?part-\d+\.parquet|documents/part-\d+\.jsonl\.gz|attributes/pageblocks/part-\d+\.jsonl\.gz"
)
_TEMPORARY = re.compile("|".join(rf"\.{re.escape(name)}\.[^/]*" for name in _FILES))  # of write_atomic
_LAYOUTS = {
    "parquet": "configs:\n- config_name: default\n  data_files: '*.parquet'\n",
    "jsonl": "configs:\n- config_name: documents\n  data_files: documents/*.jsonl.gz\n  default: true\n"
    "- config_name: attributes\n  data_files: attributes/*/*.jsonl.gz\n",
}
Span = tuple[str, int, int, bool]  # file, first page, behind the last, whether the file ends there


class RunFolder:
    """Opened by one process at a time.

    `settings` must be those that the run began with, `sizes` (bytes of the sources' files; how pipes begin) what they
    were when they were read. Outputs and manifest call a file by `names` and never by its real path; the manifest has a
    hash of that beside the name, so that a file keeps its name whatever other files come to the run, and is known from
    wherever the run goes on.
    """

    def __init__(
        self, folder: Path, settings: dict[str, Any], sizes: dict[str, int | str], *, force: bool = False,
        shown: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.folder, self.sizes = folder, sizes
        self.names = dict(shown or {})  # real path -> name
        self.unfinished = folder / UNFINISHED
        try:
            folder.mkdir(parents=True, exist_ok=True)
            earlier = _holds_earlier(folder)
            if earlier and not force:
                raise _of_another_version(folder)
            began = earlier or (folder / SETTINGS).exists()
            if (force or not began) and (foreign := _foreign(folder, began)):
                raise AlreadyExists(
                    f"{folder} contains other files ({foreign}); give an empty or a new folder", path=folder
                )
            self._lock = self._locked()
            try:
                if force:
                    self._clear()
                self._check(settings)
                if not (folder / LAYOUT).exists():
                    write_atomic(folder / LAYOUT, _LAYOUTS[settings["output"]].encode())
                self.done: dict[str, Ranges] = {}
                self.notes: Counter[str] = Counter()
                self.shards = self.pages = self.blocks = self.errors = self.broken = 0
                self._resume()
                self._manifest = open(folder / MANIFEST, "ab", buffering=0)  # noqa: SIM115
            except BaseException:
                self._lock.close()
                raise
        except OSError as error:
            raise PageblocksError(f"cannot write in {folder}: {error.strerror or error}") from error

    def _locked(self) -> IO[str]:
        lock = open(self.folder / LOCK, "w")  # noqa: SIM115
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise PageblocksError(
                f"another process is writing in {self.folder}; wait for it, or give another folder"
            ) from None
        return lock

    def _clear(self) -> None:
        # The manifest first, as half cleared is not half done; the settings last, as they say that the rest is a run's.
        (self.folder / MANIFEST).unlink(missing_ok=True)
        for name in (*_OUTPUTS, UNFINISHED):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for path in self.folder.glob("part-*.parquet"):
            path.unlink()
        for name in (*_FILES, *_EARLIER):
            (self.folder / name).unlink(missing_ok=True)

    def _check(self, settings: dict[str, Any]) -> None:
        path = self.folder / SETTINGS
        if not path.exists():
            write_json(path, settings)
            return
        try:
            began = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise BadInput(f"{path}: damaged ({error}); --force starts the run again") from error
        for name, value in settings.items():
            if name == "format" and isinstance(began, dict) and began.get(name) != value:
                raise _of_another_version(self.folder)
            if not isinstance(began, dict) or began.get(name) != value:
                raise AlreadyExists(
                    f"{self.folder} holds a run with another {name}; give another folder, or --force to start again in "
                    "this one",
                    path=self.folder,
                )

    def _resume(self) -> None:
        manifest = self.folder / MANIFEST
        if manifest.exists():
            whole = manifest.read_bytes()
            if not whole.endswith(b"\n"):  # killed in the middle of a line: it does not count
                write_atomic(manifest, whole[: whole.rfind(b"\n") + 1])
        named: set[str] = set()
        errors: list[dict[str, Any]] = []
        lines = list(read_jsonl(manifest)) if manifest.exists() else []
        self._name({key: name for line in lines for name, key in line["sources"].items()})
        for line in lines:
            for name, size in line["sizes"].items():
                file = self._files.get(name, name)
                if self.sizes.get(file, size) != size:
                    what = f"{file} has changed since" if isinstance(size, int) else f"{name} is another stream than"
                    raise AlreadyExists(
                        f"{what} the run in {self.folder} read; give another folder, or --force", path=self.folder
                    )
            self._count(line)
            errors += line["errors"]
            named.update(line["files"])
        shutil.rmtree(self.unfinished, ignore_errors=True)
        self.unfinished.mkdir()
        for name in _FILES:
            for path in self.folder.glob(
                f".{name}.*"
            ):  # what `write_atomic` had not yet put in place when it was killed
                path.unlink()
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if name not in named and _SHARD.fullmatch(name):  # others' files stay
                path.unlink()
        if missing := [name for name in sorted(named) if not (self.folder / name).exists()]:
            raise BadInput(
                f"{self.folder / missing[0]} is gone, but the run wrote it; put it back, or --force starts the "
                "run again"
            )
        write_jsonl(self.folder / ERRORS, errors)
        self._resume_skipped()

    def _resume_skipped(self) -> None:
        self.skipped: dict[str, dict[str, Any]] = {}
        path = self.folder / SKIPPED
        if not path.exists():
            return
        whole = path.read_bytes()
        write_atomic(path, whole[: whole.rfind(b"\n") + 1])
        self.skipped = {line["file"]: line for line in read_jsonl(path)}
        write_jsonl(path, self.skipped.values())

    def skip(self, file: str, skipped: Skipped) -> None:
        """Record what was skipped in an archive. The last count is kept, because a file may be read again."""
        name = self.names.get(file, file)
        line = {"file": name, **skipped.to_dict()}
        if self.skipped.get(name) == line:
            return
        self.skipped[name] = line
        try:
            with open(self.folder / SKIPPED, "ab") as f:
                f.write(_json(line))
        except OSError as error:
            raise PageblocksError(f"cannot write in {self.folder}: {error.strerror or error}") from error

    @property
    def skipped_by_reason(self) -> dict[str, int]:
        """Skipped records of all archives, by reason; `cut` counts truncated pages."""
        total: Counter[str] = Counter()
        for line in self.skipped.values():
            for reason, count in line.items():
                if reason != "file":
                    total[reason] += count if isinstance(count, int) else sum(count.values())
        return dict(total.most_common())

    def _name(self, known: dict[str, str]) -> None:
        """A name for each file: the one that it has in the manifest (`known`, by hash), else a new one that no other
        has.
        """
        taken = set(known.values())
        for file, shown in self.names.items():
            name = known.get(short_hash(file), "")
            if not name:
                above = Path(file).parent.name
                choices = (shown, f"{above}/{Path(file).name}" if above else shown, f"{shown}~{short_hash(file)}")
                name = next(choice for choice in choices if choice not in taken)
                taken.add(name)
            self.names[file] = name
        self._files = {name: file for file, name in self.names.items()}

    def _count(self, line: dict[str, Any]) -> None:
        for name, start, end, last in line["spans"]:
            file = self._files.get(name, name)  # another run's file is never requested
            ranges = self.done.setdefault(file, Ranges())
            try:
                ranges.add(start, end)
            except ValueError as error:
                raise BadInput(f"{self.folder / MANIFEST}: {name}: {error}; --force starts the run again") from error
            if last:
                ranges.end = end
        self.shards += 1
        self.pages += line["pages"]
        self.blocks += line["blocks"]
        self.errors += len(line["errors"])
        self.notes.update(line["notes"])
        self.broken += sum("broken" in error for error in line["errors"])

    def commit(
        self, files: dict[str, str], spans: list[Span], pages: int, *, blocks: int, errors: list[dict[str, Any]],
        notes: dict[str, int] | None = None,
    ) -> None:  # fmt: skip
        """Put a shard's files (place in the folder, with {} for its number -> file in `.unfinished`) in place, then say
        so.

        Raises PageblocksError where the disk does not take it; the shard is then not there, and is made again by the
        next run.
        """
        try:
            self._commit(files, spans, pages, blocks=blocks, errors=errors, notes=notes or {})
        except OSError as error:
            raise PageblocksError(
                f"cannot write in {self.folder}: {error.strerror or error}; fix that and run the same command again"
            ) from error

    def _commit(
        self, files: dict[str, str], spans: list[Span], pages: int, *, blocks: int, errors: list[dict[str, Any]],
        notes: dict[str, int],
    ) -> None:  # fmt: skip
        places = []
        for place, unfinished in sorted(files.items()):
            path = self.folder / place.format(f"{self.shards:05d}")
            move_into_place(unfinished, path)
            places.append(path.relative_to(self.folder).as_posix())
        line = {
            "shard": self.shards,
            "files": places,
            "pages": pages,
            "blocks": blocks,
            "errors": errors,
            "notes": notes,
        }
        line["spans"] = [(self.names.get(file, file), *rest) for file, *rest in spans]
        files = {span[0]: self.names.get(span[0], span[0]) for span in spans}
        line["sources"] = {name: short_hash(file) for file, name in files.items()}
        line["sizes"] = {name: self.sizes[file] for file, name in files.items() if file in self.sizes}
        # One write: killed before it the shard is not there, killed after it the shard is done.
        self._add(_json(line))
        self._count(line)
        if errors:
            with open(self.folder / ERRORS, "ab") as f:
                f.write(b"".join(map(_json, errors)))

    def _add(self, line: bytes) -> None:
        """A line of the manifest, or nothing of it: a full disk takes half a line."""
        length = os.fstat(self._manifest.fileno()).st_size
        try:
            if self._manifest.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._manifest.fileno())
        except OSError:
            os.ftruncate(self._manifest.fileno(), length)
            raise

    def close(self) -> None:
        """Close the manifest, remove unfinished shards and unlock the folder."""
        self._manifest.close()
        shutil.rmtree(self.unfinished, ignore_errors=True)
        self._lock.close()


def _foreign(folder: Path, began: bool) -> str:
    """The first file that no run writes, "" without any. Where none has begun, a run has written nothing but its
    lock.
    """
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        top = name.partition("/")[0]
        if name == LOCK or _TEMPORARY.match(name) or (began and top == UNFINISHED):
            continue
        if not began or not (path.is_dir() or name in (*_FILES, *_EARLIER) or _SHARD.fullmatch(name)):
            return name
    return ""


def _holds_earlier(folder: Path) -> bool:
    """Whether a run of format 3 or before began here."""
    try:
        began = json.loads((folder / "run.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(began, dict) and {"format", "output", "model"} <= set(began)


def _of_another_version(folder: Path) -> AlreadyExists:
    return AlreadyExists(
        f"{folder} holds a run of another version of pageblocks; give another folder, or --force to start again",
        path=folder,
    )


def _json(row: dict[str, Any]) -> bytes:
    return (to_json(row) + "\n").encode()
