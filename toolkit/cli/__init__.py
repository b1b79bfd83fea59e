"""The command line: one file per command, each a thin wrapper of the library function with the same verb."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import warnings
from typing import Annotated, Any

import typer
import typer.core

from ..errors import PageblocksError, first_problem, internal_error
from . import (
    agree,
    benchmark,
    card,
    classify,
    compare,
    corpus,
    demo,
    doubts,
    drift,
    evaluate,
    experiment,
    explain,
    export,
    importing,
    next,
    pull,
    push,
    scheme,
    segment,
    serve,
    split,
    studio,
    train,
)
from .output import complain, examples


class _Group(typer.core.TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except EOFError as error:
            # Typer treats it as the end of typed input and prints "Aborted!" for a truncated file.
            raise OSError(errno.EIO, f"a file is truncated ({error}); fetch or make it again") from error
        except typer.BadParameter as error:
            from pydantic import ValidationError

            if isinstance(error.__cause__, ValidationError):
                error.message = first_problem(dict(error.__cause__.errors(include_url=False)[0]))
            raise


app = typer.Typer(
    name="pageblocks",
    cls=_Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("pageblocks demo", "pageblocks classify page.html", "pageblocks segment --help"),
)
for command in (
    segment,
    classify,
    explain,
    serve,
    studio,
    push,
    pull,
    train,
    evaluate,
    compare,
    drift,
    agree,
    benchmark,
    doubts,
    next,
    experiment,
    importing,
    split,
    export,
    card,
    corpus,
    scheme,
    demo,
):
    command.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__, compiled

        typer.echo(f"pageblocks {__version__}{' (compiled)' if compiled else ''}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Split web pages into blocks, label the blocks, and keep the ones that you want.

    Results are written to stdout, messages to stderr. Exit status: 0 success, 1 failure, 2 usage error, 130 stopped by
    Ctrl-C.
    """


def main() -> None:
    """Run the command line. Every error is one line; PAGEBLOCKS_DEBUG=1 shows the traceback."""
    if not os.environ.get("PAGEBLOCKS_DEBUG"):
        warnings.simplefilter("ignore")  # warnings of libraries are for developers
    # Programs read the results: UTF-8 in every locale, and a lone surrogate in a page stops nothing.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        try:
            app(prog_name="pageblocks")
        finally:
            # Here a full disk or a closed pipe can still be reported; at exit it would be a traceback.
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("PAGEBLOCKS_DEBUG"):
            raise
        sys.exit(_end(error))


def _end(error: BaseException) -> int:
    """Report the error in one line and return the exit status."""
    if isinstance(error, KeyboardInterrupt):
        complain("stopped")
        return 130
    if isinstance(error, BrokenPipeError):
        # The reader (head, less) has closed the pipe. Nothing may be written at exit either.
        _drop_stdout()
        return 1
    if isinstance(error, MemoryError):
        complain("out of memory; process fewer or smaller pages at a time")
    elif isinstance(error, RecursionError):
        complain("a page is nested too deeply; remove it")
    elif isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _drop_stdout()
        complain(
            f"the disk is full{f' ({error.filename})' if error.filename else ''}; free some space and run it again"
        )
    elif isinstance(error, OSError):
        complain(f"{error.filename or 'system error'}: {error.strerror or error}")
    elif isinstance(error, PageblocksError):
        complain(str(error))
    else:
        complain(f"{internal_error(error)}, with the page if you can (PAGEBLOCKS_DEBUG=1 shows the traceback)")
    return 1


def _drop_stdout() -> None:
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
