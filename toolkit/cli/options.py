"""Options that several commands take, each with one name and one meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
