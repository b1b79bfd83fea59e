"""One person is one person: names stay, whoever comes, goes or is renamed, on whatever server; and nobody votes
twice.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import PageblocksError
from toolkit.exchange.tasks import answers_of
from toolkit.labelling.annotations import aligned, load_annotations, make_gold, measure_agreement
from toolkit.labelling.dawid_skene import Judge
from toolkit.labelling.sync import keep_annotations
from toolkit.page import Page
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import Annotation, Run, detach, read_annotations, write_annotations
from toolkit.studio import tasks
from toolkit.studio.annotators import Annotators
from toolkit.studio.answers import annotations_of, pull
from toolkit.studio.projects import Project

HERE, THERE = "http://127.0.0.1:8080", "https://labels.example.org"
PAGES = [
    Page(f"p{i}", "", f"<p>Tide {i}<p>The tide turns.<p>Imprint".encode(), url=f"https://s{i}.example/")
    for i in range(3)
]


def user(id: int, email: str, joined: str = "") -> dict[str, Any]:
    return {"id": id, "email": email, "date_joined": joined}


def known(tmp_path: Path, *listings: tuple[str, list[dict[str, Any]]]) -> list[dict[int, str]]:
    """The names after each listing; what is remembered goes through the file each time."""
    found = []
    for url, users in listings:
        people = Annotators.read(tmp_path)
        found.append(people.names(url, users))
        people.write(tmp_path)
    assert "@" not in (tmp_path / "annotators.json").read_text()
    return found


ADA, OTHER, BEN = user(1, "ada@a.example", "t1"), user(2, "ada@b.example", "t2"), user(3, "ben@a.example", "t3")


def test_the_first_of_a_name_keeps_it(tmp_path: Path) -> None:
    first, second, third = known(tmp_path, (THERE, [ADA]), (THERE, [ADA, OTHER, BEN]), (THERE, [OTHER, BEN]))
    assert first == {1: "ada"}
    assert second == {1: "ada", 2: "ada-2", 3: "ben"}
    assert third == second  # the first Ada's account is gone: her answers are still hers, and the name is not free


def test_two_who_come_at_once_both_get_a_number(tmp_path: Path) -> None:
    assert known(tmp_path, (THERE, [ADA, OTHER]))[0] == {1: "ada-1", 2: "ada-2"}


def test_renamed_and_unlisted_users_are_who_they_were(tmp_path: Path) -> None:
    people = Annotators.read(tmp_path)
    people.names(THERE, [ADA])
    assert people.name_of(THERE, 7) == "user-7"
    assert people.names(THERE, [user(1, "a.lovelace@a.example", "t1"), user(7, "ada@c.example", "t7")]) == {
        1: "ada",
        7: "user-7",
    }
    assert people.name_of(THERE, 1) == "ada"


def test_the_same_person_on_another_server(tmp_path: Path) -> None:
    moved = [user(1, "ben@a.example", "u1"), user(2, "ada@a.example", "u2"), user(3, "cleo@a.example", "u3")]
    names = known(tmp_path, (HERE, [ADA, BEN]), (THERE, moved), ("http://localhost:9999", moved), (HERE, moved))
    for later in names[1:]:
        assert later | {3: "cleo"} == later == {1: "ben", 2: "ada", 3: "cleo"}


def test_a_server_that_was_made_anew_has_other_people_under_the_same_numbers(tmp_path: Path) -> None:
    new = [user(1, "zoe@a.example", "n1"), user(3, "ada@z.example", "n3")]
    assert known(tmp_path, (HERE, [ADA, BEN]), (HERE, new))[1] == {1: "zoe", 3: "ada-3"}


def test_names_that_mean_something_else_are_nobody_s(tmp_path: Path) -> None:
    odd = [
        user(4, "gold@x.example"),
        user(5, "pages@x.example"),
        user(6, "@x.example"),
        user(7, ""),
        user(8, "../up@x.example"),
    ]
    assert known(tmp_path, (THERE, odd))[0] == {4: "gold-4", 5: "pages-5", 6: "user-6", 7: "user-7", 8: "_up"}


def test_labels_that_were_sent_in_come_back_under_their_name(tmp_path: Path) -> None:
    """`annotate` makes users called NAME@example.org; where the server has that person already, it is another one."""
    names = known(
        tmp_path, (HERE, [ADA]), (THERE, [user(9, "ada@example.org")]), (HERE, [ADA, user(8, "ada@example.org")])
    )
    assert names == [{1: "ada"}, {9: "ada"}, {1: "ada", 8: "ada-8"}]


class Server:
    """As much of Label Studio as a pull asks for: its own tests have a real one."""

    def __init__(self, url: str, users: list[dict[str, Any]]) -> None:
        self.url, self.users, self.answers = url, users, list[dict[str, Any]]()

    def get(self, path: str, what: str = "", **more: object) -> object:
        if path == "api/users":
            return self.users
        return {
            "tasks": [{"id": 7, "updated_at": str(len(self.answers)), "total_annotations": len(self.answers)}],
            "total": 1,
        }

    def raw(self, *words: object, **more: object) -> bytes:
        return json.dumps(
            [{"id": 7, "data": tasks.task(segment(PAGES[0]))["data"], "annotations": self.answers}]
        ).encode()

    def answer(self, who: int | None, labels: list[str], day: int) -> dict[str, Any]:
        when = f"2026-01-0{day}T00:00:00Z"
        result = tasks.regions(segment(PAGES[0]).text, labels)
        return {
            "id": day,
            "unique_id": f"u{day}",
            "completed_by": who,
            "result": result,
            "created_at": when,
            "updated_at": when,
        }


def project(server: Any) -> Project:
    return Project(server, 5, "Tides", "web-page@1", tuple(Scheme.default().names))


def test_answers_of_people_who_left_and_a_change_by_one_of_them(tmp_path: Path) -> None:
    server = Server(THERE, [ADA, BEN])
    server.answers = [server.answer(1, ["article"] * 3, 1), server.answer(3, ["article"] * 3, 2)]
    assert set(pull(project(server), tmp_path, quiet=True).by_annotator) == {"ada", "ben"}
    server.users = [ADA, OTHER]
    changed = server.answer(1, ["form"] * 3, 1) | {"updated_by": 3, "updated_at": "2026-01-05T00:00:00Z"}
    server.answers = [changed, server.answers[1] | {"completed_by": None}, server.answer(44, ["form"] * 3, 4)]
    report = pull(project(server), tmp_path, quiet=True)
    assert set(report.by_annotator) == {"ada", "ben", "user-44"}
    assert report.problems == ["p0: the answer of ada was last changed by ben"]
    server.users = [ADA, OTHER, user(44, "ada@d.example")]
    assert set(pull(project(server), tmp_path, quiet=True, full=True).by_annotator) == {"ada", "ben", "user-44"}


def test_files_of_older_versions_that_gave_one_person_two_names(tmp_path: Path) -> None:
    """Ada's answers lie in ada.jsonl and, from when another Ada came, in ada-1.jsonl: still one vote."""
    corpus = create(tmp_path / "c", ((page, {}) for page in PAGES))
    server = Server(HERE, [ADA, OTHER])
    answers = [server.answer(1, ["article", "sidebar", "article"], 1), server.answer(3, ["article"] * 3, 2)]
    for number, (day, some) in enumerate((("01", answers[:1]), ("02", answers)), 1):
        server.answers = some
        path = corpus.folder / f"studio/raw/2026-01-{day}T000000Z-{number:012d}.json.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(server.raw()))
    # The answer has one key in both exports; the older version wrote down the last name.
    made = server.answer(1, ["article", "sidebar", "article"], 3)
    (corpus.folder / "studio/raw/2026-01-03T000000Z-3.json.gz").write_bytes(
        gzip.compress(json.dumps([{"id": 8, "data": {}, "annotations": [made]}]).encode())
    )
    state = {"source": f"{HERE}#5", "tasks": {}, "annotators": {"u1": "ada", "u3": "ada-1", "u2": "ben"}}
    (corpus.folder / "studio/state.json").write_text(json.dumps(state))
    blocks = segment(PAGES[0])
    hers = ["article", "sidebar", "article"]
    for name, labels in (("ada", hers), ("ada-1", hers), ("ben", ["article"] * 3)):
        write_annotations(
            corpus.folder / f"annotations/{name}.jsonl",
            [detach(blocks, labels, name, scheme="web-page@1", created_at="2026-01-01")],
        )
    assert {a.annotator for a in load_annotations(corpus.folder)[0]} == {"ada", "ben"}
    assert len(make_gold(corpus).disputed) == 1
    assert measure_agreement(corpus.folder).annotators == ["ada", "ben"]
    assert Annotators.read(corpus.folder / "studio").names(HERE, [ADA, OTHER, BEN]) == {1: "ada", 2: "ada-2", 3: "ben"}


def test_people_of_one_local_part_in_a_file_of_tasks(tmp_path: Path) -> None:
    data = tasks.task(segment(PAGES[0]))["data"]

    def by(email: str, labels: list[str]) -> dict[str, Any]:
        return {
            "id": len(email),
            "completed_by": {"email": email},
            "result": tasks.regions(segment(PAGES[0]).text, labels),
        }

    found, odd = answers_of(
        [{"id": 1, "data": data, "annotations": [by("ada@a.example", ["article"] * 3), by("ada@bb.example",
        ["form"] * 3),
                                                 by("gold@ccc.example", ["form"] * 3)]}],
        "web-page@1", Scheme.default().names,
    )  # fmt: skip
    assert (len({a.annotator for a in found}), odd) == (3, [])
    assert "gold" not in {a.annotator for a in found}


def review_of(name: str, labels: list[str | None], when: str = "2026-02-01T00:00:00+00:00") -> Annotation:
    made = detach(segment(PAGES[0]), labels, name, scheme="web-page@1", created_at=when)
    made.review = True
    return made


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    made = create(tmp_path / "c", ((page, {}) for page in PAGES))
    for name, last in (("ada", "sidebar"), ("ben", "form")):
        said = [
            detach(
                segment(p),
                ["article", "article", last],
                name,
                scheme="web-page@1",
                created_at="2026-01-01T00:00:00+00:00",
            )
            for p in PAGES
        ]
        write_annotations(made.folder / f"annotations/{name}.jsonl", said)
    return made


def test_a_review_decides_and_is_no_agreement(corpus: Corpus) -> None:
    before = measure_agreement(corpus.folder)
    write_annotations(corpus.folder / "annotations/carla.jsonl", [review_of("carla", [None, None, "form"])])
    after = measure_agreement(corpus.folder)
    assert (after.percent, after.annotators) == (before.percent, ["ada", "ben"])
    assert after.to_dict()["left_out"] == {"reviews": 1, "reviewers": ["carla"], "changed": 0}
    made = make_gold(corpus)
    assert (made.decided["majority"], len(made.disputed)) == (1, 2)
    assert make_gold(corpus, adjudicator="carla").decided["adjudicated"] == 1
    # Its votes say how good the reviewer is, and are weighed as others.
    judge = Judge.of(aligned(corpus.folder, reviews=True), Scheme.default().names)
    assert "carla" in judge.annotators
    make_gold(corpus, judge=judge)


def test_a_review_of_one_s_own_page_counts_on_its_blocks(corpus: Corpus) -> None:
    keep_annotations(corpus.folder / "annotations/ada.jsonl", [review_of("ada", [None, None, "form"])])
    assert [a.page for a in corpus.annotations()["ada"]] == ["p0", "p0", "p1", "p2"]
    assert [a.review for a in corpus.annotations()["ada"]] == [False, True, False, False]
    made = make_gold(corpus)
    assert [[run.label for run in a.labels] for a in made.annotations] == [
        ["article", "article", "form"],
        *[["article"] * 2] * 2,
    ]
    assert measure_agreement(corpus.folder).percent.value == pytest.approx(6 / 9)  # as they said by themselves
    # Said once more by herself afterwards, the page counts as it is then.
    again = detach(
        segment(PAGES[0]),
        ["article", "article", "sidebar"],
        "ada",
        scheme="web-page@1",
        created_at="2026-03-01T00:00:00+00:00",
    )
    keep_annotations(corpus.folder / "annotations/ada.jsonl", [again])
    assert len(make_gold(corpus).disputed) == 3


def test_a_review_that_an_older_version_kept_whole_becomes_one(tmp_path: Path) -> None:
    path = tmp_path / "carla.jsonl"
    whole = detach(
        segment(PAGES[0]),
        ["article", "article", "form"],
        "carla",
        scheme="web-page@1",
        created_at="2026-02-01T00:00:00+00:00",
    )
    write_annotations(path, [whole])
    assert "review" not in path.read_text()  # read as ever
    keep_annotations(path, [review_of("carla", [None, None, "form"])])
    assert [(a.review, len(a.labels)) for a in read_annotations(path)] == [(True, 1)]


def test_a_review_of_gold_that_nobody_annotated_keeps_the_rest(tmp_path: Path) -> None:
    corpus = create(tmp_path / "c", ((page, {}) for page in PAGES))
    save_gold(
        corpus.folder,
        [detach(segment(page), ["article", "article", "form"], "gold", scheme="web-page@1") for page in PAGES],
    )
    write_annotations(corpus.folder / "annotations/carla.jsonl", [review_of("carla", [None, None, "sidebar"])])
    made = make_gold(corpus)
    save_gold(corpus.folder, made.annotations)
    assert (made.decided["kept"], made.decided["single"], made.kept) == (2, 1, ["p1", "p2"])
    labels = {blocks.page.id: answers for blocks, answers in zip(*corpus.read_labelled(), strict=True)}
    as_it_was = ["article", "article", "form"]
    assert labels == {"p0": ["article", "article", "sidebar"], "p1": as_it_was, "p2": as_it_was}
    write_annotations(corpus.folder / "annotations/ada.jsonl", [review_of("ada", [None, None, "form"])])
    with pytest.raises(PageblocksError, match="no page has labels of two annotators but in reviews"):
        measure_agreement(corpus.folder)


def test_pages_that_the_corpus_lacks_give_no_gold_whatever_their_runs(corpus: Corpus) -> None:
    far = [Annotation("gone", "", "ada", [Run(0, 10**15, "article", "aa"), Run(10**15, 10**16, "form", "bb")])]
    write_annotations(corpus.folder / "annotations/dan.jsonl", far)
    made = make_gold(corpus)
    assert (made.absent, len(made.annotations)) == (["gone"], 3)


def test_an_answer_to_a_review_is_of_the_blocks_that_were_asked_about() -> None:
    blocks = segment(PAGES[0])
    blocks.tag = ["p", f"{tasks.MARK} p", "p"]
    item = tasks.task(blocks, ["article", "article", "sidebar"])
    answer = {"id": 1, "unique_id": "u", "completed_by": 3, "created_at": "2026-01-01T00:00:00Z"}
    shown = item["predictions"][0]
    for given, prediction, kept in (
        (["article", "form", "sidebar"], shown, ["form"]),
        (["appeal", "article", "sidebar"], shown, ["appeal", "article"]),  # changed, though nobody asked
        (["appeal", "article", "sidebar"], None, ["article"]),
    ):
        said = answer | {"result": tasks.regions(blocks.text, given), "prediction": prediction}
        task = {**item, "id": 4, "annotations": [said]}
        ((made,), odd) = annotations_of([task], {}, "web-page@1", users={3: "ben"})
        assert (made.annotator, made.review, [run.label for run in made.labels], odd) == ("ben", True, kept, [])
