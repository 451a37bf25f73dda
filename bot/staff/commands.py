"""Words that ask for something of the bot itself: the to-do, the day, an undo, on and off duty."""

from collections.abc import Awaitable, Callable

from bot.conversation import Turn
from bot.staff import desk
from bot.staff.words import lead_name
from db.models import Staff
from db.queries.faces import lead_face
from domain.commands import SetDuty, UndoFollowUp
from texts import staff as words
from texts.labels import result_text

Command = Callable[[Staff, Turn], Awaitable[None]]


def command_for(text: str) -> Command | None:
    """What a whole message asks for; None when it speaks of a lead."""
    return _COMMANDS.get(words.command_of(text) or "")


async def undo(staff: Staff, turn: Turn) -> None:
    last = await desk.last_follow_up(staff.userid)
    if last is None:
        await turn.tell(words.say("nothing_to_undo"))
        return
    lead = await lead_face(last.lead_id)
    text = words.say(
        "undone", lead=lead_name(lead) if lead else "", result=result_text(last.result)
    )
    await turn.do(UndoFollowUp(last.id, f"staff:{staff.userid}"), then=lambda _: text)


async def _todo(staff: Staff, turn: Turn) -> None:
    await turn.tell(await desk.todo_text(staff.userid, turn.now, turn.tz))


async def _today(staff: Staff, turn: Turn) -> None:
    await turn.tell(await desk.today_text(staff.userid, turn.now, turn.tz))


async def _mine(staff: Staff, turn: Turn) -> None:
    await turn.tell(await desk.mine_text(staff.userid, turn.now, turn.tz))


async def _help(staff: Staff, turn: Turn) -> None:
    await turn.tell(words.say("help"))


async def _go_on_duty(staff: Staff, turn: Turn) -> None:
    order = SetDuty(staff.userid, on_duty=True, by=f"staff:{staff.userid}")
    await turn.do(order, then=lambda _: words.say("on_duty"))


async def _go_off_duty(staff: Staff, turn: Turn) -> None:
    order = SetDuty(staff.userid, on_duty=False, by=f"staff:{staff.userid}")
    await turn.do(order, then=lambda _: words.say("off_duty"))


_COMMANDS: dict[str, Command] = {
    "undo": undo,
    "todo": _todo,
    "today": _today,
    "mine": _mine,
    "help": _help,
    "on_duty": _go_on_duty,
    "off_duty": _go_off_duty,
}
