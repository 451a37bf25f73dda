"""Reads a file of leads, CSV or XLSX, into what the intake API would have been sent."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from texts.import_columns import column_of, columns, purpose_of

ENCODINGS = ("utf-8-sig", "gb18030")  # what Excel writes, abroad and in China
REQUIRED = ("source", "external_id")
CUSTOMER = ("name", "phone", "city")
INTENT = ("model", "dealer_code", "purchase_window_days", "message")
SPREADSHEET_TIMES = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d")
PURPOSE_MARKS = str.maketrans("；,，、", ";;;;")


class UnreadableFile(Exception):
    """The file is not a table of leads; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as written: `number` is the line a person sees, `cells` are by heading."""

    number: int
    cells: dict[str, str]

    def lead(self, zone: ZoneInfo) -> dict[str, object]:
        """The body of the intake API; times without an offset are in `zone`."""
        said = {c: text for head, text in self.cells.items() if text and (c := column_of(head))}
        for name in ("occurred_at", "consent_at"):
            if name in said:
                said[name] = _with_offset(said[name], zone)
        purposes = said.get("consent_purposes", "").translate(PURPOSE_MARKS).split(";")
        consent: dict[str, object] = {
            "purposes": [purpose_of(words.strip()) for words in purposes if words.strip()],
            "version": said.get("consent_version"),
            "obtained_at": said.get("consent_at"),
        }
        intent: dict[str, object] = {name: said.get(name) for name in INTENT}
        intent["purchase_window_days"] = _number(said.get("purchase_window_days"))
        return {
            **{name: said.get(name) for name in (*REQUIRED, "occurred_at")},
            "customer": {name: said.get(name) for name in CUSTOMER},
            "intent": intent,
            "consent": consent,
        }


@dataclass(frozen=True, slots=True)
class LeadFile:
    """The headings as written, and the rows below them."""

    headings: list[str]
    rows: list[Row]


def read_lead_file(path: Path) -> LeadFile:
    """Read the whole file. Raises UnreadableFile."""
    try:
        table = list(_xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path))
    except OSError as failure:
        raise UnreadableFile(failure.strerror or "it cannot be opened") from None
    if not table:
        raise UnreadableFile("it is empty")
    headings = [heading.strip() for heading in table[0][1]]
    found = {column_of(heading) for heading in headings}
    if missing := [name for name in REQUIRED if name not in found]:
        raise UnreadableFile(
            f"the first line has no column {' and no column '.join(missing)}; "
            f"columns are {', '.join(columns())}"
        )
    rows = [
        Row(number, dict(zip(headings, cells, strict=False)))
        for number, cells in table[1:]
        if any(cells)
    ]
    return LeadFile(headings, rows)


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(path.read_bytes())
    reader = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text))
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as fault:
        raise UnreadableFile(f"line {reader.line_num}: {fault}") from None


def _decoded(raw: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("it is neither UTF-8 nor GB18030 text")


def _dialect(text: str) -> type[csv.Dialect]:
    """Comma, semicolon or tab, whichever the first line has most of."""
    first = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError, load_workbook

    try:
        sheet = load_workbook(str(path)).get_sheet_by_index(0)
        for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            yield number, [_cell(cell) for cell in cells]
    except CalamineError as fault:
        raise UnreadableFile(f"it is not an XLSX workbook ({fault})") from None


def _cell(value: object) -> str:
    """A cell as a person reads it: a phone kept as a number has no decimal point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def _with_offset(text: str, zone: ZoneInfo) -> str:
    """Spell a time as ISO 8601 with an offset; what is not a time comes back unchanged."""
    moment = _moment(text, zone)
    return moment.isoformat() if moment else text


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    for form in SPREADSHEET_TIMES:
        try:
            return datetime.strptime(text.replace("-", "/"), form).replace(tzinfo=zone)
        except ValueError:
            continue
    return None


def _number(text: str | None) -> object:
    return int(text) if text and text.isascii() and text.isdigit() else text
