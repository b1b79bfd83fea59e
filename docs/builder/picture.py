"""Take the first picture of the README: a page in a browser, and beside it what `pageblocks classify` prints.

    python docs/builder/picture.py        writes docs/images/classify.png; needs Playwright and Chromium

Take it again when the output in the tutorial changes.
"""

from __future__ import annotations

import io
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[2]
PAGE = "docs/ferry.html"
COLUMNS, WIDTH, HEIGHT = 72, 1320, 620
FRAME = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 20px; display: flex; gap: 20px; background: #eef1f4; font: 13px sans-serif; }}
.panel {{ flex: 1 1 50%; height: {height}px; border-radius: 8px; overflow: hidden; box-shadow: 0 1px 6px #0004; }}
iframe {{ width: 130%; height: 130%; border: 0; background: #fff; transform: scale(.77); transform-origin: 0 0; }}
pre {{ margin: 0; height: 100%; padding: 14px 16px; box-sizing: border-box; background: #16191d; color: #e8e8e8;
  font: 13px/1.36 "DejaVu Sans Mono", monospace; }}
</style><div class="panel"><iframe srcdoc="{page}" scrolling="no"></iframe></div>
<div class="panel"><pre>$ pageblocks classify {name}\n{output}</pre></div>"""


def printed() -> str:
    """What the command prints on a terminal, with its colours."""
    ours, theirs = pty.openpty()
    line = [sys.executable, "-m", "toolkit.cli", "classify", PAGE]
    env = os.environ | {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    running = subprocess.Popen(line, cwd=ROOT, stdout=theirs, env=env | {"PYTHONPATH": str(ROOT)})
    os.close(theirs)
    found = b""
    try:
        while part := os.read(ours, 1 << 16):
            found += part
    except OSError:  # Linux reports the end of a terminal so
        pass
    os.close(ours)
    if running.wait():
        raise SystemExit("the command failed")
    return found.decode().replace("\r\n", "\n").rstrip()


def main() -> None:
    from playwright.sync_api import sync_playwright

    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor")
    console.print(Text.from_ansi(printed()))
    output = console.export_html(inline_styles=True, code_format="{code}")
    page = (ROOT / PAGE).read_text("utf-8").replace("&", "&amp;").replace('"', "&quot;")
    out = ROOT / "docs/images/classify.png"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5)
        tab.set_content(FRAME.format(page=page, name=PAGE, output=output, height=HEIGHT - 40))
        tab.wait_for_timeout(500)
        tab.screenshot(path=str(out))
        browser.close()
    print(out)


if __name__ == "__main__":
    main()
