"""`import-leads`: rows through the same intake as the API; bad ones into a file of their own."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

import bootstrap
from api.catalogue import Catalogue
from api.intake import Intake, LeadIn
from bot.understanding.signals import lead_signals
from cli.lead_file import LeadFile, Row, UnreadableFile, read_lead_file
from cli.storage import database_needed
from cli.trouble import CannotStart
from domain.commands import IngestLead
from domain.errors import DomainError, InvalidInput
from handlers.bus import Bus
from settings import Settings

CHUNK_ROWS = 200


@dataclass(slots=True)
class ImportResult:
    """How the rows ended: outcomes by name, and the refused rows with their reasons."""

    outcomes: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[Row, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LeadImport:
    """Takes the rows of a file in. Safe to repeat: (source, external_id) is the key of each."""

    bus: Bus
    intake: Intake
    clock: Callable[[], datetime]
    zone: ZoneInfo

    async def take(self, file: LeadFile, advance: Callable[[int], None]) -> ImportResult:
        """Run all rows; `advance` hears how many more are done. Raises `StorageDown`."""
        result = ImportResult()
        for rows in _chunks(file.rows):
            await self._take_chunk(rows, result)
            advance(len(rows))
        return result

    async def _take_chunk(self, rows: Sequence[Row], result: ImportResult) -> None:
        accepted: list[tuple[Row, IngestLead]] = []
        for row in rows:
            try:
                accepted.append((row, await self._command(row)))
            except (ValidationError, DomainError) as refusal:
                result.refused.append((row, reason_of(refusal)))
        answers = await self.bus.execute_many([command for _, command in accepted])
        for (row, _), answer in zip(accepted, answers, strict=True):
            if isinstance(answer, DomainError):
                result.refused.append((row, reason_of(answer)))
            else:
                result.outcomes[answer.outcome] += 1

    async def _command(self, row: Row) -> IngestLead:
        lead = LeadIn.model_validate(row.lead(self.zone))
        return await self.intake.command(lead, "system", self.clock())


async def import_file(settings: Settings, path: Path, console: Console) -> None:
    """Import a file, with a progress bar; refused rows go to FILE.errors.csv.

    Raises CannotStart.
    """
    try:
        file = read_lead_file(path)
    except UnreadableFile as fault:
        raise CannotStart(f"{path}: {fault}") from fault
    with database_needed(settings):
        async with bootstrap.desk(settings) as desk:
            names = await desk.names()
            intake = Intake(Catalogue(), partial(lead_signals, catalogue=names))
            work = LeadImport(desk.bus, intake, bootstrap.utc_now, settings.zone)
            with Progress(console=console) as progress:
                bar = progress.add_task(path.name, total=len(file.rows))
                result = await work.take(file, partial(progress.advance, bar))
    _report(console, path, file, result)


def _report(console: Console, path: Path, file: LeadFile, result: ImportResult) -> None:
    """Say how it ended; the file of refused rows exists only if there are any."""
    errors = path.with_name(f"{path.name}.errors.csv")
    errors.unlink(missing_ok=True)
    parts = [f"{count} {outcome}" for outcome, count in sorted(result.outcomes.items())]
    if result.refused:
        write_refused(errors, file.headings, result.refused)
        parts.append(f"{len(result.refused)} refused, see {errors}")
    console.print(", ".join(parts) or "no rows", soft_wrap=True, highlight=False)


def reason_of(refusal: ValidationError | DomainError) -> str:
    """Why a row was refused, naming its columns and never repeating what stood in them."""
    if isinstance(refusal, ValidationError):
        problems: list[tuple[str, str]] = [
            (".".join(map(str, problem["loc"])), problem["msg"].removeprefix("Value error, "))
            for problem in refusal.errors(include_input=False, include_url=False)
        ]
    elif isinstance(refusal, InvalidInput):
        problems = refusal.errors
    else:
        return refusal.detail
    return "; ".join(f"{_column(loc)}: {message}" for loc, message in problems)


def write_refused(path: Path, headings: Sequence[str], refused: list[tuple[Row, str]]) -> None:
    """The rows as they came, with line and reason: correct them there and import that file."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*headings, "line", "reason"])
        for row, reason in sorted(refused, key=lambda pair: pair[0].number):
            writer.writerow([*(row.cells.get(name, "") for name in headings), row.number, reason])


def _column(loc: str) -> str:
    """The column behind a place in the intake's body."""
    names: dict[str, str] = {
        "consent.obtained_at": "consent_at",
        "consent.version": "consent_version",
        "customer": "phone",
    }
    if loc.startswith("consent.purposes"):
        return "consent_purposes"
    return names.get(loc, loc.rpartition(".")[2])


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), CHUNK_ROWS):
        yield rows[start : start + CHUNK_ROWS]
