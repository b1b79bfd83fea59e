"""Labels move to a new scheme: in files, whole or not at all, and split labels are decided by people."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import PageblocksError
from toolkit.labelling.annotations import make_gold
from toolkit.labelling.migrate.corpus import MigrationPlan, migrate_annotations, migrate_corpus
from toolkit.labelling.migrate.run import migrate
from toolkit.labelling.migrate.undecided import Undecided, read_undecided, settled
from toolkit.page import Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import Annotation, Run, detach, read_annotations, write_annotations

OLD = Scheme.default()
BODY = "<h1>Head {i}</h1><p>A story of the harbour, number {i}.</p><p>Give once</p>"
WHEN = "2025-01-01T00:00:00+00:00"
LABEL = {"definition": "It.", "color": "#A06000"}


def scheme(*names: str, version: str = "2") -> Scheme:
    return Scheme.model_validate(
        {"name": "web-page", "version": version, "labels": [{"name": n, **LABEL} for n in names]}
    )


NEW = scheme("news", "essay", "form", "frame")
PLAN = MigrationPlan.of(NEW, rename=["sidebar=frame"], merge=["caption,appeal=frame"], split=["article=news,essay"])


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    pages = [Page(f"p{i}", "", BODY.format(i=i).encode(), url=f"http://s{i}.example/") for i in range(3)]
    made = create(tmp_path / "c", [(page, {}) for page in pages])
    for name, last in (("ada", "appeal"), ("ben", "sidebar")):
        answers = [
            detach(segment(page), ["article", "form", last], name, scheme=OLD.id, created_at=WHEN) for page in pages
        ]
        answers[2] = replace(answers[2], state="skipped", labels=[])
        write_annotations(made.folder / f"annotations/{name}.jsonl", answers)
    save_gold(made.folder, make_gold(made).annotations)
    return made


def labels(annotation: Annotation) -> list[str]:
    return [run.label for run in annotation.labels]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"rename": ["a"]}, "'a' is not a rename; write it as old=new"),
        ({"rename": ["a=news,essay"]}, "not a rename"),
        ({"rename": ["=news"]}, "not a rename"),
        ({"merge": ["a=news"]}, "not a merge; write it as a,b=new"),
        ({"split": ["a=news"]}, "not a split; write it as old=a,b"),
        ({"rename": ["a=advert"]}, "no label advert in web-page@2; it has news, essay, form, frame"),
        ({"rename": ["a=news"], "split": ["a=news,essay"]}, "a is moved twice"),
    ],
)
def test_a_plan_is_checked(given: dict[str, list[str]], says: str) -> None:
    with pytest.raises(PageblocksError, match=says):
        MigrationPlan.of(NEW, **given)


def test_two_labels_may_change_places() -> None:
    swap = MigrationPlan.of(scheme("a", "b"), rename=["a=b", "b=a"])
    given = [Annotation("p", "", "ada", [Run(0, 1, "a", "1"), Run(1, 2, "b", "2")], scheme="web-page@1")]
    once = migrate_annotations(swap, given)
    assert labels(once.annotations[0]) == ["b", "a"]
    twice = migrate_annotations(swap, once.annotations)
    assert (twice.annotations, twice.changed) == (once.annotations, 0)


def test_files_move_and_the_old_ones_are_kept(corpus: Corpus) -> None:
    before = files(corpus.folder)
    dry = migrate_corpus(PLAN, corpus.folder, dry_run=True)
    assert files(corpus.folder) == before
    assert dry.files["ada"].blocks == {"article": 2, "form": 2, "appeal": 2}
    assert {name: moved.changed for name, moved in dry.files.items()} == {"gold": 2, "ada": 3, "ben": 3}
    done = migrate_corpus(PLAN, corpus.folder)
    assert done.files == dry.files
    assert done.backup is not None
    kept = ("gold.jsonl", "annotations/ada.jsonl", "annotations/ben.jsonl", "scheme.toml")
    assert files(done.backup) == {name: before[name] for name in kept}
    ada = corpus.annotations()["ada"]
    assert [labels(a) for a in ada] == [["news", "form", "frame"]] * 2 + [[]]
    assert {(a.scheme, a.created_at) for a in ada} == {("web-page@2", WHEN)}
    assert [a.state for a in ada] == ["done", "done", "skipped"]
    after = files(corpus.folder)
    assert migrate_corpus(PLAN, corpus.folder).backup is None  # nothing is left to do
    assert files(corpus.folder) == after


KILLED = """
import os, shutil, sys
from pathlib import Path
from toolkit.labelling.migrate.corpus import MigrationPlan
from toolkit.labelling.migrate.run import migrate
from toolkit.scheme import Scheme

folder, scheme, rules = Path(sys.argv[1]), Scheme.load(sys.argv[2]), {"rename": ["sidebar=frame"],
    "merge": ["caption,appeal=frame"], "split": ["article=news,essay"]}
replace, writes = os.replace, 0

def until(*paths):
    global writes
    writes += 1
    if writes == limit:
        os._exit(9)
    return replace(*paths)

limit, status = 0, 9
while status:
    limit += 1
    copy = shutil.copytree(folder, folder.with_name(f"killed-{limit:02d}"))
    child = os.fork()
    if not child:
        os.replace = until
        migrate(MigrationPlan.of(scheme, **rules), copy)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    migrate(MigrationPlan.of(scheme, **rules), copy)
"""


def test_a_killed_migration_is_finished(corpus: Corpus, tmp_path: Path) -> None:
    """Killed at each of its writes, and started again."""
    (tmp_path / "new.toml").write_text(NEW.to_toml(), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-c", KILLED, str(corpus.folder), str(tmp_path / "new.toml")]
    subprocess.run(command, check=True)

    def left(folder: Path) -> dict[str, bytes]:
        found = files(folder).items()  # without what a killed write left half done
        return {name: data for name, data in found if "before-migration/" not in name and "/." not in f"/{name}"}

    *killed, whole = sorted(tmp_path.glob("killed-*"))
    assert len(killed) >= 9  # the record, four old files, the open questions, three label files, the scheme
    assert [left(folder) == left(whole) for folder in killed] == [True] * len(killed)
    moved = {labels(a)[0] for path in whole.glob("annotations/*") for a in read_annotations(path) if a.labels}
    assert moved == {"news"}


def test_lines_about_labels_that_are_gone_are_named(corpus: Corpus) -> None:
    stale = NEW.model_copy(update={"rules": ["A frame beside a sidebar.", "A sidebars' rule.", "sidebar before form"]})
    (line,) = migrate(replace(PLAN, scheme=stale), corpus.folder, dry_run=True).problems
    assert line == "web-page@2 has lines about labels that are gone: rule 1 mentions sidebar, rule 3 mentions sidebar"


def test_a_label_without_a_place_changes_nothing(corpus: Corpus) -> None:
    before = files(corpus.folder)
    with pytest.raises(PageblocksError, match=r"gold\.jsonl: .* no label article \(2 blocks\).*--rename article=NEW"):
        migrate_corpus(MigrationPlan.of(NEW, rename=["sidebar=frame"]), corpus.folder)
    assert files(corpus.folder) == before
    ada = read_annotations(corpus.folder / "annotations/ada.jsonl")
    write_annotations(corpus.folder / "annotations/ada.jsonl", [replace(a, scheme="other@1") for a in ada])
    with pytest.raises(PageblocksError, match="labels of several schemes"):
        migrate_corpus(PLAN, corpus.folder)
    with pytest.raises(PageblocksError, match="no such folder"):
        migrate_corpus(PLAN, corpus.folder / "nowhere")
    write_annotations(corpus.folder / "annotations/ada.jsonl", ada)
    (corpus.folder / "undecided.jsonl").write_text('{"page": "p0"}\n')
    with pytest.raises(PageblocksError, match="not an undecided block"):
        migrate_corpus(PLAN, corpus.folder)


def test_the_table_says_what_becomes_of_each_label(corpus: Corpus) -> None:
    report = migrate(PLAN, corpus.folder, dry_run=True)
    assert report.table() == (
        ["label", "becomes", "gold", "ada", "ben"],
        [
            ["form", "form", "2", "2", "2"],
            ["sidebar", "frame", "0", "0", "2"],
            ["caption", "frame", "0", "0", "0"],
            ["appeal", "frame", "0", "2", "0"],
            ["article", "news or essay", "2", "2", "2"],
        ],
    )
    assert len(report.undecided) == 2
    added = migrate(MigrationPlan.of(scheme(*OLD.names, "data")), corpus.folder, dry_run=True).table()[1]
    assert added[-1] == ["", "data", "0", "0", "0"]
    with pytest.raises(PageblocksError, match="no project 'Elsewhere'"):
        migrate(PLAN, corpus.folder, titles=["Elsewhere"])


def test_a_split_is_decided_by_whoever_chooses(corpus: Corpus) -> None:
    migrate_corpus(PLAN, corpus.folder)
    rows = read_undecided(corpus.folder)
    assert [(row.page, row.label, row.choices, row.was) for row in rows] == [
        ("p0", "news", ["news", "essay"], "article"), ("p1", "news", ["news", "essay"], "article")
    ]  # fmt: skip
    assert rows[0].by == {"ada": [WHEN], "ben": [WHEN], "gold": [WHEN]}
    shown = make_gold(corpus)
    assert [labels(a) for a in shown.annotations] == [["news", "form", "frame"]] * 2
    carol = detach(
        segment(corpus.page("p0")),
        ["essay", "form", "frame"],
        "carol",
        scheme=NEW.id,
        created_at="2025-02-01T00:00:00+00:00",
    )
    write_annotations(corpus.folder / "annotations/carol.jsonl", [carol])
    # Two votes show news and one says essay; but only one of them has chosen.
    gold = make_gold(corpus)
    assert [labels(a) for a in gold.annotations] == [["essay", "form", "frame"], ["news", "form", "frame"]]
    assert gold.disputed == []
    # One of those two looks at the page again and says news: a vote as any other.
    ben = replace(
        carol, annotator="ben", labels=[Run(*carol.labels[0][:2], "news", carol.labels[0].hash), *carol.labels[1:]]
    )
    ben.created_at = "2025-03-01T00:00:00+00:00"
    write_annotations(corpus.folder / "annotations/ben.jsonl", [ben])
    assert [d.labels for d in make_gold(corpus).disputed] == [{"ben": "news", "carol": "essay"}]


def test_who_chose_none_of_the_parts_is_outvoted_as_before() -> None:
    row = Undecided("p", "", 0, 1, "h", "news", ["news", "essay"], "article", "web-page@2", {"ada": [WHEN]})
    shown = Annotation("p", "", "ada", [Run(0, 1, "news", "h"), Run(1, 2, "news", "i")], created_at=WHEN)
    other = Annotation("p", "", "carol", [Run(0, 1, "frame", "h")], created_at="2025-02-01")
    assert settled([shown, other], [row]) == [shown, other]
    assert settled([shown, other], []) == [shown, other]


def test_a_second_migration_takes_the_open_questions_along(corpus: Corpus) -> None:
    migrate_corpus(PLAN, corpus.folder)
    third = scheme("report", "column", "form", "frame", version="3")
    migrate_corpus(MigrationPlan.of(third, rename=["news=report", "essay=column"]), corpus.folder)
    rows = read_undecided(corpus.folder)
    assert [(row.label, row.choices, row.scheme) for row in rows] == [
        ("report", ["report", "column"], "web-page@3")
    ] * 2
    migrate_corpus(
        MigrationPlan.of(scheme("text", "form", "frame", version="4"), merge=["report,column=text"]), corpus.folder
    )
    assert read_undecided(corpus.folder) == []
    assert [labels(a) for a in corpus.annotations()["ada"]] == [["text", "form", "frame"]] * 2 + [[]]


def test_hostile_names_stay_text(tmp_path: Path, page_of: Callable[..., object]) -> None:
    hostile = Annotation("../../etc", "", "ada", [Run(0, 1, "<script>", "h")], scheme="web-page@1")
    write_annotations(tmp_path / "annotations/ada.jsonl", [hostile])
    with pytest.raises(PageblocksError, match="no label <script>"):
        migrate_corpus(PLAN, tmp_path)
    migrate_corpus(MigrationPlan.of(NEW, split=["<script>=news,essay"]), tmp_path)
    assert read_annotations(tmp_path / "annotations/ada.jsonl")[0].page == "../../etc"
    assert {path.parts[0] for path in map(Path, files(tmp_path))} == {
        "annotations", "before-migration", "scheme.toml", "undecided.jsonl",
    }  # fmt: skip
