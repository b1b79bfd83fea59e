"""pageblocks: web pages in, labelled blocks out.

The names that stay; the code behind them is in `toolkit`. A name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import toolkit
from toolkit import __version__

if TYPE_CHECKING:
    from toolkit import (
        Block,
        BlockClassifier,
        Blocks,
        Classified,
        Page,
        PageblocksError,
        Scheme,
        compiled,
        load,
        read_pages,
    )

    from . import (
        benchmark,
        checks,
        corpus,
        crawl,
        errors,
        evaluate,
        exchange,
        experiment,
        explain,
        labelling,
        model,
        page,
        pipelines,
        readers,
        report,
        scheme,
        segment,
        standoff,
        studio,
        tables,
        train,
    )

__all__ = [
    "Block",
    "BlockClassifier",
    "Blocks",
    "Classified",
    "Page",
    "PageblocksError",
    "Scheme",
    "__version__",
    "benchmark",
    "checks",
    "compiled",
    "corpus",
    "crawl",
    "errors",
    "evaluate",
    "exchange",
    "experiment",
    "explain",
    "labelling",
    "load",
    "model",
    "page",
    "pipelines",
    "read_pages",
    "readers",
    "report",
    "scheme",
    "segment",
    "standoff",
    "studio",
    "tables",
    "train",
]

if not TYPE_CHECKING:  # type checkers would accept any name

    def __getattr__(name: str) -> Any:
        if name in toolkit.__all__:
            return getattr(toolkit, name)
        if name in __all__:
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
