"""The frequent questions the bot answers, edited by brand operations; every version is kept."""

from collections.abc import Iterator
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, StringConstraints

from api import cursors
from api.audited import ordered
from api.errors import Refused
from api.fields import Body, Count, PageSize, Query, Text200, View, clean, iso
from api.names import actor_names
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from db.queries import faq as stored
from domain.errors import NotFound
from domain.faq import LONGEST_ANSWER, MOST_QUESTIONS, Question
from domain.organisation_commands import PutFaq
from texts import faq as delivered

routes = Routes("faq")

Words = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=100)]


class QuestionIn(Body):
    """An answer, the keywords that call for it, and the words that do not let it speak."""

    keywords: Words
    unless: Words = Field(default=[])
    instead_of_person: bool = False
    answer: Annotated[str, StringConstraints(max_length=2 * LONGEST_ANSWER)]


class FaqIn(Body):
    """Every question. `version` is the one that was edited."""

    questions: Annotated[list[QuestionIn], Field(max_length=2 * MOST_QUESTIONS)]
    version: Count
    note: Text200 = ""


class VersionIn(Body):
    """`version` is the one in force now."""

    version: Count
    note: Text200 = ""


class TryIn(Body):
    """What a customer may write, and the questions to try it on."""

    text: Text200
    questions: Annotated[list[QuestionIn], Field(max_length=2 * MOST_QUESTIONS)]


class QuestionView(View):
    """One question."""

    keywords: list[str]
    unless: list[str]
    instead_of_person: bool
    answer: str


class FaqView(View):
    """The questions in force. `delivered`: those that came with the program."""

    version: int
    delivered: bool
    questions: list[QuestionView]


class TryView(View):
    """The answer the bot would give; empty: none of these fits."""

    answer: str


class FaqVersion(View):
    """One version; `questions` null: those that came with the program."""

    version: int
    at: str
    by_name: str
    note: str
    questions: int | None


class FaqVersions(View):
    """Versions, newest first."""

    items: list[FaqVersion]
    next_cursor: str | None


class VersionsQuery(Query):
    """Which page of the history."""

    limit: PageSize = 20
    cursor: str | None = None


@routes.get("/faq", scope=CONSOLE, answers={200: FaqView})
async def get_faq(call: Call) -> web.StreamResponse:
    """The questions in force."""
    return answer(await _view())


@routes.put("/faq", scope="org:write", answers={200: FaqView})
async def put_faq(call: Call, body: FaqIn) -> web.StreamResponse:
    """Replace the questions, unless somebody else has done so meanwhile."""
    await _put(call, _questions(body.questions), body.version, body.note)
    return answer(await _view())


@routes.post("/faq/try", scope=CONSOLE, answers={200: TryView})
async def try_faq(call: Call, body: TryIn) -> web.StreamResponse:
    """What the bot would answer with these questions. Nothing is stored."""
    found = delivered.best(body.text, delivered.read(_whole(body.questions)))
    return answer(TryView(answer=found.answer if found else ""))


@routes.get("/faq/versions", scope=CONSOLE, answers={200: FaqVersions})
async def list_faq_versions(call: Call, query: VersionsQuery) -> web.StreamResponse:
    """Who changed the questions, newest first."""
    rows = await stored.versions(cursors.id_before(query.cursor), query.limit + 1)
    page = rows[: query.limit]
    named = await actor_names(row["created_by"] for row in page)
    items = [
        FaqVersion(
            version=row["version"],
            at=iso(row["created_at"]),
            by_name=named(row["created_by"]),
            note=row["note"],
            questions=None if row["questions"] is None else len(row["questions"]),
        )
        for row in page
    ]
    more = cursors.encode(page[-1]["version"]) if len(rows) > query.limit else None
    return answer(FaqVersions(items=items, next_cursor=more))


@routes.post("/faq/versions/{number}/restore", scope="org:write", answers={200: FaqView})
async def restore_faq(call: Call, number: Count, body: VersionIn) -> web.StreamResponse:
    """Return to an earlier version. Number 0: the questions that came with the program."""
    row = await stored.version(number)
    if row is None and number != 0:
        raise NotFound("no such version")
    questions = None
    if row and row["questions"] is not None:
        questions = tuple(_question(each) for each in row["questions"])
    await _put(call, questions, body.version, body.note, restored=number)
    return answer(await _view())


async def _put(
    call: Call,
    questions: tuple[Question, ...] | None,
    version: int,
    note: str,
    restored: int | None = None,
) -> None:
    if not call.caller.sees_everything:
        raise Refused(403, "not_allowed", "the questions are the brand's")
    await ordered(
        call,
        PutFaq(questions, version, call.caller.name, note),
        "put_faq",
        "faq",
        look=_by_keywords,
        restored=restored,
        note=note or None,
    )


async def _by_keywords() -> dict[str, object]:
    """Answers by their keywords, for the record of what changed."""
    view = await _view()
    return {"、".join(q.keywords): q.answer for q in view.questions}


async def _view() -> FaqView:
    row = await stored.newest()
    kept = row["questions"] if row else None
    rows: list[dict[str, Any]] = delivered.delivered() if kept is None else kept
    return FaqView(
        version=row["version"] if row else 0,
        delivered=kept is None,
        questions=[
            QuestionView(
                keywords=list(each["keywords"]),
                unless=list(each.get("unless", ())),
                instead_of_person=bool(each.get("instead_of_person")),
                answer=each["answer"],
            )
            for each in rows
        ],
    )


def _whole(given: list[QuestionIn]) -> Iterator[dict[str, object]]:
    """Rows that are complete: somebody may still be writing the others."""
    for question in given:
        row = question.model_dump()
        for name in ("keywords", "unless"):
            row[name] = [word for word in row[name] if word.strip()]
        if row["keywords"] and 0 < len(row["answer"].strip()) <= LONGEST_ANSWER:
            yield row


def _questions(given: list[QuestionIn]) -> tuple[Question, ...]:
    return tuple(_question(question.model_dump()) for question in given)


def _question(row: dict[str, Any]) -> Question:
    return Question(
        keywords=tuple(clean(word).strip() for word in row["keywords"]),
        answer=clean(row["answer"]).strip(),
        unless=tuple(clean(word).strip() for word in row["unless"]),
        instead_of_person=row["instead_of_person"],
    )
