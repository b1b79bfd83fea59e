"""Where the embedded Label Studio keeps its data: SQLite in its folder, or a PostgreSQL that the environment names.

DJANGO_DB=postgresql and POSTGRE_HOST, POSTGRE_PORT, POSTGRE_NAME, POSTGRE_USER, POSTGRE_PASSWORD are Label Studio's own
names. The folder remembers all of them but the password, so that a later start cannot take another database by mistake.
Without POSTGRE_PASSWORD the PostgreSQL client reads ~/.pgpass (or PGPASSFILE), as it always does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import BadInput, UsageError
from ..support.files import write_json

RECORD = "database.json"
_KEYS = {"host": "localhost", "port": "5432", "name": "postgres", "user": "postgres"}  # Label Studio's defaults


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL database. The password stays out of its repr and its record."""

    host: str
    port: str
    name: str
    user: str
    password: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.name} at {self.host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """The environment variables for Label Studio's process."""
        told = {f"POSTGRE_{key.upper()}": str(getattr(self, key)) for key in (*_KEYS, "password")}
        return told | {"DJANGO_DB": "postgresql"}


def named(base: Mapping[str, str] | None = None) -> Postgres | None:
    """The PostgreSQL that the environment names; None when DJANGO_DB is not set, or says sqlite."""
    found = os.environ if base is None else base
    kind = _get(found, "DJANGO_DB", "sqlite")
    if kind == "sqlite":
        return None
    if kind not in ("default", "postgresql"):
        raise UsageError(f"DJANGO_DB is {kind!r}; pageblocks starts Label Studio on sqlite or postgresql")
    values = {key: _get(found, f"POSTGRE_{key.upper()}", usual) for key, usual in _KEYS.items()}
    if not (values["port"].isdecimal() and 0 < int(values["port"]) < 65536):
        raise UsageError(f"POSTGRE_PORT is {values['port']!r}; give a port's number, such as 5432")
    return Postgres(**values, password=_get(found, "POSTGRE_PASSWORD", ""))


def of(folder: Path, base: Mapping[str, str] | None = None) -> Postgres | None:
    """The database of a server's folder: the one that it remembers, or on its first start the one that is named; None
    is SQLite.

    Raises UsageError when the environment names another one than the folder remembers: its annotations would seem
    lost.
    """
    found = os.environ if base is None else base
    wanted, known = named(found), read_database_record(folder)
    if known is None:
        if wanted is not None and (folder / "data" / "label_studio.sqlite3").exists():
            raise UsageError(
                f"{folder} has its data in SQLite, but DJANGO_DB names PostgreSQL; unset DJANGO_DB, or give another "
                "--folder"
            )
        return wanted
    if wanted is None and _get(found, "DJANGO_DB", ""):
        raise UsageError(f"{folder} has its data in PostgreSQL ({known}), but DJANGO_DB says sqlite; unset it")
    if wanted not in (None, known):
        raise UsageError(f"{folder} has its data in {known}, but the environment names {wanted}; give another --folder")
    return Postgres(known.host, known.port, known.name, known.user, _get(found, "POSTGRE_PASSWORD", ""))


def read_database_record(folder: Path) -> Postgres | None:
    """The database that a folder remembers, without its password."""
    path = folder / RECORD
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Postgres(**{key: str(found[key]) for key in _KEYS})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error


def write_database_record(folder: Path, database: Postgres) -> None:
    """Record in `folder` which database its server uses."""
    write_json(folder / RECORD, {key: getattr(database, key) for key in _KEYS})


def _get(base: Mapping[str, str], name: str, usual: str) -> str:
    """As Label Studio looks for it: the name with its own prefixes first."""
    return next((base[key] for key in (f"LABEL_STUDIO_{name}", f"HEARTEX_{name}", name) if key in base), usual)
