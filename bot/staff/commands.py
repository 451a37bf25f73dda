"""Words that ask for something of the bot itself: the to-do, the day, an undo, on and off duty."""

from collections.abc import Awaitable, Callable

from bot.conversation import Turn
from bot.staff import desk
from bot.staff.store_day import store_text
from bot.staff.words import lead_name
from db.models import Dealer, Staff
from db.queries.faces import lead_face
from domain.commands import SetDuty, UndoFollowUp
from handlers.crew import TAKE_LEADS, why_none_come
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
    dealer = await _store_of(staff)
    text = await desk.todo_text(staff.userid, turn.now, turn.tz)
    if dealer and text == words.say("todo_none"):
        text = await _store_day(dealer, turn)
    await turn.tell(text)


async def _today(staff: Staff, turn: Turn) -> None:
    if dealer := await _store_of(staff):
        await turn.tell(await _store_day(dealer, turn))
        return
    await turn.tell(await desk.today_text(staff.userid, turn.now, turn.tz))


async def _store_of(staff: Staff) -> Dealer | None:
    """The store this one leads, if any."""
    leads = staff.role == "store_manager" and staff.dealer_id
    return await Dealer.get_or_none(code=staff.dealer_id) if leads else None


async def _store_day(dealer: Dealer, turn: Turn) -> str:
    return await store_text(dealer, turn.now, turn.tz, f"{turn.public_url}/m/approvals")


async def _mine(staff: Staff, turn: Turn) -> None:
    await turn.tell(await desk.mine_text(staff.userid, turn.now, turn.tz))


async def _help(staff: Staff, turn: Turn) -> None:
    await turn.tell(words.say("help"))


async def _go_on_duty(staff: Staff, turn: Turn) -> None:
    """Also why no lead comes all the same: a shift that has not begun, leave, a full desk."""
    obstacle = await why_none_come(staff, turn.now, turn.tz)
    await _set_duty(
        staff, turn, on_duty=True, key=f"on_duty_{obstacle}" if obstacle else "on_duty"
    )


async def _go_off_duty(staff: Staff, turn: Turn) -> None:
    await _set_duty(staff, turn, on_duty=False, key="off_duty")


async def _set_duty(staff: Staff, turn: Turn, *, on_duty: bool, key: str) -> None:
    if not staff.dealer_id:
        await turn.tell(words.say("duty_not_yours"))
        return
    if staff.role not in TAKE_LEADS:
        key = "on_duty_to_talk" if on_duty else "off_duty_to_talk"
    count = await desk.todo_count(staff.userid, turn.now, turn.tz)
    told = words.say(key) + (words.say("duty_todo", count=count) if count else "")
    order = SetDuty(staff.userid, on_duty=on_duty, by=f"staff:{staff.userid}")
    await turn.do(order, then=lambda _: told)


_COMMANDS: dict[str, Command] = {
    "undo": undo,
    "todo": _todo,
    "today": _today,
    "mine": _mine,
    "help": _help,
    "on_duty": _go_on_duty,
    "off_duty": _go_off_duty,
}
