"""pageblocks: web pages in, labelled blocks out. The documentation imports it as `pageblocks`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .classify.result import Classified
    from .errors import PageblocksError
    from .model import BlockClassifier, load
    from .page import Block, Blocks, Page
    from .readers import read_pages
    from .scheme import Scheme
    from .segment import compiled

__version__ = "0.1.0"

__all__ = [
    "Block",
    "BlockClassifier",
    "Blocks",
    "Classified",
    "Page",
    "PageblocksError",
    "Scheme",
    "__version__",
    "compiled",
    "load",
    "read_pages",
]
_HOMES = {
    "Block": "page",
    "BlockClassifier": "model",
    "Blocks": "page",
    "Classified": "classify.result",
    "Page": "page",
    "PageblocksError": "errors",
    "Scheme": "scheme",
    "compiled": "segment",
    "load": "model",
    "read_pages": "readers",
}

if not TYPE_CHECKING:  # type checkers would accept any name

    def __getattr__(name: str) -> Any:
        # Imported on first use: `import toolkit` stays quick, and a command loads only what it needs.
        if name in _HOMES:
            return getattr(import_module(f".{_HOMES[name]}", __name__), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
