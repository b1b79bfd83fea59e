"""Options that several commands share, each with one name and one meaning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..readers import Columns

Force = Annotated[bool, typer.Option("--force", help="Replace existing output of this command, and nothing else.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
Mirror = Annotated[Path, typer.Option("--mirror", help="Folder with the public corpora.")]
SchemeFile = Annotated[
    Path | None,
    typer.Option("--scheme", help="Scheme file (default: scheme.toml of the corpus, else the built-in scheme)."),
]
Seed = Annotated[int, typer.Option("--seed", help="Random seed; the same seed gives the same result.")]

# Of Label Studio.
HOME = Path(".studio")
Folder = Annotated[Path, typer.Option("--folder", help="Folder with the server's database and credentials.")]
Title = Annotated[str, typer.Option("--project", "-p", help="Title of the Label Studio project.", show_default=False)]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        help="Address of another Label Studio; its token is read from LABEL_STUDIO_API_KEY.",
        envvar="LABEL_STUDIO_URL",
    ),
]

# Of segment and classify: what they read, and where to.
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...",
        help="HTML, text, WARC, WET, JSON lines or Parquet files, gzipped or not; folders of pages and archives "
        "(tables in them are skipped); hub:NAME; addresses; - for stdin.",
        show_default=False,
    ),
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file instead of stdout.")]
Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="KIND=NAME",
        help="Name of the table column with html, text, url, id or type (Content-Type), as in html=body; repeatable.",
    ),
]
Private = Annotated[bool, typer.Option("--private", help="Allow addresses on private networks.")]

# Of commands that read labels.
CorpusFolder = Annotated[
    Path,
    typer.Argument(metavar="CORPUS", help="Corpus: a folder with pages.jsonl and gold.jsonl.", show_default=False),
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
