"""`python -m pageblocks` is the command `pageblocks`."""

from toolkit.cli import main

main()
