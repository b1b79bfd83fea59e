"""CSV: one row a block, for spreadsheets and whatever reads them."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from ..errors import BadInput, MissingColumn
from ..support.limits import LARGEST

COLUMNS = ("page", "position", "label", "text", "block", "tag", "path", "names", "flags", "link_density", "depth",
           "language", "url", "site", "type", "format")  # fmt: skip
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_SEPARATORS = (",", ";", "\t")
_HEAD = 1 << 16  # characters of the first line, at most
QUOTED = "text_quoted"  # the text column's name where cells were quoted: reading takes the quotes away again


def write_csv(rows: Iterable[dict[str, Any]], spreadsheet: bool = False) -> str:
    """The rows as CSV. With `spreadsheet`, cells that a spreadsheet would read as formulas get an apostrophe in
    front.
    """
    out = io.StringIO()
    names = [QUOTED if spreadsheet and name == "text" else name for name in COLUMNS]
    table = csv.writer(out, lineterminator="\n")
    table.writerow(names)
    for row in rows:
        cells = ["" if row[name] is None else row[name] for name in COLUMNS]
        table.writerow([_quoted(cell) for cell in cells] if spreadsheet else cells)
    # Spreadsheets take UTF-8 for something else without a mark.
    return ("\ufeff" if spreadsheet else "") + out.getvalue()


def read_csv(path: Path) -> Iterator[dict[str, Any]]:
    """Rows with at least `page`, `label` and `text`. Raises BadInput naming the line."""
    limit = csv.field_size_limit(LARGEST)
    try:
        with open(path, encoding=_encoding(path), newline="") as file:
            table = csv.DictReader(file, delimiter=_separator(file), strict=True)
            names = set(table.fieldnames or ())
            quoted = QUOTED in names
            if missing := {"page", "label", QUOTED if quoted else "text"} - names:
                raise MissingColumn(
                    f"{path}: no column {', '.join(sorted(missing))}; the first line names the columns, "
                    "with a comma, a semicolon or a tab between them",
                    table=str(path),
                )
            for row in table:
                if None in row or None in row.values():
                    raise BadInput(
                        f"{path}:{table.line_num}: more or fewer cells than the first line; correct the line"
                    )
                if quoted:
                    row = {name: cell.removeprefix("'") for name, cell in row.items()}
                    row["text"] = row.pop(QUOTED)
                yield {**row, "label": row["label"] or None}
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error
    except (csv.Error, UnicodeError) as error:
        raise BadInput(f"{path}: not CSV in UTF-8 ({error})") from error
    finally:
        csv.field_size_limit(limit)


def _encoding(path: Path) -> str:
    """UTF-8, or UTF-16 where the file begins with its mark: what spreadsheets call Unicode text."""
    with open(path, "rb") as file:
        return "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _separator(file: TextIO) -> str:
    """The separator of the columns' names: spreadsheets write semicolons where the comma is the decimal sign."""
    head = file.readline(_HEAD)
    if head[:4].lower() == "sep=":  # for one spreadsheet, which leaves it out
        return head[4:5] if head[4:5] in _SEPARATORS else ","
    file.seek(0)

    def columns(separator: str) -> int:
        return len({"page", "label", "text", QUOTED} & set(next(csv.reader([head], delimiter=separator), ())))

    return max(_SEPARATORS, key=columns)


def _quoted(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_DANGEROUS) else cell
