"""Pipes as sources of a crawl. What has been read is kept in a file, since a pass over the sources may have to be done
again.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from ..errors import SourceError

_HEAD = 4096  # bytes that distinguish streams


def is_pipe(source: str) -> bool:
    """Whether what `source` names can be read only once: standard input, a FIFO, `<(zcat ...)`."""
    if source == "-":
        return True
    try:
        mode = os.stat(source).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


class NoSpool(Exception):
    """The file cannot be written. No PageblocksError: it ends the run and is not a page's error."""


class Spool:
    """One pipe, as many passes as are needed; `place` is the file that holds what was read, made when reading
    begins.
    """

    def __init__(self, source: str) -> None:
        try:
            self._source: IO[bytes] = sys.stdin.buffer if source == "-" else open(source, "rb")  # noqa: SIM115
            self._some: Callable[[int], bytes] = getattr(
                self._source, "read1", self._source.read
            )  # waits for no more than there is
            self._head = b""
            while len(self._head) < _HEAD and (part := self._some(_HEAD - len(self._head))):
                self._head += part
        except OSError as error:
            raise SourceError(f"{source}: cannot be read ({error.strerror or error})") from error
        self.place = Path()
        self._file: IO[bytes] | None = None
        self._kept = 0

    @property
    def fingerprint(self) -> str:
        """Identifies the stream by its first bytes."""
        return f"pipe:{hashlib.sha256(self._head).hexdigest()[:16]}"

    def open(self) -> BinaryIO:
        """The stream from its beginning."""
        return cast(BinaryIO, io.BufferedReader(_Pass(self), 1 << 16))

    def read(self, at: int, size: int) -> bytes:
        """Up to `size` bytes from the position `at`."""
        try:
            if self._file is None:
                self._file = open(self.place, "w+b", buffering=0)  # noqa: SIM115
                self._keep(self._head)
            if at < self._kept:
                return os.pread(self._file.fileno(), size, at)
        except OSError as error:
            raise NoSpool(f"cannot keep standard input in {self.place}: {error.strerror or error}") from error
        part = self._some(size)
        try:
            self._keep(part)
        except OSError as error:
            raise NoSpool(f"cannot keep standard input in {self.place}: {error.strerror or error}") from error
        return part

    def _keep(self, part: bytes) -> None:
        assert self._file is not None
        view = memoryview(part)
        while view:
            view = view[self._file.write(view) :]
        self._kept += len(part)

    def close(self) -> None:
        """Close the source and the temporary file."""
        for stream in (self._file, self._source if self._source is not sys.stdin.buffer else None):
            if stream is not None:
                stream.close()


class _Pass(io.RawIOBase):
    def __init__(self, spool: Spool) -> None:
        self._spool, self._at = spool, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._spool.read(self._at, len(buffer))
        self._at += len(part)
        buffer[: len(part)] = part
        return len(part)
