"""Check that the blocks of each page have the page's words, in order: words.py FOLDER..."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from words import block_characters, page_views, words_outside  # noqa: E402

from toolkit.errors import PageblocksError  # noqa: E402
from toolkit.readers import read_pages  # noqa: E402
from toolkit.segment import segment  # noqa: E402
from toolkit.segment.decode import decode  # noqa: E402


def main(folders: list[str]) -> int:
    if not folders:
        print(__doc__, file=sys.stderr)
        return 2
    same = drawn = refused = 0
    wrong: list[str] = []
    for page in read_pages(folders, lambda error: print(error, file=sys.stderr)):
        if page.format != "html":
            continue
        try:
            blocks = segment(page)
        except PageblocksError as error:
            refused += 1
            print(error, file=sys.stderr)
            continue
        html = decode(page.content, page.encoding)
        if block_characters(blocks) in page_views(html):
            same += 1
        elif blocks.note and not words_outside(blocks, html):
            drawn += 1  # text from a script's data: only its presence can be checked
        else:
            wrong.append(page.source)
    print(
        f"{same:,} pages with the same words, {drawn} read from a script's data without other words, "
        f"{len(wrong)} with other words, {refused} without text"
    )
    print("".join(f"{source}\n" for source in wrong), end="")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
