"""CSV that spreadsheets open as it is meant."""

import csv
import io
from collections.abc import Iterable, Iterator

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """UTF-8 with BOM, a header, then one line each (RFC 4180); no cell can start a formula in a spreadsheet."""
    yield "\ufeff" + _line(columns)
    for cells in rows:
        yield _line(_cell(value) for value in cells)


def _cell(value: object) -> str:
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
