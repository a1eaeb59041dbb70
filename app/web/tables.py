"""Read a sheet that somebody hands in: CSV as spreadsheets write it, or XLSX."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice, pairwise

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.errors import N_, DomainError

ROWS, COLUMNS, CELL = 20_000, 40, 4_000
_UNPACKED = 100 * 1024 * 1024
_NO_SHEET = N_("This is no CSV or XLSX file that can be read.")


def read_table(raw: bytes) -> list[list[str]]:
    """The rows that are not empty, the header first, all cells as text; raises DomainError for what is no sheet or too large."""
    rows = list(islice(_rows(raw), ROWS + 2))
    if len(rows) > ROWS + 1:
        raise DomainError(N_("This sheet has more than %(limit)s rows. Please hand it in in parts."), limit=f"{ROWS:,}")
    if len(rows) < 2:
        raise DomainError(N_("This sheet has a header at most: there is nobody in it."))
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def _rows(raw: bytes) -> Iterator[list[str]]:
    cells = _of_workbook(raw) if raw.startswith(b"PK") else _of_text(raw)
    return (row for row in (_clean(row) for row in cells) if any(row))


def _clean(row: Iterable[object]) -> list[str]:
    found = [_text(cell).strip()[:CELL] for cell in islice(row, COLUMNS)]
    while found and not found[-1]:
        found.pop()
    return found


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _of_text(raw: bytes) -> Iterator[Iterable[object]]:
    text = _decoded(raw).replace("\0", "")
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _decoded(raw: bytes) -> str:
    """UTF-8 or UTF-16, else the Windows code page whose letters make sense: with Cyrillic ones 1251."""
    for coding in ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig",):
        try:
            return raw.decode(coding)
        except UnicodeDecodeError:
            pass
    cyrillic = raw.decode("cp1251", "replace")
    letters = [c for c in cyrillic if ord(c) > 127 and c.isalpha()]
    high = sum("а" <= c.lower() <= "я" or c.lower() in "ёіў" for c in letters)
    words = sum(a.isalpha() and b.isalpha() and ord(a) > 127 and ord(b) > 127 for a, b in pairwise(cyrillic))
    return cyrillic if letters and high > len(letters) * 0.9 and words > len(letters) // 2 else raw.decode("cp1252", "replace")


def _of_workbook(raw: bytes) -> Iterator[Iterable[object]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(one.file_size for one in packed.infolist()) > _UNPACKED:
                raise DomainError(_NO_SHEET)
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        yield from sheet.iter_rows(values_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, OSError, TypeError):
        raise DomainError(_NO_SHEET) from None
