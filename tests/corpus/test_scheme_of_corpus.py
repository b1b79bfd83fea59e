"""A corpus remembers its label scheme: commands need no --scheme, and none works under a scheme that the labels are not
of.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from toolkit.cli import app
from toolkit.corpus.folder import Corpus
from toolkit.corpus.scheme import keep_scheme, read_scheme, scheme_of
from toolkit.errors import PageblocksError
from toolkit.exchange.card import make_card
from toolkit.exchange.hub import files_to_send
from toolkit.experiment import run
from toolkit.labelling.migrate.corpus import MigrationPlan, migrate_corpus
from toolkit.labelling.migrate.run import migrate
from toolkit.scheme import Scheme
from toolkit.standoff import read_annotations

SCHEME = """# Written by the bakery.
name = "bread"
version = "1"

[[labels]]
name = "dough"
definition = "What is kneaded."
color = "#A06000"

[[labels]]
name = "crumbs"
definition = "All the rest."
color = "#0060A0"
"""
NEW = SCHEME.replace('version = "1"', 'version = "2"').replace('"crumbs"', '"leftovers"')


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A scheme file, and six labelled pages of six sites under it."""
    rows = []
    for k in range(6):
        (tmp_path / f"p{k}.html").write_text(
            f"<h1>Loaf {k}</h1><p>Knead it for {k + 5} minutes.</p><p>Crumbs of day {k}</p>"
        )
        texts = [(f"Loaf {k}", "crumbs"), (f"Knead it for {k + 5} minutes.", "dough"), (f"Crumbs of day {k}", "crumbs")]
        blocks = [{"text": text, "label": label} for text, label in texts]
        rows.append({"id": f"p{k}", "url": f"https://baker{k}.example/", "html": f"p{k}.html", "blocks": blocks})
    (tmp_path / "labelled.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "bread.toml").write_text(SCHEME)
    (tmp_path / "bread-2.toml").write_text(NEW)
    return tmp_path


@pytest.fixture
def corpus(own: Path) -> Path:
    done = call("import", own / "labelled.jsonl", "--out", own / "corpus", "--scheme", own / "bread.toml")
    assert done.exit_code == 0, done.output
    return own / "corpus"


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def refused(*words: object) -> str:
    done = call(*words)
    assert isinstance(done.exception, PageblocksError), (done.exception, done.output)
    said = str(done.exception)
    assert "\n" not in said
    return said


def forget(corpus: Path) -> None:
    (corpus / "scheme.toml").unlink()


COMMANDS: dict[str, Callable[[Path], list[object]]] = {
    "train": lambda c: ["train", c, "--out", c.parent / "model"],
    "evaluate": lambda c: ["evaluate", c, "--folds", "2", "--json", "--out", c.parent / "report.html"],
    "doubts": lambda c: ["doubts", c, "--kind", "contradiction"],
    "card": lambda c: ["card", c],
    "export": lambda c: ["export", c, "--out", c.parent / "out.csv", "--format", "csv"],
    "export --dry-run": lambda c: ["export", c, "--out", c.parent / "out.csv", "--format", "csv", "--dry-run"],
    "push --dry-run": lambda c: ["push", c, "--project", "Bread", "--dry-run", "--url", "http://127.0.0.1:9"],
    "push": lambda c: ["push", c, "--project", "Bread", "--url", "http://127.0.0.1:9"],
    "next": lambda c: ["next", c],
}
OFFLINE = [name for name in COMMANDS if not name.startswith(("push", "next", "evaluate"))]


def test_import_keeps_the_file_as_it_is(corpus: Path, own: Path) -> None:
    assert (corpus / "scheme.toml").read_text() == SCHEME
    assert Corpus.open(corpus).scheme() == Scheme.load(own / "bread.toml")
    done = call("import", own / "p0.html", "--out", own / "pages", "--scheme", own / "bread.toml")
    assert done.exit_code == 0
    assert (own / "pages/scheme.toml").read_text() == SCHEME
    assert call("import", own / "p0.html", "--out", own / "plain").exit_code == 0
    assert not (own / "plain/scheme.toml").exists()  # nobody has said which labels it will get


@pytest.mark.parametrize("name", OFFLINE)
def test_commands_take_the_scheme_of_the_corpus(name: str, corpus: Path) -> None:
    assert call(*COMMANDS[name](corpus)).exit_code == 0


def test_reports_and_cards_are_of_the_scheme_of_the_corpus(corpus: Path) -> None:
    done = call(*COMMANDS["evaluate"](corpus))
    assert done.exit_code == 0, done.exception
    assert json.loads(done.stdout)["labels"] == ["dough", "crumbs"]
    assert "What is kneaded." in (corpus.parent / "report.html").read_text()
    text = make_card(corpus)
    assert "`dough`, `crumbs` (scheme bread@1)" in text
    assert "article" not in text
    call(*COMMANDS["train"](corpus))
    assert json.loads((corpus.parent / "model/model.json").read_text())["scheme"] == "bread@1"
    for path in (corpus / "scheme.toml", corpus / "gold.jsonl"):
        path.write_text(path.read_text().replace('version = "1"', 'version = "2"').replace("bread@1", "bread@2"))
    told = call("evaluate", corpus, "--model", corpus.parent / "model", "--json").stderr
    assert "the model was trained on labels of bread@1, the corpus has labels of bread@2" in told


@pytest.mark.parametrize("name", COMMANDS)
def test_an_old_corpus_of_another_scheme_is_refused(name: str, corpus: Path) -> None:
    forget(corpus)
    said = refused(*COMMANDS[name](corpus))
    assert "gold.jsonl: its labels are of the scheme bread@1" in said
    assert "--scheme FILE" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_a_scheme_that_is_not_the_one_of_the_corpus_is_refused(name: str, corpus: Path, own: Path) -> None:
    said = refused(*COMMANDS[name](corpus), "--scheme", own / "bread-2.toml")
    assert "the corpus is of the scheme bread@1, not of bread@2" in said
    assert "--scheme FILE" in said
    assert "scheme migrate" in said
    forget(corpus)
    said = refused(*COMMANDS[name](corpus), "--scheme", own / "bread-2.toml")
    assert "its labels are of the scheme bread@1, not of bread@2" in said
    assert "--scheme FILE" in said
    assert "scheme migrate" in said


def test_an_old_corpus_is_fine_with_its_scheme(corpus: Path, own: Path) -> None:
    forget(corpus)
    assert "(scheme bread@1)" in call("card", corpus, "--scheme", own / "bread.toml").stdout
    assert not (corpus / "scheme.toml").exists()  # it was looked at only


def test_equal_name_and_version_with_other_labels_are_another_scheme(corpus: Path, own: Path) -> None:
    (own / "third.toml").write_text(SCHEME.replace('"crumbs"', '"peel"'))
    said = refused("train", corpus, "--out", own / "m", "--scheme", own / "third.toml")
    assert "give the new one another version" in said
    assert "scheme migrate" in said
    (own / "reworded.toml").write_text(SCHEME.replace("All the rest.", "What falls off."))
    assert call("card", corpus, "--scheme", own / "reworded.toml").exit_code == 0


def test_labels_that_name_no_scheme_are_compared_one_by_one(corpus: Path) -> None:
    gold = corpus / "gold.jsonl"
    gold.write_text(gold.read_text().replace('"scheme": "bread@1"', '"scheme": ""'))
    forget(corpus)
    for name in ("train", "card", "export", "doubts"):
        said = refused(*COMMANDS[name](corpus))
        assert "unknown label 'crumbs' (12 blocks), 'dough' (6 blocks)" in said
        assert "--scheme FILE" in said


def test_import_names_the_way_out(own: Path) -> None:
    said = refused("import", own / "labelled.jsonl", "--out", own / "c")
    assert "unknown label 'crumbs'" in said
    assert "--scheme FILE" in said
    assert not (own / "c").exists()


@pytest.mark.parametrize(
    ("format", "ending"), [("label-studio", "json"), ("csv", "csv"), ("spacy", "jsonl"), ("textcat", "jsonl")]
)
def test_files_without_a_scheme_lose_no_label(format: str, ending: str, corpus: Path, own: Path) -> None:
    file = own / f"out.{ending}"
    assert call("export", corpus, "--format", format, "--out", file).exit_code == 0
    said = refused("import", file, "--format", format, "--out", own / "back")
    assert "unknown label 'crumbs'" in said
    assert "--scheme FILE" in said
    assert not (own / "back").exists()
    assert (
        call("import", file, "--format", format, "--out", own / "back", "--scheme", own / "bread.toml").exit_code == 0
    )
    assert (own / "back/scheme.toml").read_text() == SCHEME


def test_annotations_of_another_scheme_are_refused_where_they_count(corpus: Path) -> None:
    (corpus / "annotations").mkdir()
    lines = (corpus / "gold.jsonl").read_text().replace('"gold"', '"ada"').replace("bread@1", "bread@0")
    (corpus / "annotations/ada.jsonl").write_text(lines)
    for words in (["agree", corpus, "--gold", "--force"], ["agree", corpus / "annotations"], ["card", corpus]):
        assert "ada.jsonl: its labels are of the scheme bread@0" in refused(*words)
    assert "ada.jsonl: its labels are of the scheme bread@0" in refused(*COMMANDS["push"](corpus))
    assert call(*COMMANDS["train"](corpus)).exit_code == 0  # learns from the gold alone
    said = refused("agree", corpus / "annotations/ada.jsonl")
    assert f"scheme migrate {corpus / 'scheme.toml'} --corpus {corpus}" in said
    moved = call("scheme", "migrate", corpus / "scheme.toml", "--corpus", corpus)
    assert moved.exit_code == 0, moved.exception
    assert call("card", corpus).exit_code == 0


def test_gold_is_remembered_with_its_scheme(corpus: Path, own: Path) -> None:
    (corpus / "annotations").mkdir()
    shutil.move(corpus / "gold.jsonl", corpus / "annotations/ada.jsonl")
    lines = (corpus / "annotations/ada.jsonl").read_text().replace('"gold"', '"ada"')
    (corpus / "annotations/ada.jsonl").write_text(lines)
    forget(corpus)
    assert "--scheme FILE" in refused("agree", corpus, "--gold")
    done = call("agree", corpus, "--gold", "--scheme", own / "bread.toml")
    assert done.exit_code == 0, done.exception
    assert (corpus / "scheme.toml").read_text() == SCHEME
    assert call("agree", corpus, "--gold", "--force").exit_code == 0


def test_gold_of_the_default_scheme_is_remembered_as_well(own: Path) -> None:
    labelled = (own / "labelled.jsonl").read_text().replace('"dough"', '"article"').replace('"crumbs"', '"sidebar"')
    (own / "labelled.jsonl").write_text(labelled)
    assert call("import", own / "labelled.jsonl", "--out", own / "web").exit_code == 0
    assert read_scheme(own / "web") == Scheme.default()


def test_exports_carry_the_scheme_and_imports_find_it(corpus: Path, own: Path) -> None:
    assert call("export", corpus, "--out", own / "data").exit_code == 0
    assert (own / "data/scheme.toml").read_text() == SCHEME
    assert "scheme.toml" in files_to_send(own / "data")
    done = call("import", own / "data", "--format", "datasets", "--out", own / "back")
    assert done.exit_code == 0, done.exception
    assert (own / "back/scheme.toml").read_text() == SCHEME
    said = refused(
        "import", own / "data", "--format", "datasets", "--out", own / "other", "--scheme", own / "bread-2.toml"
    )
    assert "of the scheme bread@1, not of bread@2; leave out --scheme FILE" in said
    for format, ending in (("csv", "csv"), ("spacy", "jsonl"), ("label-studio", "json")):
        file = own / f"{format}.{ending}"
        assert call("export", corpus, "--format", format, "--out", file).exit_code == 0
        done = call("import", file, "--format", format, "--pages", corpus, "--out", own / format)
        assert done.exit_code == 0, done.exception
        assert (own / format / "scheme.toml").read_text() == SCHEME
        assert Corpus.open(own / format).gold().keys() == Corpus.open(corpus).gold().keys()


def test_a_model_of_other_labels_is_refused_with_the_way_out(corpus: Path) -> None:
    said = refused(*COMMANDS["push"](corpus))
    assert "the scheme bread@1 has dough, crumbs" in said
    assert "--model none" in said
    assert "take a model that was trained on labels of this scheme" in refused("evaluate", corpus, "--model", "default")


def test_migrate_moves_the_scheme_with_the_labels(corpus: Path, own: Path) -> None:
    words = ["scheme", "migrate", own / "bread-2.toml", "--corpus", corpus, "--rename", "crumbs=leftovers"]
    assert call(*words, "--dry-run").exit_code == 0
    assert (corpus / "scheme.toml").read_text() == SCHEME
    assert call(*words).exit_code == 0
    assert (corpus / "scheme.toml").read_text() == NEW
    (kept,) = (corpus / "before-migration").glob("*/scheme.toml")
    assert kept.read_text() == SCHEME
    assert "(scheme bread@2)" in call("card", corpus).stdout


def test_migrate_is_all_or_nothing(corpus: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (corpus / "annotations").mkdir()
    (corpus / "annotations/ada.jsonl").write_text((corpus / "gold.jsonl").read_text().replace('"gold"', '"ada"'))
    names = ("gold.jsonl", "annotations/ada.jsonl", "scheme.toml")
    before = {name: (corpus / name).read_bytes() for name in names}
    plan = MigrationPlan.of(Scheme.load(own / "bread-2.toml"), rename=["crumbs=leftovers"])

    def full(folder: Path, scheme: Scheme) -> None:
        raise PageblocksError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("toolkit.labelling.migrate.corpus.keep_scheme", full)
        with pytest.raises(PageblocksError, match="the disk is full"):
            migrate_corpus(plan, corpus)
    assert {name: (corpus / name).read_bytes() for name in names} == before
    migrate_corpus(plan, corpus)
    keep_scheme(corpus, Scheme.load(own / "bread.toml"))  # as after a kill between the labels and the scheme
    assert "scheme migrate" in refused("card", corpus)
    migrate_corpus(plan, corpus)
    assert (corpus / "scheme.toml").read_text() == NEW
    assert {a.scheme for a in read_annotations(corpus / "gold.jsonl")} == {"bread@2"}


def test_a_corpus_without_labels_changes_its_scheme(own: Path) -> None:
    call("import", own / "p0.html", "--out", own / "pages", "--scheme", own / "bread.toml")
    migrate(MigrationPlan.of(Scheme.load(own / "bread-2.toml")), own / "pages")
    assert (own / "pages/scheme.toml").read_text() == NEW
    (own / "bread-3.toml").write_text(NEW.replace('"dough"', '"batter"'))
    with pytest.raises(PageblocksError, match="another version"):
        migrate(MigrationPlan.of(Scheme.load(own / "bread-3.toml")), own / "pages")


def test_a_scheme_that_was_made_in_python_is_kept(tmp_path: Path) -> None:
    label = {"color": "#A06000", "definition": 'Says "quote", \\ and\n€\u2028\x7f🍞.'}
    made = Scheme.model_validate({"name": "x", "version": "1", "labels": [{"name": n, **label} for n in ("a", "b")]})
    keep_scheme(tmp_path, made)
    assert scheme_of(tmp_path) == made
    newer = Scheme.default().model_copy(update={"version": "7"})
    keep_scheme(tmp_path / "other", newer)  # no text of the old file stands for it
    assert scheme_of(tmp_path / "other").id == "web-page@7"


def test_an_experiment_shows_the_labels_in_the_order_of_the_scheme(corpus: Path, own: Path) -> None:
    path = own / "experiments/a.toml"
    path.parent.mkdir()
    path.write_text(
        'title = "t"\nquestion = "q?"\ncorpus = "../corpus"\ncv = 2\nfolds = 2\nhidden = 4\nepochs = 1\nmembers = 1\n',
        "utf-8",
    )
    assert run(path, cache=None).points[0].evaluation.labels == ["dough", "crumbs"]
    forget(corpus)
    with pytest.raises(PageblocksError, match="--scheme FILE"):
        run(path, cache=None)
