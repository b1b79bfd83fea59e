"""The compiled walk: a wheel that has it gives the same blocks as the Python code, and a wheel can do without it."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import toolkit

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "corpora" / "sample" / "pages"
# Reads a list of pages (text, or the path of a file) and prints the columns of their blocks.
CODE = """
import json, sys
from dataclasses import asdict
import toolkit
from toolkit.errors import BadPage
from toolkit.readers import read_pages
from toolkit.segment import segment

def columns(page):
    try:
        blocks = segment(page)
    except BadPage as error:
        return str(error)
    return repr({**vars(blocks), "page": page.id})

given = json.load(sys.stdin)
pages = [toolkit.Page("p", "p.html", html.encode("utf-8", "surrogatepass")) for html in given["pages"]]
pages += read_pages(given["files"])
json.dump({"compiled": toolkit.compiled, "columns": [columns(page) for page in pages]}, sys.stdout)
"""
HARD = [
    "",
    "<p>",
    "text without a tag",
    "<p>a" * 3000,
    "<div>" * 3000 + "deep" + "</div>" * 3000,
    "<b id=1><p>" * 300 + "open",
    "<a href=/1>One</a><a href=/2>Two</a> <a href='#x'>Three</a><a href='#x'>Four</a><a>Five</a><a href>Six</a>",
    "<x-a>One</x-a><x-a>Two</x-a><news-headline>Three</news-headline><x-b style='display:block'>Four</x-b>",
    "<pre>  one\n\ttwo <code>three\n</code><span>four</span></pre><p style='white-space: pre'> a\n b </p>"
    "<textarea>\n x\n</textarea>",
    "<p>one<br>two<br><br>three<br> </p><p><br><br>four</p>five<hr>six",
    "<p>One <span hidden>two</span> three <span style='display:none'><b>four</b></span><div hidden>five<p>six</div>",
    "<body hidden role=main class=b><p role=heading aria-label=x rel=y data-testid=z>One</p><nav class='' id>Two</nav>",
    "<p>Where <input placeholder=here type=text> is <button>it</button> now? <label>A<input type=checkbox>b</label>",
    "<form><select class=s><option>One<option selected>Two</select><input type=submit value=Go><textarea placeholder=t>"
    "</textarea><button>Send</button></form><dialog>closed</dialog><dialog open>open</dialog><p popover>up",
    "<ruby>漢<rp>(</rp><rt>kan</rt></ruby><math><mi>x</mi><annotation>y</annotation></math><img alt=z><p>after</p>"
    "<span aria-hidden=true>x</span>",
    "<template shadowrootmode=open><p>no host</template><x-c><template shadowrootmode=open><h2><slot></slot></h2>"
    "</template>Shown</x-c><template><p>inert</template>",
    "<svg><a xlink:href=/x href=/y><text>drawn</text></a><foreignObject><p>html</foreignObject></svg><p>after",
    "<table><caption>C<tr><th>a<td>b<table><tr><td>c</table><p>d</table><td>e",
    "<p>soft\u00adhyphen zero\u200bwidth \ud800lone \u2800 عربي\u200fنص 夜の\n潮 \u3164</p>",
    "<p " + " ".join(f"a{i}=b" for i in range(500)) + ">many</p><p class='" + "w " * 5000 + "'>long names",
    "<noscript>" + "<p>The pilot boat waits.</p>" * 40 + "</noscript>",
]
TAGS = """a a a b br button div div div dialog figure figcaption form h1 h2 i iframe img input label li math nav ol
    option p p p pre q rt ruby script section select span span span style svg table td template textarea tr ul x-a
    x-card-title article code""".split()
ATTRIBUTES = """class=one class='two three' id=x href=/a href=# href=/b hidden style=display:none style=display:block
    style=white-space:pre role=navigation role=dialog aria-hidden=true aria-label=Name type=submit type=hidden value=V
    placeholder=P open popover rel=next itemprop=text""".replace("two three", "two&#32;three").split()
WORDS = ["word", " ", "\n", " two words ", "Ein Satz.", "夜", "é\u200b", "&amp;", "&nbsp;", "<!-- c -->", "*", "\t"]


def _random_page(draw: random.Random) -> str:
    """A page of a few dozen tags, closed or not, with attributes that the walk reads."""
    out = []
    for _ in range(draw.randrange(5, 120)):
        kind = draw.random()
        tag = draw.choice(TAGS)
        if kind < 0.4:
            attributes = "".join(f" {draw.choice(ATTRIBUTES)}" for _ in range(draw.choice([0, 0, 1, 1, 2, 3])))
            out.append(f"<{tag}{attributes}>")
        elif kind < 0.65:
            out.append(f"</{tag}>")
        else:
            out.append(draw.choice(WORDS))
    return "".join(out)


def _wheel(out: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "--wheel-dir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        env=os.environ | settings,
    )


def _said(built: subprocess.CompletedProcess[str]) -> str:
    said = built.stdout + built.stderr
    if re.search("No matching distribution|ConnectionError|Could not find a version", said):
        pytest.skip("Cython or the build backend cannot be had here (no package index)")
    return said


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled package."""
    compiler = os.environ.get("CC", "cc").split()[0]
    if shutil.which(compiler) is None:
        pytest.skip(f"no C compiler ({compiler})")
    out = tmp_path_factory.mktemp("compiled")
    built = _wheel(out, PAGEBLOCKS_COMPILE="1")
    said = _said(built)
    if "Python.h" in said:
        pytest.skip("Python's headers are not installed (Debian: python3-dev)")
    assert built.returncode == 0, said
    (wheel,) = out.glob("*.whl")
    assert not wheel.name.endswith("-none-any.whl")
    zipfile.ZipFile(wheel).extractall(out / "site")
    return out / "site"


def _columns(where: Path, pages: list[str]) -> Any:
    files = [str(path) for path in sorted(SAMPLE.iterdir())]
    ran = subprocess.run(
        [sys.executable, "-c", CODE],
        input=json.dumps({"pages": pages, "files": files}),
        capture_output=True,
        text=True,
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(where)},
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_the_compiled_walk_gives_the_same_blocks(site: Path) -> None:
    draw = random.Random(5)
    pages = HARD + [_random_page(draw) for _ in range(1500)]
    python, compiled = _columns(ROOT, pages), _columns(site, pages)
    assert (python["compiled"], compiled["compiled"]) == (False, True)
    assert len(python["columns"]) == len(pages) + len(list(SAMPLE.iterdir()))
    for page, expected, found in zip(
        [*pages, *sorted(SAMPLE.iterdir())], python["columns"], compiled["columns"], strict=True
    ):
        assert found == expected, page
    assert sum("no text in the page" in columns for columns in python["columns"]) < len(pages) / 5


def test_the_wheel_has_the_source_too_and_says_that_it_is_compiled(site: Path) -> None:
    names = {path.name for path in (site / "toolkit" / "segment").iterdir()}
    assert "html.py" in names
    assert "html.pxd" not in names
    assert len([name for name in names if name.endswith(".so")]) == 1
    ran = subprocess.run(
        [sys.executable, "-m", "pageblocks", "--version"],
        capture_output=True,
        text=True,
        cwd=site,
        env=os.environ | {"PYTHONPATH": str(site)},
    )
    assert ran.stdout == f"pageblocks {toolkit.__version__} (compiled)\n"


def test_a_compiler_that_fails_stops_a_build_only_if_it_is_asked_for(tmp_path: Path) -> None:
    failing = shutil.which("false")
    assert failing is not None
    built = _wheel(tmp_path, CC=failing, PAGEBLOCKS_COMPILE="")
    assert "toolkit.segment.html is not compiled (" in _said(built)
    assert [path.name for path in tmp_path.iterdir()] == [f"pageblocks-{toolkit.__version__}-py3-none-any.whl"]
    asked = _wheel(tmp_path / "asked", CC=failing, PAGEBLOCKS_COMPILE="1")
    assert asked.returncode != 0
    assert "cannot compile toolkit.segment.html (" in _said(asked)


def test_a_build_without_a_compiler_is_of_python_alone(tmp_path: Path) -> None:
    built = _wheel(tmp_path, CC="no-such-compiler", PAGEBLOCKS_COMPILE="")
    said = _said(built)
    assert built.returncode == 0, said
    assert "ython" not in "".join(re.findall("Collecting .*", said)), "nothing is downloaded to compile with"
    assert [path.name for path in tmp_path.iterdir()] == [f"pageblocks-{toolkit.__version__}-py3-none-any.whl"]


def test_a_wrong_setting_is_refused(tmp_path: Path) -> None:
    built = _wheel(tmp_path, PAGEBLOCKS_COMPILE="yes")
    assert built.returncode != 0
    assert "PAGEBLOCKS_COMPILE=yes: give 0 or 1" in _said(built)
