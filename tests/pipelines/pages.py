"""Archives of pages for the engines."""

from __future__ import annotations

import gzip
from pathlib import Path

from toolkit import read_pages

ROOT = Path(__file__).parents[2]


def sample() -> list[tuple[str, bytes]]:
    """Id and HTML of the sample corpus' pages."""
    return [(page.id, page.content) for page in read_pages([ROOT / "corpora/sample/pages"]) if page.format == "html"]


def write_warc(path: Path, pages: list[tuple[str, bytes]]) -> None:
    """One gzip member a record, as crawlers write it."""
    with open(path, "wb") as out:
        for id, html in pages:
            http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html
            head = (
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
                f"WARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Target-URI: https://{id}.example/\r\n"
                "WARC-Identified-Payload-Type: text/html\r\nContent-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(http)}\r\n\r\n"
            )
            out.write(gzip.compress(head.encode() + http + b"\r\n\r\n"))
