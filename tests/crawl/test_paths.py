"""No path of this machine gets into what is passed on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from toolkit.cli import app

SAMPLE = Path(__file__).parents[2] / "corpora/sample"


def test_reports_models_cards_exports_and_json_lines(tmp_path: Path) -> None:
    corpus = tmp_path / "corpora/mine"
    shutil.copytree(SAMPLE, corpus)
    page = next((corpus / "pages").glob("*.html*"))

    def run(*words: str) -> str:
        ran = CliRunner().invoke(app, [*words])
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    jsonl = run("classify", str(page), "--format", "jsonl") + run("segment", str(corpus / "pages"), "--format", "jsonl")
    first = sorted((corpus / "pages").iterdir())[0].name
    assert [json.loads(line)["source"] for line in jsonl.splitlines()][:2] == [page.name, f"pages/{first}"]
    run("train", str(corpus), "--init", "default", "--out", str(tmp_path / "made"))
    run("evaluate", str(corpus), "--model", str(tmp_path / "made"), "--out", str(tmp_path / "report.html"))
    run("card", str(tmp_path / "made"))
    run("card", str(corpus))
    for format in ("csv", "spacy"):
        run(
            "export",
            str(corpus),
            "--format",
            format,
            "--out",
            str(tmp_path / f"out.{'csv' if format == 'csv' else 'jsonl'}"),
        )
    made = [path for path in tmp_path.rglob("*") if path.is_file() and corpus / "pages" not in path.parents]
    assert len(made) > 8
    for content in (jsonl.encode(), *(path.read_bytes() for path in made)):
        assert str(tmp_path).encode() not in content
