"""Build the documentation site from the Markdown of the repository, the code and the command line.

    python docs/builder [--out site]

The pages are copied to a folder with the same layout as the repository, so links between them hold unchanged. The
reference pages are generated from the code and the command line. Zensical turns all pages into HTML and fails on
broken links.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(HERE)]

import commands  # noqa: E402
import figures  # noqa: E402
import library  # noqa: E402

from toolkit import __version__  # noqa: E402

# In reading order. Pages of docs/ that are not named here come last among the how-tos.
START = {
    "Overview": "index.md",
    "Quickstart": "docs/quickstart.md",
    "Install": "docs/install.md",
    "Tutorial: from ten pages to a model": "docs/tutorial.md",
}
HOW_TO = {
    "Label pages with Label Studio": "docs/label-studio.md",
    "Label without Label Studio": "docs/without-label-studio.md",
    "Choose pages and check labels": "docs/labelling.md",
    "Labelling guidelines": "labels/GUIDELINES.md",
    "Read pages, archives and tables": "docs/input.md",
    "Label a whole crawl": "docs/crawl.md",
    "With pandas, DuckDB and polars": "docs/pandas.md",
    "Run the HTTP service": "docs/serve.md",
    "Import, export and public corpora": "docs/exchange.md",
    "Run experiments": "docs/experiments.md",
}
REFERENCE = {
    "Commands": "reference/commands.md",
    "Python API": "reference/python.md",
    "File formats": "docs/formats.md",
    "Glossary": "docs/glossary.md",
}
FIGURES = {
    "The default model": "docs/model.md",
    "Results of the experiments": "figures.md",
    "Text extraction, compared with other tools": "docs/extraction.md",
    "Speed, memory and cost": "docs/cost.md",
    "How the default labels were made": "labels/web/README.md",
    "Silver labels": "labels/silver/README.md",
}
PROJECT = {"Changes": "CHANGELOG.md", "Contributing": "CONTRIBUTING.md", "Security": "SECURITY.md"}


def gather(pages: Path) -> None:
    """Copy the Markdown and the files that it links to into the folder `pages`, and write the generated pages there."""
    shutil.rmtree(pages, ignore_errors=True)
    texts = [*ROOT.glob("[A-Z]*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("labels/**/*.md")]
    texts.append(ROOT / "corpora/sample/README.md")
    for path in texts:
        for target in re.findall(r"\]\(([^)\s#]+)", path.read_text("utf-8")):
            linked = (path.parent / target).resolve()
            if not re.match(r"[a-z]+:", target) and linked.is_file() and linked.suffix != ".md":
                _copy(linked, pages / linked.relative_to(ROOT))
        _copy(path, pages / path.relative_to(ROOT))
    (pages / "README.md").unlink()  # it would be a second front page
    (pages / "docs/index.md").unlink()
    (pages / "index.md").write_text(front_page((ROOT / "docs/index.md").read_text("utf-8")), "utf-8")
    _copy(ROOT / "LICENSE", pages / "LICENSE")
    _copy(HERE / "extra.css", pages / "extra.css")
    (pages / "reference").mkdir()
    (pages / "reference/commands.md").write_text(commands.page(), "utf-8")
    (pages / "reference/python.md").write_text(library.page(), "utf-8")
    (pages / "figures.md").write_text(figures.page(ROOT / "experiments"), "utf-8")


def front_page(text: str) -> str:
    """The text of docs/index.md for the root of the site, with the version."""

    def moved(link: re.Match[str]) -> str:
        target = link[1].removeprefix("../")
        return f"]({target})" if target != link[1] or re.match(r"[a-z]+:", target) else f"](docs/{target})"

    return re.sub(r"\]\(([^)]+)\)", moved, text) + f"\nVersion {__version__}.\n"


def navigation(pages: Path) -> str:
    """The navigation as one line of TOML: overview, tutorial, how-tos, reference, figures, project."""
    how_to = dict(HOW_TO)
    named = {*START.values(), *HOW_TO.values(), *REFERENCE.values(), *FIGURES.values(), *PROJECT.values()}
    for path in sorted((pages / "docs").glob("*.md")):
        place = path.relative_to(pages).as_posix()
        if place not in named:
            title = re.search(r"^# (.+)", path.read_text("utf-8"), re.M)
            how_to[title[1] if title else path.stem] = place
    parts = [*_entries(START)]
    groups = {"How to": how_to, "Reference": REFERENCE, "Figures": FIGURES, "Project": PROJECT}
    for name, group in groups.items():
        parts.append(f"{{{_string(name)} = [{', '.join(_entries(group))}]}}")
    return f"nav = [{', '.join(parts)}]\n"


def _entries(group: dict[str, str]) -> list[str]:
    return [f"{{{_string(title)} = {_string(place)}}}" for title, place in group.items()]


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, to)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the folder for the site (default: site)")
    out = parser.parse_args().out.resolve()
    with tempfile.TemporaryDirectory(prefix="pageblocks-docs-") as folder:
        work = Path(folder)
        gather(work / "pages")
        settings = (HERE / "zensical.toml").read_text("utf-8")
        settings = settings.replace("[project]\n", f"[project]\n{navigation(work / 'pages')}", 1)
        (work / "zensical.toml").write_text(settings, "utf-8")
        built = subprocess.run(
            [sys.executable, "-m", "zensical", "build", "--clean", "--strict"], cwd=work, capture_output=True
        )
        if built.returncode:
            said = (
                (built.stdout + built.stderr)
                .decode("utf-8", "replace")
                .partition("Traceback (most recent call last)")[0]
            )
            print(said, file=sys.stderr)
            return 1
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(work / "site", out)
    print(out / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
