"""Archives of which a part is damaged: what stands behind it is read, and what is lost is said once."""

from __future__ import annotations

import gzip
import random
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from toolkit.errors import PageblocksError, SourceError
from toolkit.page import Page
from toolkit.readers import read_pages

from .test_warc import PAGES, noise, record

# 150 KB each when packed: longer than what is read at a time, and not to be made smaller
LARGE = [record(k, f"<p>{noise(260_000, k)}".encode()) for k in range(6)]
CHECKED = zstandard.ZstdCompressor(write_checksum=True)
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "zst": CHECKED.compress}


def read(path: Path) -> tuple[list[Page], list[PageblocksError]]:
    errors: list[PageblocksError] = []
    return list(read_pages([path], errors.append)), errors


def numbers(pages: list[Page]) -> str:
    return "".join(page.url[-1] for page in pages)


@pytest.mark.parametrize("records", [PAGES, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("harm", ["cut", "zeros", "flipped", "head"])
def test_a_damaged_member_costs_its_own_record(tmp_path: Path, records: list[bytes], ending: str, harm: str) -> None:
    members = [PACKERS[ending](one) for one in records]
    half = len(members[2]) // 2
    if harm == "cut":  # the crawler was killed, and went on in the same file
        members[2] = members[2][:half]
    elif harm == "zeros":
        members[2] = members[2][:half] + bytes(len(members[2]) - half)
    elif harm == "flipped":
        members[2] = (
            members[2][:half] + bytes(255 - sign for sign in members[2][half : half + 40]) + members[2][half + 40 :]
        )
    else:
        members[2] = b"nonsense" + members[2][8:]
    path = tmp_path / f"a.warc.{ending}"
    path.write_bytes(b"".join(members))
    pages, (error,) = read(path)
    assert numbers(pages) == "01345"
    assert isinstance(error, SourceError)
    assert str(error).startswith(f"{path}: broken after record 2 (https://a.example/1)")
    assert "bytes lost" in str(error)


@pytest.mark.parametrize("ending", PACKERS)
def test_damage_in_the_first_and_in_the_last_member(tmp_path: Path, ending: str) -> None:
    members = [PACKERS[ending](one) for one in PAGES]
    path = tmp_path / f"a.warc.{ending}"
    path.write_bytes(b"".join([b"\xee" * 300, *members[1:]]))
    pages, (error,) = read(path)
    assert (numbers(pages), "broken after its start" in str(error)) == ("12345", True)
    path.write_bytes(b"".join([*members[:-1], members[-1][:40] + b"\xff" * 400]))
    pages, (error,) = read(path)
    assert numbers(pages) == "01234"
    assert ("nothing behind that can be unpacked" if ending == "gz" else "breaks off after record 5") in str(error)


def test_many_places_are_one_error(tmp_path: Path) -> None:
    members = [gzip.compress(one) for one in PAGES]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(part for one in members for part in (one, b"rubbish")))
    pages, errors = read(path)
    assert numbers(pages) == "012345"
    assert len(errors) == 2  # the last place has nothing behind it
    assert "broken after record 1 (https://a.example/0)" in str(errors[0])
    assert "and in 4 more places, 35 bytes lost" in str(errors[0])


def test_a_break_in_an_archive_of_one_member_is_its_end(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(LARGE))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(whole[: len(whole) // 2] + bytes(99) + whole[len(whole) // 2 + 99 :])
    pages, errors = read(path)
    assert numbers(pages)[:2] == "01"
    assert "nothing behind that can be unpacked" in str(errors[-1])


def test_what_only_looks_like_a_member_is_passed_by(tmp_path: Path) -> None:
    other = gzip.compress(b"a picture of a record: WARC/1.0")
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(PAGES[0]) + b"rubbish" + other * 3 + b"\x1f\x8b\x08" * 50 + gzip.compress(PAGES[1]))
    pages, (error,) = read(path)
    assert numbers(pages) == "01"
    assert f"{7 + 3 * len(other) + 150} bytes lost" in str(error)


@pytest.mark.parametrize(
    "filler", [b"\x1f\x8b\x08", b"\x1f\x8b\x08\x04\xff\xff", b"\0", random.Random(1).randbytes(1000)]
)
def test_the_search_has_bounds(tmp_path: Path, filler: bytes) -> None:
    path = tmp_path / "a.warc.gz"
    with open(path, "wb") as f:
        f.write(gzip.compress(PAGES[0]) + b"x")
        for _ in range(20):
            f.write(filler * ((1 << 20) // len(filler)))
    tracemalloc.start()
    try:
        pages, (error,) = read(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert (numbers(pages), "nothing behind that" in str(error)) == ("0", True)


def test_zeros_between_members_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(gzip.compress(one) + bytes(700) for one in PAGES))
    pages, errors = read(path)
    assert (numbers(pages), errors) == ("012345", [])


def test_zstd_that_is_cut_off_between_what_it_gives(tmp_path: Path) -> None:
    members = [zstandard.compress(one) for one in PAGES]
    path = tmp_path / "a.warc.zst"
    for cut in (1, 5, len(members[-1]) - 1):
        path.write_bytes(b"".join(members)[:-cut])
        pages, (error,) = read(path)
        assert (numbers(pages), "breaks off" in str(error)) == ("01234", True)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["a.warc.zst", "crawl"])
def test_zstd_with_a_dictionary(tmp_path: Path, name: str, packed: bool) -> None:
    samples = [record(k % 10, f"<p>The tide table of day {k} and its {noise(60, k)}".encode()) for k in range(400)]
    made = zstandard.train_dictionary(4000, samples)
    packer = zstandard.ZstdCompressor(dict_data=made)
    content = made.as_bytes()
    content = zstandard.compress(content) if packed else content
    path = tmp_path / name
    path.write_bytes(struct.pack("<II", 0x184D2A5D, len(content)) + content + b"".join(map(packer.compress, PAGES)))
    pages, errors = read(path)
    assert (numbers(pages), errors) == ("012345", [])
    bomb = zstandard.compress(bytes(1 << 28))
    path.write_bytes(struct.pack("<II", 0x184D2A5D, len(bomb)) + bomb + b"".join(map(packer.compress, PAGES)))
    pages, errors = read(path)
    assert (pages, len(errors)) == ([], 1)


def test_no_table_goes_on_behind_damage(tmp_path: Path) -> None:
    """Whose lines belong together nobody knows there."""
    row = b'{"id": "a", "html": "<p>The quay"}\n'
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(row) + b"rubbish" + gzip.compress(row))
    pages, (error,) = read(path)
    assert (len(pages), "breaks off after line 1" in str(error)) == (1, True)
