"""Pages, their blocks, and what is noted of them."""

from toolkit.page import Block, Blocks, Flag, Note, Page, group_of

__all__ = ["Block", "Blocks", "Flag", "Note", "Page", "group_of"]
