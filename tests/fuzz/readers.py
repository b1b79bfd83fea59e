"""Fuzz the readers: python tests/fuzz/readers.py [--seconds 200] [--seed 0]

WARC, WET, JSON lines, Parquet, HTML and gzip files with some of their bytes changed. Every file must give pages that
segment, or errors of one line each. A find is kept as a test; run it at low priority: nice -n 19 python
tests/fuzz/readers.py
"""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
import tempfile
from pathlib import Path

from common import mutated, one_line, run

from toolkit.errors import PageblocksError
from toolkit.readers import read_pages
from toolkit.segment import segment

HTML = (
    "<!doctype html><meta charset=utf-8><title>Ferry</title><h1>The night ferry</h1><p>It left on Monday, café and "
    "all.</p>"
)


def warc(kind: str, type: str, body: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:a>\r\n"
        f"WARC-Target-URI: https://a.example/\r\nContent-Type: {type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"id": ["a", "b"], "url": ["https://a.example/", ""], "html": [HTML, HTML * 3]}), out)
    return out.getvalue()


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + HTML.encode()
PACKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(HTML.encode())
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (
    len(HTML.encode()), HTML.encode(),
)  # fmt: skip
RECORDS = [warc("response", "application/http; msgtype=response", body) for body in (PLAIN, PACKED, CHUNKED)]
RECORDS.append(warc("conversion", "text/plain", b"The night ferry\n\nIt left on Monday.\n"))
ROWS = [
    json.dumps({"id": f"r{k}", "url": "https://a.example/", "html": HTML, "more": [1, {"a": None}]}) for k in range(3)
]
FILES = {
    "a.warc": b"".join(RECORDS),
    "a.warc.gz": b"".join(map(gzip.compress, RECORDS)),
    "a.wet": RECORDS[-1] * 3,
    "a.jsonl": "\n".join(ROWS).encode(),
    "a.jsonl.gz": gzip.compress("\n".join(ROWS).encode()),
    "a.parquet": parquet(),
    "a.html": HTML.encode(),
    "a.html.gz": gzip.compress(HTML.encode()),
    "a.txt": b"The night ferry\n\nIt left on Monday.\n",
}
FOLDER = Path(tempfile.mkdtemp(prefix="pageblocks-fuzz-"))


def check(chance: random.Random) -> str:
    name = chance.choice(sorted(FILES))
    content = FILES[name]
    if name.endswith(".gz") and chance.random() < 0.5:  # inside of what is packed
        content = gzip.compress(mutated(chance, gzip.decompress(content)))
    else:
        content = mutated(chance, content)
    path = FOLDER / name
    path.write_bytes(content)
    errors: list[PageblocksError] = []
    pages = list(read_pages([path], errors.append))
    for error in errors:
        one_line(error)
    for page in pages:
        page.url.encode("utf-8", "surrogatepass")
        try:
            segment(page)
        except PageblocksError as error:
            errors.append(error)
            one_line(error)
    return f"{'.'.join(name.split('.')[1:])} {'with errors' if errors else 'read'}"


if __name__ == "__main__":
    sys.exit(run(__doc__, check))
