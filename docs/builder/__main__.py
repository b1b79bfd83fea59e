"""make docs: the Markdown of the repository and what the code says of itself, as a site in site/.

    python docs/builder [--out site]

The pages are gathered in a folder as they lie in the repository, so that links between them hold as they are written;
the reference is made from the code and the command line each time. Zensical turns them into HTML and stops at broken
links.
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

# In reading order. Pages of docs/ that are not named here come last among the how-tos.
START = {"What it is": "index.md", "Install": "docs/install.md", "From ten pages to a model": "docs/tutorial.md"}
HOW_TO = {
    "Work with Label Studio": "docs/label-studio.md",
    "Choose pages, weigh labels": "docs/labelling.md",
    "Decide hard cases": "labels/GUIDELINES.md",
    "Read pages, archives and tables": "docs/input.md",
    "Label a crawl": "docs/crawl.md",
    "Serve over HTTP": "docs/serve.md",
    "Exchange with other tools": "docs/exchange.md",
    "Ask by experiment": "docs/experiments.md",
}
REFERENCE = {"Commands": "reference/commands.md", "Python": "reference/python.md", "File formats": "docs/formats.md"}
FIGURES = {"Experiments": "figures.md", "The labels behind the model": "labels/web/README.md"}
PROJECT = {"Changes": "CHANGELOG.md", "Contributing": "CONTRIBUTING.md", "Security": "SECURITY.md"}
BESIDE = {"docs/extraction.md": ("Extraction against others", FIGURES), "docs/model.md": ("The default model", FIGURES)}


def gather(pages: Path) -> None:
    """Copy the Markdown, and the files that it links to, to the folder `pages`; write the generated pages beside it."""
    shutil.rmtree(pages, ignore_errors=True)
    texts = [ROOT / "README.md", *ROOT.glob("[A-Z]*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("labels/**/*.md")]
    texts.append(ROOT / "corpora/sample/README.md")
    for path in texts:
        place = path.relative_to(ROOT)
        for target in re.findall(r"\]\(([^)\s#]+)", path.read_text("utf-8")):
            linked = (path.parent / target).resolve()
            if not re.match(r"[a-z]+:", target) and linked.is_file() and linked.suffix != ".md":
                _copy(linked, pages / linked.relative_to(ROOT))
        _copy(path, pages / ("index.md" if place == Path("README.md") else place))
    _copy(ROOT / "LICENSE", pages / "LICENSE")
    _copy(HERE / "extra.css", pages / "extra.css")
    (pages / "reference").mkdir()
    (pages / "reference/commands.md").write_text(commands.page(), "utf-8")
    (pages / "reference/python.md").write_text(library.page(), "utf-8")
    (pages / "figures.md").write_text(figures.page(ROOT / "experiments"), "utf-8")


def navigation(pages: Path) -> str:
    """The list of pages as a line of TOML: what it is, tutorial, how-tos, reference, figures, the project."""
    how_to, shown = dict(HOW_TO), {"Figures": dict(FIGURES)}
    named = {*START.values(), *HOW_TO.values(), *REFERENCE.values(), *FIGURES.values(), *PROJECT.values()}
    for path in sorted((pages / "docs").glob("*.md")):
        place = path.relative_to(pages).as_posix()
        if place in BESIDE:
            shown["Figures"][BESIDE[place][0]] = place
        elif place not in named:
            title = re.search(r"^# (.+)", path.read_text("utf-8"), re.M)
            how_to[title[1] if title else path.stem] = place
    parts = [*_entries(START)]
    for name, group in {"How to": how_to, "Reference": REFERENCE, **shown, "Project": PROJECT}.items():
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
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="the folder of the finished site (site)")
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
