"""Label Studio's answers -> stand-off annotations. Exports are kept unchanged; the rest can be made from them again.

raw/2026-01-31T120000Z-1a2b3c4d5e6f.json.gz   exports, byte for byte
state.json                                    for each task its export and time, and who annotated
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import BadInput, Mismatch
from ..standoff import Annotation
from ..support.files import write_atomic, write_json
from ..support.text import counted
from . import tasks
from .annotators import Annotators, key_of, user_of, users_of
from .history import answered_at, find_record, suggester
from .progress import progress_bar
from .projects import Project, count_tasks
from .withheld import shown_to

BATCH = 100  # tasks in one export; each is kept before the next is asked for
DRAFTS = {"filter": "filter:tasks:draft_exists", "operator": "equal", "type": "Boolean", "value": True}


@dataclass
class PullReport:
    """What `pull` received.

    Parameters
    ----------
    annotations : list of Annotation
        All annotations of the project, one for each page and annotator.
    problems : list of str
        Problems that the user should know of, one line each.
    tasks : int, default=0
        Tasks of the project.
    fetched : int, default=0
        Tasks whose answers were new.
    drafts : int, default=0
        Tasks with a draft that was not submitted.
    skipped : int, default=0
        Annotations that only say that the annotator skipped the page.
    aliases : dict of str to str
        Names that older versions gave to annotators later, and their own names.
    """

    annotations: list[Annotation] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tasks: int = 0
    fetched: int = 0
    drafts: int = 0
    skipped: int = 0
    aliases: dict[str, str] = field(default_factory=dict)

    @property
    def by_annotator(self) -> dict[str, list[Annotation]]:
        """The annotations of each annotator; a corpus has one file for each."""
        found: dict[str, list[Annotation]] = {}
        for annotation in self.annotations:
            found.setdefault(annotation.annotator, []).append(annotation)
        return found


def pull(
    project: Project, folder: Path | str, full: bool = False, *, quiet: bool = False, people: Path | str | None = None
) -> PullReport:
    """Fetch the annotations of a project and keep the raw exports.

    An interrupted pull continues when it is repeated.

    Parameters
    ----------
    project : Project
        The project.
    folder : Path or str
        Folder of the raw exports and of the list of what was fetched.
    full : bool, default=False
        Whether to fetch all tasks; by default only those that changed since the last pull.
    quiet : bool, default=False
        Whether to show no progress on stderr.
    people : Path or str, optional
        Folder of the file with the names of annotators; by default `folder`.

    Returns
    -------
    PullReport
        The annotations, and what was odd about them.

    Raises
    ------
    Mismatch
        If `folder` belongs to another project.
    BadInput
        If a file of `folder`, or an export, cannot be read.
    """
    folder = Path(folder)
    state = _State.read(folder, f"{project.client.url}#{project.id}")
    report = PullReport()
    listed: dict[str, str] = {}
    for row in project.tasks("id,updated_at,total_annotations,cancelled_annotations"):
        report.tasks += 1
        if (row.get("total_annotations") or 0) + (row.get("cancelled_annotations") or 0):
            listed[str(row["id"])] = str(row["updated_at"])
    report.drafts = count_tasks(project, [DRAFTS])
    known = Annotators.read(people or folder)
    url = project.client.url
    names = known.names(url, users_of(project.client.get("api/users", "the list of users")))
    known.write(people or folder)  # before the first answer is kept under a name
    wanted = [id for id, when in listed.items() if full or state.tasks.get(id, {}).get("updated_at") != when]
    report.fetched = len(wanted)
    with progress_bar(quiet) as bar:
        step = bar.add_task("Pulling annotations", total=len(wanted))
        for batch, raw in _exports(project, wanted):
            name = _keep(folder, raw)
            for item in _parse(raw, name):
                for annotation in item.get("annotations", []) if _is_task(item) else ():
                    user = user_of(annotation)
                    if user:  # kept: the server forgets the author when the user is deleted
                        names.setdefault(user, "")
                        names[user] = names[user] or known.name_of(url, user)
                        state.annotators[key_of(item, annotation)] = names[user]
            for id in batch:
                state.tasks[id] = {"updated_at": listed[id], "file": name}
            known.write(people or folder)
            state.write(folder)
            bar.advance(step, len(batch))
    gone = [id for id in state.tasks if id not in listed]
    if gone:
        report.problems.append(
            f"{counted(len(gone), 'task', 'has')} no answers on the server any more; "
            f"the last ones are in {folder / 'raw'}"
        )
    kept = _kept(folder, {id: row["file"] for id, row in state.tasks.items() if id in listed})
    report.annotations, problems = annotations_of(
        kept, state.annotators, project.scheme, names=project.names or None, users=names
    )
    report.problems += problems
    report.aliases = known.aliases
    report.skipped = sum(a.state == "skipped" for a in report.annotations)
    return report


def _exports(project: Project, wanted: list[str]) -> Iterator[tuple[list[str], bytes]]:
    """The exports of these tasks; while one is read here, the server makes the next."""

    def export(batch: list[str]) -> bytes:
        return project.client.raw(
            "GET",
            f"api/projects/{project.id}/export",
            what=f"export of project {project.id}",
            params={"exportType": "JSON", "ids[]": batch},
        )

    batches = [wanted[k : k + BATCH] for k in range(0, len(wanted), BATCH)]
    with ThreadPoolExecutor(1) as pool:
        coming = [pool.submit(export, batch) for batch in batches[:1]]
        for k, batch in enumerate(batches):
            raw = coming.pop().result()
            coming += [pool.submit(export, after) for after in batches[k + 1 : k + 2]]
            yield batch, raw


def annotations_of(
    exported: Iterable[Mapping[str, Any]],
    annotators: Mapping[str, str],
    scheme: str = "",
    *,
    names: Iterable[str] | None = None,
    users: Mapping[int, str] | None = None,
    whole: bool = False,
) -> tuple[list[Annotation], list[str]]:
    """Exported tasks -> annotations by page and annotator, one each (the last one counts), and what was odd.

    `users` names people by their id, `annotators` by an annotation's `unique_id`; whom neither knows is `user-7`, or
    `deleted-user`. An answer to a review is an annotation of its own, of the blocks that were asked about and those
    that were changed (with `whole` of all).
    """
    known = list(names) if names is not None else None
    newest: dict[tuple[str, str, bool], tuple[str, Annotation]] = {}
    problems: list[str] = []
    for item in exported:
        if not _is_task(item):
            problems.append(f"task {_name(item)} is not a task as Label Studio exports it; skipped")
            continue
        data = item["data"]
        page = str(data.get("external_id", ""))
        if not page:
            problems.append(f"task {item.get('id')} has no page id, so pageblocks did not push it; skipped")
            continue
        try:
            lengths = [tasks.utf16(text) for text in tasks.blocks_of(data).text]
        except BadInput as error:  # a foreign task does not affect the others
            problems.append(f"{error}; skipped")
            continue
        for answer in item.get("annotations", []):
            user = user_of(answer)
            given = annotators.get(key_of(item, answer))
            who = (users or {}).get(user) or given or (f"user-{user}" if user else "deleted-user")
            when = answered_at(item, answer)
            made = Annotation(
                page, str(data.get("sha256", "")), who, [], str(data.get("url", "")), _seconds(when), scheme
            )
            if made.url == page:
                made.url = ""  # a page without an address shows its id in the address's place
            made.review = is_review(item, answer)
            if answer.get("was_cancelled"):
                made.state = "skipped"
            else:
                shown = tasks.shown_in(answer)
                result = _regions(answer.get("result"))
                labels, odd = tasks.labels_of(result, len(lengths), shown, names=known, lengths=lengths)
                corrected = tasks.is_corrected(result, shown, labels, lengths=lengths)
                if corrected:
                    made.suggested_by = suggester(item, answer)
                if made.review:
                    labels = labels if whole else _reviewed(labels, tasks.meant_in(data), shown, lengths=lengths)
                else:
                    made.seconds = _duration(answer.get("lead_time"))
                if corrected and not made.review:
                    seen, labels, made.missed = shown_to(item, answer, labels, lengths=lengths)
                    seen = [one for one, label in zip(seen, labels, strict=True) if label is not None]
                    made.shown = seen if any(seen) else []
                made.labels = tasks.runs(data, labels)
                problems += [f"{page} ({who}): {line}" for line in odd]
            editor = user_of({"completed_by": answer.get("updated_by")})
            later = when[:19] > str(answer.get("created_at", ""))[:19] and not find_record(item, answer)
            if user and editor not in (0, user) and later:
                # Label Studio lets any member change another's answer; one sent in by pageblocks is made and "changed"
                # at once.
                by = made.changed_by = (users or {}).get(editor) or f"user-{editor}"
                problems.append(f"{page}: the answer of {who} was last changed by {by}")
            before = newest.get((page, who, made.review))
            if before is not None:
                problems.append(f"{page}: {who} answered more than once; the last answer counts")
            if before is None or when >= before[0]:
                newest[page, who, made.review] = (when, made)
    return [newest[key][1] for key in sorted(newest)], [" ".join(line.split()) for line in problems]


def is_review(item: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether the answer is one to a review: its task marks blocks, or an export of pageblocks says so."""
    meta = item.get("meta")
    said = meta.get("reviews") if isinstance(meta, dict) else None
    return bool(tasks.meant_in(item["data"])) or (isinstance(said, list) and key_of(item, answer) in said)


def _reviewed(
    labels: list[str | None], meant: set[int], shown: list[dict[str, Any]] | None, *, lengths: list[int]
) -> list[str | None]:
    """What a reviewer said: of the blocks that were meant, and of others where it is not what was shown."""
    if not meant:  # an export of pageblocks has these alone
        return labels
    before = tasks.labels_of(shown, len(labels), None, names=None, lengths=lengths)[0] if shown else labels
    return [now if i in meant or now != old else None for i, (now, old) in enumerate(zip(labels, before, strict=True))]


def _duration(seconds: Any) -> float:
    known = isinstance(seconds, int | float) and math.isfinite(seconds) and seconds > 0
    return round(float(seconds), 1) if known else 0.0


def _is_task(item: Any) -> bool:
    """Whether an exported task has the parts that are read here; the server takes any JSON as an answer."""
    if not isinstance(item, dict) or not isinstance(item.get("data"), dict):
        return False
    given = item.get("annotations", [])
    return isinstance(given, list) and all(isinstance(answer, dict) for answer in given)


def _regions(result: Any) -> list[dict[str, Any]]:
    return result if isinstance(result, list) else []


def _name(item: Any) -> str:
    return f"{item.get('id') if isinstance(item, dict) else item!r:.60}"


def _seconds(when: str) -> str:
    """The server's time to the second, in the form of the other label files."""
    try:
        return datetime.fromisoformat(when).astimezone(UTC).isoformat(timespec="seconds")
    except ValueError:
        return when


def _keep(folder: Path, raw: bytes) -> str:
    """Save an export under its date and hash, unless an equal one was saved before."""
    digest = hashlib.sha256(raw).hexdigest()[:12]
    for path in (folder / "raw").glob(f"*-{digest}.json.gz"):
        return path.name
    name = f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}-{digest}.json.gz"
    write_atomic(folder / "raw" / name, gzip.compress(raw, compresslevel=5, mtime=0))
    return name


def _parse(raw: bytes, name: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise BadInput(f"the export {name} is not JSON; pull again with --full") from error
    if not isinstance(found, list):
        raise BadInput(
            f"the export {name} is not a list of tasks; check that this release of Label Studio is supported"
        )
    return found


def _kept(folder: Path, where: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """The tasks as they were last exported, file by file: never all in memory."""
    for name in sorted(set(where.values())):
        try:
            raw = gzip.decompress((folder / "raw" / name).read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput(f"cannot read {folder / 'raw' / name} ({error}); pull again with --full") from error
        for item in _parse(raw, name):
            if where.get(str(item.get("id"))) == name:
                yield item


@dataclass
class _State:
    source: str
    tasks: dict[str, dict[str, str]] = field(default_factory=dict)  # task id -> updated_at, file
    annotators: dict[str, str] = field(default_factory=dict)  # unique id of an annotation -> name

    @classmethod
    def read(cls, folder: Path, source: str) -> _State:
        path = folder / "state.json"
        try:
            state = cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return cls(source)
        except (OSError, ValueError, TypeError) as error:
            raise BadInput(f"cannot use {path} ({error}); move it away to pull everything again") from error
        if state.source != source:
            # A local server may come back on another port; a project number says nothing across servers.
            if not (_local(state.source) and _local(source) and state.source.split("#")[1] == source.split("#")[1]):
                raise Mismatch(f"{folder} keeps the answers of {state.source}, not of {source}; give another folder")
            state.source = source
        return state

    def write(self, folder: Path) -> None:
        write_json(folder / "state.json", vars(self))


def _local(source: str) -> bool:
    return source.startswith(("http://127.0.0.1:", "http://localhost:"))
