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
GROUPS = {
    "Start": {
        "Overview": "index.md",
        "Quickstart": "docs/quickstart.md",
        "Install": "docs/install.md",
        "Tutorial: from ten pages to a model": "docs/tutorial.md",
        "Troubleshooting": "docs/troubleshooting.md",
        "Glossary": "docs/glossary.md",
    },
    "How to": {
        "Extract text": "docs/extraction.md",
        "Read pages, archives and tables": "docs/input.md",
        "Label a whole crawl": "docs/crawl.md",
        "With scikit-learn": "docs/scikit-learn.md",
        "With pandas, DuckDB and polars": "docs/pandas.md",
        "Explain a label": "docs/explain.md",
        "Run the HTTP service": "docs/serve.md",
        "Label pages with Label Studio": "docs/label-studio.md",
        "Label without Label Studio": "docs/without-label-studio.md",
        "Choose pages and check labels": "docs/labelling.md",
        "Labelling guidelines": "labels/GUIDELINES.md",
        "Import, export and public corpora": "docs/exchange.md",
        "Read a report": "docs/report.md",
        "Checks of an evaluation": "docs/checks.md",
        "Run experiments": "docs/experiments.md",
    },
    "Commands": {
        "Overview of the commands": "docs/commands/index.md",
        "Read and label pages": "docs/commands/pages.md",
        "Make and share corpora": "docs/commands/corpora.md",
        "Label with Label Studio": "docs/commands/studio.md",
        "From annotations to gold": "docs/commands/gold.md",
        "Train and measure": "docs/commands/models.md",
        "Experiments": "docs/commands/experiments.md",
    },
    "Python": {
        "pageblocks": "reference/python/index.md",
        "Types": "docs/types.md",
    },
    "File formats": {
        "File formats": "docs/formats.md",
    },
    "How good is it?": {
        "The default model": "docs/model.md",
        "Results of the experiments": "figures.md",
        "Speed, memory and cost": "docs/cost.md",
        "How the default labels were made": "labels/web/README.md",
        "Silver labels": "labels/silver/README.md",
    },
    "Project": {
        "Changes": "CHANGELOG.md",
        "Contributing": "CONTRIBUTING.md",
        "Security": "SECURITY.md",
    },
}


# On the site docs/index.md has a link instead of this.
_NO_REFERENCE = "Python reference: `make docs` writes it into the site"


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
    described = sorted((pages / "docs/commands").glob("*.md"))
    if problems := commands.check(described):
        sys.exit("\n".join(problems))
    for page in described:
        page.write_text(commands.with_options(page.read_text("utf-8")), "utf-8")
    (pages / "reference/python").mkdir(parents=True)
    if names := library.unexplained():
        sys.exit(f"docs/types.md does not explain {', '.join(names)}, which signatures of the Python reference name")
    page = pages / "docs/types.md"
    page.write_text(library.types(page.read_text("utf-8")), "utf-8")
    for name, text in library.pages().items():
        (pages / "reference/python" / name).write_text(text, "utf-8")
    (pages / "figures.md").write_text(figures.page(ROOT / "experiments"), "utf-8")


def front_page(text: str) -> str:
    """The text of docs/index.md with links from the root of the site."""

    def moved(link: re.Match[str]) -> str:
        target = link[1].removeprefix("../")
        return f"]({target})" if target != link[1] or re.match(r"[a-z]+:", target) else f"](docs/{target})"

    moved_text = re.sub(r"\]\(([^)]+)\)", moved, text)
    return moved_text.replace(_NO_REFERENCE, "[Python reference](reference/python/index.md)")


def navigation(pages: Path) -> str:
    """The navigation as one line of TOML."""
    named = {place for group in GROUPS.values() for place in group.values()}
    modules = sorted(path.name for path in (pages / "reference/python").glob("pageblocks.*.md"))
    others = {"Python": {name.removesuffix(".md"): f"reference/python/{name}" for name in modules}, "How to": {}}
    for path in sorted((pages / "docs").rglob("*.md")):
        place = path.relative_to(pages).as_posix()
        if place not in named:
            title = re.search(r"^# (.+)", path.read_text("utf-8"), re.M)
            others["How to"][title[1] if title else path.stem] = place
    parts = [
        f"{{{_string(name)} = [{', '.join(_entries(group | others.get(name, {})))}]}}" for name, group in GROUPS.items()
    ]
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
        settings = settings.replace('site_name = "pageblocks"', f'site_name = "pageblocks {__version__}"')
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
