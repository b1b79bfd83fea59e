"""Options that several commands take, each with one name and one meaning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..readers import Columns

Force = Annotated[bool, typer.Option("--force", help="Replace what this command made before, and nothing else.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, for programs.")]
Mirror = Annotated[Path, typer.Option("--mirror", help="Where the public corpora lie.")]
SchemeFile = Annotated[
    Path | None,
    typer.Option(
        "--scheme", help="A scheme file; without it the corpus' scheme.toml, else the one that comes with pageblocks."
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same result.")]

# Of Label Studio.
HOME = Path(".studio")
Folder = Annotated[Path, typer.Option("--folder", help="Where the server's database and password lie.")]
Title = Annotated[
    str, typer.Option("--project", "-p", help="The title of the Label Studio project.", show_default=False)
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Another Label Studio; its token goes into LABEL_STUDIO_API_KEY.", envvar="LABEL_STUDIO_URL"
    ),
]

# Of segment and classify: what they read, and where to.
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="HTML or text files, WARC, WET, JSON lines, Parquet, gzipped or not; folders of pages and archives; "
        "hub:NAME; addresses; - for stdin. Tables (JSON lines, Parquet) in folders are given by name.",
        show_default=False,
    ),
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file instead of stdout.")]
Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="KIND=NAME",
        help="The column of a table that holds html, text, url, id or type (a Content-Type header); html=body.",
    ),
]
Private = Annotated[bool, typer.Option("--private", help="Allow addresses on private networks.")]

# Of commands that read labels.
CorpusFolder = Annotated[
    Path,
    typer.Argument(metavar="CORPUS", help="A corpus: a folder with pages.jsonl and gold.jsonl.", show_default=False),
]


def read_columns(given: list[str] | None) -> Columns | None:
    """`html=body` and the like -> the columns of a table."""
    if not given:
        return None
    from ..readers import Columns

    pairs = [item.partition("=")[::2] for item in given]
    if wrong := [kind for kind, name in pairs if kind not in ("html", "text", "url", "id", "type") or not name]:
        raise typer.BadParameter(f"--column takes html=, text=, url=, id= or type= and a name, not {wrong[0]!r}")
    return Columns(**dict(pairs))
