"""Names of the dense features, in the order of `structure`."""

from __future__ import annotations

from ..page import Flag
from .notions import notions
from .structure import _COUNTED, _TAGS

_TEXT = (
    "log_characters", "log_words", "ends_sentence", "ends_colon", "starts_upper", "starts_digit",
    "share_upper", "share_lower", "share_digits", "share_other_letters", "share_symbols",
)  # fmt: skip
_PLACES = (
    "picture_follows", "log_since_picture", "relative_position", "log_blocks_above", "log_blocks_below", "log_blocks",
    "characters_above", "log_page_characters", "h1_above", "h1_below", "log_since_heading", "root_share_of_page",
)  # fmt: skip
_GROUPS = ("container", "shape", "text")  # blocks of the page that share it


def dense_names() -> list[str]:
    """A name for each column of `Features.dense`, none twice."""
    repeated = [f"{name}_same_{group}" for group in _GROUPS for name in ("log_blocks", "log_words", "position")]
    return [
        *_TEXT,
        *(f"count_{mark}" for mark in _COUNTED),
        *(f"is_{str(flag.name).lower()}" for flag in Flag),
        *(f"tag_{tag}" for tag in _TAGS),
        *(f"notion_{name}" for name in notions().names),
        "link_density",
        "depth",
        *_PLACES,
        *repeated,
        "title_words",
        "title_words_of_block",
    ]
