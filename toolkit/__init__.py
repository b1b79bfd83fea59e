"""pageblocks: pages in, labelled blocks out, and everything between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .classify.result import Classified as Classified
    from .errors import PageblocksError as PageblocksError
    from .model import BlockClassifier as BlockClassifier
    from .model import load as load
    from .page import Block as Block
    from .page import Blocks as Blocks
    from .page import Page as Page
    from .readers import read_pages as read_pages
    from .scheme import Scheme as Scheme

__version__ = "0.1.0"

_HOMES = {
    "Classified": "classify.result",
    "PageblocksError": "errors",
    "BlockClassifier": "model",
    "load": "model",
    "Block": "page",
    "Blocks": "page",
    "Page": "page",
    "read_pages": "readers",
    "Scheme": "scheme",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    # Imported on first use: `import toolkit` stays quick, and a command loads only what it needs.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
