"""The exported data set as its users open it: load_dataset on the folder, and what would go to the Hub."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit.corpus import split, split_path
from toolkit.corpus.folder import Corpus, create, save_gold
from toolkit.errors import PageblocksError
from toolkit.exchange import dataset_dict, export, push_to_hub
from toolkit.exchange.card import read_card
from toolkit.exchange.hub import files_to_send
from toolkit.exchange.rows import labelled_pages
from toolkit.page import Page, group_of
from toolkit.scheme import Scheme
from toolkit.segment import segment
from toolkit.standoff import detach

ROOT = Path(__file__).parents[2]
NAMES = Scheme.default().names


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """24 short pages on twelve sites; the last block of each has no label."""
    pages = []
    for number in range(24):
        body = f"<h1>Story {number}</h1><p>Text {number}</p><p>Sign up</p><p>Imprint</p>"
        pages.append(Page(f"p{number:02}", "", body.encode(), "html", f"https://site{number % 12}.example/{number}"))
    made = create(tmp_path_factory.mktemp("corpus") / "twelve", [(page, {"type": "news"}) for page in pages])
    labels = ["article", "article", "appeal", None]
    save_gold(made.folder, [detach(segment(page), labels, "gold", scheme="web-page@1") for page in pages])
    return made


@pytest.fixture(scope="module")
def folder(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "twelve"
    export(corpus, out, "datasets")
    return out


def test_load_dataset_opens_the_folder(
    folder: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    datasets.disable_progress_bars()
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path))
    assert list(found) == ["train", "validation", "test"]
    assert found["train"].features["label"].names == NAMES
    rows = [row for split in found.values() for row in split]
    assert len(rows) == 24 * 4
    by_block = {row["block"]: row for row in rows}
    (first,) = (row for row in rows if row["page"] == "p00" and row["position"] == 0)
    assert (first["text"], first["label"], first["tag"]) == ("Story 0", NAMES.index("article"), "h1")
    assert (first["url"], first["site"], first["type"]) == ("https://site0.example/0", "site0.example", "news")
    assert {row["label"] for row in rows if row["position"] == 3} == {None}
    assert set(by_block) == {id for page in corpus.pages() for id in segment(page).ids}
    sites = [set(split["site"]) for split in found.values()]
    assert not sites[0] & sites[1] | sites[0] & sites[2] | sites[1] & sites[2]
    assert all(sites)
    pages = datasets.load_dataset(str(folder), "pages", cache_dir=str(tmp_path))
    one = next(row for split in pages.values() for row in split if row["page"] == "p00")
    assert one["texts"] == ["Story 0", "Text 0", "Sign up", "Imprint"]
    assert one["labels"] == [NAMES.index(name) for name in ("article", "article", "appeal")] + [None]
    again = datasets.DatasetDict(found)
    again.save_to_disk(str(tmp_path / "disk"))
    assert datasets.DatasetDict.load_from_disk(str(tmp_path / "disk"))["test"].num_rows == found["test"].num_rows


def test_the_head_of_the_card_says_what_the_files_hold(folder: Path) -> None:
    from huggingface_hub import DatasetCard

    head, text = read_card(folder / "README.md")
    assert (
        DatasetCard(f"---\n{(folder / 'README.md').read_text().split('---')[1]}---\n").data.to_dict()["license"]
        == "unknown"
    )
    infos = {info["config_name"]: info for info in head["dataset_info"]}
    for config, count in (("blocks", 96), ("pages", 24)):
        assert sum(split["num_examples"] for split in infos[config]["splits"]) == count
    label = next(column for column in infos["blocks"]["features"] if column["name"] == "label")
    assert list(label["dtype"]["class_label"]["names"].values()) == NAMES
    assert head["size_categories"] == ["n<1K"]
    assert "| article | 48 | 96 |" in text
    assert "No site is in two splits" in text


def test_only_the_card_and_the_tables_are_sent(folder: Path) -> None:
    (folder / ".token").write_text("secret")
    (folder / "notes.txt").write_text("mine")
    sent = files_to_send(folder)
    assert sent[0] == "README.md"
    assert sent[1] == "scheme.toml"
    assert sorted(sent[2:]) == sorted(
        f"{part}/{split}-00000-of-00001.parquet"
        for part in ("data", "pages")
        for split in ("train", "validation", "test")
    )
    with pytest.raises(PageblocksError, match="not a data set to send"):
        files_to_send(folder / "data")


def test_no_way_to_the_hub_is_said_in_one_line_without_the_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setenv("HF_TOKEN", "hf_secretsecret")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(PageblocksError, match="me/sample: cannot be sent") as raised:
        push_to_hub(folder, "me/sample")
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(PageblocksError, match="cannot be sent"):
        push_to_hub(folder, "not a name")


def test_an_export_again_keeps_what_people_wrote(folder: Path, corpus: Corpus) -> None:
    folder = folder.parent / "again"
    export(corpus, folder, "datasets")
    path = folder / "README.md"
    path.write_text(
        path.read_text().replace("license: unknown", "license: mit").replace("# twelve", "# Twelve\n\nBy hand.")
    )
    export(corpus, folder, "datasets", force=True)
    head, text = read_card(path)
    assert head["license"] == "mit"
    assert "By hand." in text


def test_a_split_of_somebody_else_s_is_kept(corpus: Corpus) -> None:
    pages = list(labelled_pages(corpus))
    where = {group_of(page.blocks): "test" for page in pages} | {"site1.example": "train"}
    made = dataset_dict(pages, Scheme.default(), splits=where)
    assert set(made["train"]["site"]) == {"site1.example"}
    assert made["validation"].num_rows == 0
    del where["site2.example"]
    with pytest.raises(PageblocksError, match="where 'site2.example' belongs"):
        dataset_dict(pages, Scheme.default(), splits=where)


def test_the_corpus_own_split_is_kept(corpus: Corpus, tmp_path: Path) -> None:
    copy = Corpus.open(shutil.copytree(corpus.folder, tmp_path / "copy"))
    sites = {f"site{number}.example": "validation" if number else "test" for number in range(12)}
    (copy.folder / "split.json").write_text(json.dumps({"sites": sites, "seed": 0}))
    assert export(copy, tmp_path / "out", "datasets").splits == sites
    (copy.folder / "split.json").write_text(json.dumps({"sites": {"site1.example": "tests"}}))
    with pytest.raises(PageblocksError, match="split.json"):
        export(copy, tmp_path / "out", "datasets", force=True)


def test_a_label_that_the_scheme_does_not_have_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(
        'name = "s"\nversion = "1"\n'
        + "".join(f'[[labels]]\nname = "{name}"\ndefinition = "x"\ncolor = "#111111"\n' for name in ("article", "rest"))
    )
    with pytest.raises(PageblocksError, match=r"of the scheme web-page@1, not of s@1.*--scheme FILE.*scheme migrate"):
        export(corpus, tmp_path / "out", "datasets", scheme=Scheme.load(tmp_path / "s.toml"))
    assert not (tmp_path / "out").exists()


def test_export_and_split_put_a_site_into_the_same_part_in_either_order(tmp_path: Path) -> None:
    """The twins' text has one page without gold: what is alike is found among all pages, not only the labelled ones."""
    chance = random.Random(7)
    words = (
        "orchard lantern gravel meadow saddle barley cellar mitten copper hedge walnut thimble linen bramble".split()
    )
    words.append("stable")

    def page(name: str, site: str, text: str) -> Page:
        return Page(name, "", text.encode(), "html", f"https://{site}.example/")

    def story() -> str:
        return "".join(f"<p>{' '.join(chance.choice(words) for _ in range(40))}</p>" for _ in range(4))

    pages = [page(f"p{number:02}", f"own{number}", story()) for number in range(40)]
    for number in range(10):
        twin = story()
        pages += [page(f"a{number}", f"aa{number}", twin), page(f"z{number}", f"zz{number}", twin)]
    made = create(tmp_path / "corpus", [(one, {}) for one in pages])
    gold = [segment(one) for one in pages if not one.id.startswith("a")]
    save_gold(made.folder, [detach(one, ["article"] * len(one), "gold", scheme="web-page@1") for one in gold])
    before = export(made, tmp_path / "before", "datasets").splits
    chosen = split(made.segmented(), split_path(made.folder))
    assert before == {site: chosen.part(site) for site in before}
    assert set(before.values()) == {"train", "validation", "test"}
    assert any(chosen.part(f"zz{n}.example") != chosen.by_hash(f"zz{n}.example") for n in range(10))
    assert export(made, tmp_path / "after", "datasets").splits == before
    assert export(made, tmp_path / "all", "datasets", all_pages=True).splits == chosen.sites


def test_an_export_with_an_empty_split_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    one = Page("p", "", b"<p>The mill stands still.</p>", "html", "https://mill.example/")
    made = create(tmp_path / "corpus", [(one, {})])
    save_gold(made.folder, [detach(segment(one), ["article"], "gold", scheme="web-page@1")])
    export(made, tmp_path / "out", "datasets")
    found = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert [part.num_rows for part in found.values()] == [1]


def test_the_example_of_the_documentation_runs(folder: Path, tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/exchange.md").read_text("utf-8"), re.M | re.S)
    shutil.copytree(folder, tmp_path / "exported/sample")
    env = {"PATH": "", "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=env)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == str(NAMES)
