"""Drift is found where a crawl has other pages than the corpus, and not where chance explains the difference."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.crawl import classify_crawl
from toolkit.crawl.drift import Drift, compare
from toolkit.crawl.labelled import LabelledPage, draw, pages_in_crawl
from toolkit.errors import BadInput, UsageError
from toolkit.evaluate.divergence import holm, jensen_shannon, permuted

SAMPLE = Path(__file__).parents[2] / "corpora/sample"
ENGLISH = """the a of night ferry sails again harbour captain said that it would leave on Monday because winter was over
and people had waited long for boats to islands while rain fell over quiet town where children played""".split()
GERMAN = """die der das Nacht Fähre fährt wieder Hafen Kapitän sagte dass es am Montag losgehen würde weil der Winter
vorbei war und Leute lange auf Schiffe zu Inseln gewartet hatten während Regen über stille Stadt fiel""".split()
UNKNOWN = [f"{a}{b}qx{c}" for a in ("zu", "xo", "kri") for b in ("wq", "vz", "pf") for c in ("ul", "agh", "ij")]


def page(words: list[str], language: str, chance: random.Random) -> str:
    def sentence() -> str:
        return " ".join(chance.choices(words, k=chance.randint(8, 30))).capitalize() + "."

    story = "".join(f"<p>{sentence()} {sentence()}</p>" for _ in range(chance.randint(3, 9)))
    menu = "".join(f"<li><a href='/{k}'>{word}</a>" for k, word in enumerate(chance.choices(words, k=5)))
    return f"<html lang={language}><ul class=menu>{menu}</ul><article><h1>{sentence()}</h1>{story}</article></html>"


def shop(chance: random.Random) -> str:
    rows = "".join(
        f"<tr><td>{chance.choice(ENGLISH)}<td>{chance.randint(1, 99)} EUR" for _ in range(chance.randint(20, 60))
    )
    return f"<html lang=en><table>{rows}</table><form><label>Amount <input></label><button>Buy</button></form></html>"


Made = Callable[[random.Random], str]
KINDS: dict[str, Made] = {
    "before": lambda chance: page(ENGLISH, "en", chance),
    "same": lambda chance: page(ENGLISH, "en", chance),
    "german": lambda chance: page(GERMAN, "de", chance),
    "unknown": lambda chance: page(UNKNOWN, "en", chance),
    "shop": shop,
}


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crawls")
    for seed, (kind, made) in enumerate(KINDS.items()):
        chance = random.Random(seed)
        rows = [
            {"id": f"{kind}-{k}", "url": f"https://s{k // 2}-{kind}.example/{k}", "html": made(chance)}
            for k in range(80)
        ]
        (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        how = "jsonl" if kind == "same" else "parquet"
        classify_crawl([str(folder / f"{kind}.jsonl")], folder / kind, format=how, jobs=1)
    return folder


def compared(crawls: Path, kind: str) -> Drift:
    return compare(draw(crawls / "before", 500), draw(crawls / kind, 500))


def test_pages_of_one_kind_have_not_drifted(crawls: Path) -> None:
    found = compared(crawls, "same")
    assert (found.pages, found.sites) == ((80, 80), (40, 40))
    assert [aspect.size for aspect in found.aspects] == ["none"] * 6
    assert not found.to_dict()["drift"]
    assert found.notes == []


@pytest.mark.parametrize(
    ("kind", "first", "category"),
    [("german", "languages", "de"), ("unknown", "unknown words", "unknown"), ("shop", "tags", "td")],
)
def test_other_pages_have(crawls: Path, kind: str, first: str, category: str) -> None:
    found = compared(crawls, kind)
    aspects = {aspect.name: aspect for aspect in found.found}
    assert aspects[first].size == "large"
    assert category in [change.category for change in aspects[first].changes if change.now > change.before]
    assert aspects[first].advice
    assert aspects[first].divergence > aspects[first].by_chance
    order = ["large", "moderate", "slight", "none"]
    ranks = [(order.index(aspect.size), -aspect.divergence) for aspect in found.aspects]
    assert ranks == sorted(ranks)
    if kind == "german":
        assert "labels" not in aspects  # the same pages in another language
    if kind == "shop":
        assert {"labels", "tags"} <= aspects.keys()


def test_confidence_on_pages_that_the_model_knows_is_not_judged(crawls: Path) -> None:
    before, now = draw(crawls / "before", 500), draw(crawls / "shop", 500)
    (known,) = [a for a in compare(before, now, known=40).aspects if a.name == "confidence"]
    assert known.size == "none"
    assert known.divergence > known.by_chance
    assert any("learned from 40 of 80 pages" in note for note in compare(before, now, known=40).notes)


def test_few_sites_and_few_pages_are_told(crawls: Path) -> None:
    before, now = draw(crawls / "before", 500), draw(crawls / "german", 500)
    one = [LabelledPage("one.example", *list(vars(page).values())[1:]) for page in now]
    found = compare(before, one)
    assert found.aspects[0].name == "languages"
    assert any("the crawl has 1 site" in note for note in found.notes)
    assert any("only large changes" in note for note in compare(before, now[:12]).notes)
    with pytest.raises(UsageError, match="in the crawl"):
        compare(before, [])


def test_pages_are_drawn_from_all_shards(crawls: Path, tmp_path: Path) -> None:
    for format in ("parquet", "jsonl"):
        out = tmp_path / format
        classify_crawl([str(crawls / "before.jsonl")], out, format=format, jobs=1, shard_pages=1)
        whole = draw(out, 500)
        assert len(whole) == pages_in_crawl(out) == 80
        some = draw(out, 10, seed=1)
        assert len({id(page) for page in some}) == 10
        assert [page.texts for page in some] != [page.texts for page in draw(out, 10, seed=2)]
        assert len({page.site for page in draw(out, 40)}) > 15
    next((tmp_path / "parquet").glob("*.parquet")).write_bytes(b"PAR1 no more")
    with pytest.raises(BadInput, match="not a shard"):
        draw(tmp_path / "parquet", 500)


def test_the_command(crawls: Path) -> None:
    def run(*words: str) -> str:
        ran = CliRunner().invoke(app, ["drift", *words], catch_exceptions=False)
        assert ran.exit_code == 0
        return ran.output

    said = run(str(crawls / "same"), str(crawls / "before"))
    assert "No drift" in said
    said = run(str(crawls / "german"), str(SAMPLE), "--pages", "20")
    assert "Drift in languages" in said
    assert "label pages in de" in said
    assert "20 of 80 pages of the crawl were compared" in said
    found = json.loads(run(str(crawls / "shop"), str(crawls / "before"), "--json"))
    assert found["drift"] is True
    assert found["aspects"][0]["changes"][0].keys() == {"category", "before", "now"}
    settings = crawls / "shop/_run.json"
    settings.write_text(settings.read_text().replace('"model": "', '"model": "0'))
    for corpus, why in ((SAMPLE, "another model than default"), (crawls / "before", "by two models")):
        with pytest.raises(UsageError, match=why):
            run(str(crawls / "shop"), str(corpus))
    with pytest.raises(UsageError, match="not a labelled crawl"):
        run(str(SAMPLE), str(SAMPLE))


def test_divergence() -> None:
    equal, apart = np.array([0.5, 0.5]), np.array([[1.0, 0.0], [0.5, 0.5]])
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(1)
    assert jensen_shannon(equal, apart) == pytest.approx([0.3113, 0], abs=1e-4)
    assert holm([0.01, 0.5, 0.02]) == pytest.approx([0.03, 0.5, 0.04])


def test_pages_of_a_site_are_one_observation() -> None:
    """A site with a hundred equal pages is no more evidence than a site with one."""
    shares = np.repeat(np.eye(2)[[0, 0, 0, 1, 0, 1]], 100, axis=0)
    second = np.repeat([False, False, False, True, True, True], 100)
    sites = np.repeat(list("abcdef"), 100).tolist()
    assert permuted(shares, second, sites)[2] > 0.1
    assert permuted(shares, second, [str(k) for k in range(600)])[2] < 0.01
