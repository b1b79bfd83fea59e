"""A foreign .tar.gz -> files below one folder, and nowhere else."""

from __future__ import annotations

import tarfile
import zlib
from pathlib import Path, PurePosixPath

from ...errors import BadInput
from ...support.text import counted

_MOST = 200_000  # members


def unpack(archive: Path, into: Path, folder: str, *, largest: int) -> None:
    """Write the regular files below `folder` of the archive (seen from its own top folder) to `into`; links are passed
    over.

    Raises BadInput when the archive is broken, holds more than `largest` bytes, or names a place outside.
    """
    wanted = PurePosixPath(folder).parts
    size = count = 0
    try:
        # As a stream: nothing is believed of the archive that has not been read.
        with tarfile.open(archive, "r|gz") as tar:
            for member in tar:
                size, count = size + member.size, count + 1
                if size > largest or count > _MOST:
                    raise BadInput(
                        f"{archive.name}: unpacks to more than {largest >> 20} MiB or {counted(_MOST, 'file')}; refused"
                    )
                parts = PurePosixPath(member.name).parts
                if ".." in parts or member.name.startswith("/") or "\\" in member.name or "\0" in member.name:
                    raise BadInput(f"{archive.name}: {member.name!r:.200} lies outside the archive's folder; refused")
                inner = parts[1:]
                if not member.isreg() or inner[: len(wanted)] != wanted or len(inner) <= len(wanted):
                    continue
                source = tar.extractfile(member)
                if source is None:
                    continue
                path = into.joinpath(*inner[len(wanted) :])
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(source.read())
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise BadInput(f"{archive.name}: not a whole .tar.gz ({error}); fetch it again") from error
