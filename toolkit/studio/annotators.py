"""The users of servers, and the names that their annotations have in a corpus.

CORPUS/studio/annotators.json keeps the name of each user from the first time that the user was seen, so that the
name stays when others join or the account changes. A name stands for one person: the label files count their votes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import BadInput
from ..support.files import write_json

FILE = "annotators.json"
DOMAIN = "example.org"  # for users that pageblocks creates: reserved, mail to it is never delivered
# Names that mean something else among label files.
_RESERVED = {"gold", "pages", ""}


@dataclass
class Person:
    """A user of a server. `name` is that of the annotations, `mail` a hash of the e-mail, `joined` when the account was
    made.
    """

    name: str
    server: str
    user: int
    mail: str = ""
    joined: str = ""


@dataclass
class Annotators:
    """The people that a corpus knows. `aliases`: names that an older version gave them later -> their own."""

    people: list[Person] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path | str) -> Annotators:
        """Those of a corpus' folder `studio`; where nothing is recorded yet, as far as old exports say."""
        path = Path(folder) / FILE
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            aliases = {str(old): str(new) for old, new in row["aliases"].items()}
            return cls([Person(**person) for person in row["people"]], aliases)
        except FileNotFoundError:
            return _from_exports(Path(folder))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadInput(
                f"cannot use {path} ({error}); correct it, or move it away and the names are given again"
            ) from error

    def write(self, folder: Path | str) -> None:
        """Write the names to `folder`."""
        row = {"people": [asdict(person) for person in self.people], "aliases": self.aliases}
        write_json(Path(folder) / FILE, row)

    def names(self, url: str, users: Iterable[Mapping[str, Any]]) -> dict[int, str]:
        """User id -> name, of the users that the server `url` lists, and of those that it had before.

        A new user gets the e-mail's local part, followed by the id where the name is taken or two come at once.
        """
        server = server_of(url)
        listed = [
            (int(user["id"]), str(user.get("email") or "").lower(), str(user.get("date_joined") or ""))
            for user in users
        ]
        found: dict[int, str] = {}
        new = []
        for id, email, joined in sorted(listed):
            person = self._same(server, id, email, joined=joined)
            if person is None:
                new.append((id, email, joined))
                continue
            person.mail, person.joined = _digest(email) or person.mail, joined or person.joined
            found[id] = person.name
        local = [_local_part(email) for _, email, _ in new]
        for (id, email, joined), name in zip(new, local, strict=True):
            there = self._elsewhere(email, set(found.values()))
            unclear = name in _RESERVED or local.count(name) > 1 or self._taken(name)
            found[id] = there or (self._free(f"{name or 'user'}-{id}") if unclear else name)
            self.people.append(Person(found[id], server, id, _digest(email), joined))
        gone = {
            person.user: person.name for person in self.people if person.server == server and person.user not in found
        }
        return gone | found

    def name_of(self, url: str, user: int) -> str:
        """The name of a user whom the server does not list: `user-7`, from now on."""
        server = server_of(url)
        for person in reversed(self.people):
            if (person.server, person.user) == (server, user):
                return person.name
        name = self._free(f"user-{user}")
        self.people.append(Person(name, server, user))
        return name

    def _same(self, server: str, id: int, email: str, *, joined: str) -> Person | None:
        """The account seen before, whose e-mail may have changed. Another joining time means another server."""
        for person in reversed(self.people):
            if (person.server, person.user) == (server, id):
                if not (joined and person.joined) or joined == person.joined:
                    return person
                return person if person.mail and person.mail == _digest(email) else None
        return None

    def _elsewhere(self, email: str, here: set[str]) -> str:
        """The name of the person with this e-mail on another server, or for whom pageblocks created a user of that
        name.

        `here` are the names of the server's other users.
        """
        digest = _digest(email)
        names = [person.name for person in self.people if digest and person.mail == digest]
        if email.endswith(f"@{DOMAIN}"):
            own = _local_part(email)
            names += [person.name for person in self.people if person.name == own]
        return next((name for name in names if name not in here), "")

    def _taken(self, name: str) -> bool:
        return name in self.aliases or any(person.name == name for person in self.people)

    def _free(self, name: str) -> str:
        found, more = name, 1
        while self._taken(found) or found in _RESERVED:
            more += 1
            found = f"{name}-{more}"
        return found


_LOCAL = "local"  # the server of this machine, which may come back on another port


def server_of(url: str) -> str:
    """The name of a server in the file: host and path; one name for all local servers."""
    parts = urlsplit(url)
    return _LOCAL if parts.hostname in ("127.0.0.1", "localhost", "::1") else f"{parts.netloc}{parts.path.rstrip('/')}"


def users_of(answer: Any) -> list[dict[str, Any]]:
    """The rows of a list of users, in either form that servers answer in."""
    rows = answer["results"] if isinstance(answer, dict) else answer
    return list(rows)


def user_of(answer: Mapping[str, Any]) -> int:
    """The id of who gave an answer; 0 where the server does not say."""
    who = answer.get("completed_by")
    who = who.get("id") if isinstance(who, dict) else who
    return int(who) if isinstance(who, int) or (isinstance(who, str) and who.isdecimal()) else 0


def key_of(item: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """What identifies an annotation, also on another server."""
    return str(answer.get("unique_id") or f"{item.get('id')}/{answer.get('id')}")


def _local_part(email: str) -> str:
    return re.sub(r"[^\w.+-]", "_", email.split("@")[0]).lstrip(".")


def _digest(email: str) -> str:
    """A corpus may be given to others, addresses should not be. It hides none from someone who guesses it."""
    return hashlib.blake2b(email.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if email else ""


def _from_exports(folder: Path) -> Annotators:
    """From older versions: names by annotation, and exports with the user of each. The first name of a user
    counts.
    """
    made = Annotators()
    later: dict[str, str] = {}
    for path in sorted(
        path for place in (folder, *folder.glob("project-*")) if (path := place / "state.json").exists()
    ):
        for server, user, name in _seen(path):
            own = next((p for p in made.people if (p.server, p.user) == (server, user)), None)
            if own is not None and own.name != name:
                later.setdefault(name, own.name)
            elif own is None and not made._taken(name):
                made.people.append(Person(name, server, user))
    names = {person.name for person in made.people}
    made.aliases = {old: new for old, new in later.items() if old not in names}
    return made


def _seen(state: Path) -> Iterator[tuple[str, int, str]]:
    """(server, user, name) of the annotations that were pulled into the folder of `state`, in the order of time."""
    try:
        row = json.loads(state.read_text(encoding="utf-8"))
        server, names = server_of(str(row["source"]).partition("#")[0]), dict(row["annotators"])
    except (OSError, ValueError, KeyError, TypeError):
        return  # the pull reports it
    for path in sorted((state.parent / "raw").glob("*.json.gz")):
        try:
            items = json.loads(gzip.decompress(path.read_bytes()))
            for item in items:
                for answer in item["annotations"]:
                    if (user := user_of(answer)) and (name := names.get(key_of(item, answer))):
                        yield server, user, str(name)
        except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, AttributeError):
            continue
