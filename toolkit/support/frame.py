"""pandas, which is imported only for those who ask for a data frame."""

from __future__ import annotations

from ..errors import MissingExtra


def require_pandas() -> None:
    """Raise MissingExtra if pandas is not installed."""
    try:
        import pandas  # noqa: F401  # start-up
    except ImportError:
        raise MissingExtra("pandas", "pandas") from None
