"""`python -m toolkit.cli` is `pageblocks`."""

from __future__ import annotations

from . import main

main()
