"""Tables as files to take away, CSV or XLSX: nothing in them can run; each says who took it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import xlsxwriter

Cell = str | int | float | None
Format = Literal["csv", "xlsx"]
CONTENT_TYPES: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
_AS_TEXT = "'"
_WIDTH = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table under its headings. A share is a float between 0 and 1."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def packed(kind: Format, sheets: Sequence[Sheet], mark: str) -> bytes:
    """The file. CSV has the first sheet only; `mark` stands above every sheet.

    Takes a while for many rows: call it in a thread.
    """
    return _csv(sheets[0], mark) if kind == "csv" else _xlsx(sheets, mark)


def _csv(sheet: Sheet, mark: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in ([mark], sheet.headings, *sheet.rows):
        writer.writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    return f"{_AS_TEXT}{text}" if text.startswith(RUNS) else text


def _xlsx(sheets: Sequence[Sheet], mark: str) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"comments": mark})
    bold, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        page.set_footer("&C" + mark.replace("&", "&&"))
        page.set_column(0, len(sheet.headings) - 1, _WIDTH)
        page.write_string(0, 0, mark)
        for column, heading in enumerate(sheet.headings):
            page.write_string(1, column, heading, bold)
        for line, row in enumerate(sheet.rows, start=2):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(line, column, cell)
                elif cell is not None:
                    page.write_number(
                        line, column, cell, share if isinstance(cell, float) else None
                    )
    book.close()
    return file.getvalue()
