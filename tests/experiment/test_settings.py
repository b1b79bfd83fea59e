"""Experiment files: what is refused, what one takes over from another, which points a grid has."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.errors import PageblocksError
from toolkit.experiment import find_experiment, read_experiment
from toolkit.experiment.settings import Recipe, read_recipe

ROOT = Path(__file__).parents[2]
WRONG = [
    ('corpus = "c"\nno_such = 1', "no_such"),
    ('corpus = "c"\ncv = 1', "cv"),
    ('corpus = "c"\nshare = 1.5', "share"),
    ('corpus = "c"\nformat = "pdf"', "format"),
    ('corpus = "c"\nmetrics = ["beauty"]', "metrics"),
    ('corpus = "c"\nwithout = ["luck"]', "without: give any of words, names"),
    ('corpus = "c"\ngold = ["g"]', "one of them"),
    ("cv = 2", "one of them"),
    ('corpus = "c"\n[labels]\na = ["x"]\nb = ["x"]', "one label to two groups"),
    ('corpus = "c"\n[labels]\na = ["x"]', "two groups or more"),
    ('corpus = "c"\n[grid]\nseed = [1, "x"]', "seed"),
    ('corpus = "c"\n[grid]\nno_such = [1]', "no_such"),
    ('corpus = "c"\n[grid]\ntitle = ["x"]', "cannot change title"),
    ("corpus = ", "not TOML"),
    ('base = "../other.toml"', "beside it"),
    ('base = "missing.toml"', "missing.toml"),
    ('base = "bad.toml"', "leads back"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(f'title = "t"\n{text}\n', "utf-8")
    with pytest.raises(PageblocksError, match=said):
        [point for _, point in read_experiment(path).points()]


def test_a_file_takes_over_its_base(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'title = "a"\nquestion = "?"\ncorpus = "c"\nmembers = 3\n[grid]\nseed = [1, 2]\n', "utf-8"
    )
    (tmp_path / "b.toml").write_text('base = "a.toml"\ntitle = "b"\nhidden = 8\n', "utf-8")
    found = read_experiment(tmp_path / "b.toml")
    assert (found.title, found.question, found.corpus, found.members, found.hidden, found.grid) == (
        "b",
        "",
        "c",
        3,
        8,
        {},
    )


def test_a_grid_has_every_combination(tmp_path: Path) -> None:
    path = tmp_path / "g.toml"
    path.write_text(
        'title = "g"\ncorpus = "c"\n[grid]\nmembers = [1, 2]\ncontent = [[], ["w"]]\ncorpora = [["w"]]\n', "utf-8"
    )
    points = read_experiment(path).points()
    assert [(p.members, p.content) for _, p in points] == [(1, []), (1, ["w"]), (2, []), (2, ["w"])]
    assert points[3][0] == {"members": 2, "content": ["w"], "corpora": ["w"]}
    assert all(p.grid == {} for _, p in points)


@pytest.mark.parametrize("path", sorted((ROOT / "experiments").glob("*.toml")), ids=lambda path: path.stem)
def test_ours_are_sound(path: Path) -> None:
    found = read_experiment(path)
    assert found.question.endswith("?")
    assert found.points()
    for name in [*found.gold, *([found.corpus] if found.corpus else [])]:
        assert (path.parent / name).exists()


def test_an_experiment_is_a_recipe() -> None:
    recipe = read_recipe(ROOT / "experiments/default.toml")
    assert type(recipe) is Recipe
    assert recipe.classifier().get_params()["members"] == 1
    with pytest.raises(PageblocksError, match="pageblocks train ../corpora/sample"):
        read_recipe(ROOT / "experiments/sample.toml")


def test_names_and_paths_are_found() -> None:
    assert find_experiment("default", ROOT / "experiments") == ROOT / "experiments/default.toml"
    assert find_experiment(ROOT / "experiments/default.toml") == ROOT / "experiments/default.toml"
    with pytest.raises(
        PageblocksError, match=r"no such experiment; there are: ablation, article-against-rest, default"
    ):
        find_experiment("defualt", ROOT / "experiments")
