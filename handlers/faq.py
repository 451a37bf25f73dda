"""The frequent questions as brand operations want them: versions, the newest counts."""

import hashlib
from dataclasses import asdict

import orjson

from db.models import FaqVersion
from domain.errors import VersionChanged
from domain.faq import check_questions
from domain.organisation_commands import PutFaq
from handlers.tx import Tx


async def put_faq(command: PutFaq, tx: Tx) -> int:
    """Store the questions as the next version; returns its number."""
    last = await FaqVersion.all().order_by("-version").first()
    version = last.version if last else 0
    if command.version != version:
        raise VersionChanged(f"the questions are at version {version}", version=version)
    if command.questions is not None:
        check_questions(command.questions)
    questions = None if command.questions is None else [asdict(q) for q in command.questions]
    row = FaqVersion(
        version=version + 1,
        questions=questions,
        digest="" if questions is None else hashlib.sha256(orjson.dumps(questions)).hexdigest(),
        created_at=tx.now,
        created_by=command.by,
        note=command.note,
    )
    await tx.add(row)
    return row.version
