"""Why not, in the words of a colleague."""

from datetime import datetime

from bot.staff.words import moment
from domain.errors import AlreadyAccepted, DefeatNotEarned, DomainError, NotReachable
from domain.reasons import Reason
from texts import staff as words
from texts.labels import state_text


def refusal_text(refusal: DomainError, userid: str, now: datetime, tz: str) -> str:
    """What to tell the member of staff whose order was refused."""
    facts = dict(refusal.facts)
    code = refusal.code
    if isinstance(refusal, AlreadyAccepted):
        facts["at"] = moment(datetime.fromisoformat(str(facts["at"])), now, tz)
        code += "_by_you" if facts["userid"] == userid else ""
    if isinstance(refusal, DefeatNotEarned):
        facts["missing"] = words.say("list_comma").join(_missing(facts["missing"]))
    if isinstance(refusal, NotReachable):
        code += f"_{facts['reason']}"
    if "state" in facts:
        facts["state"] = state_text(str(facts["state"]))
    return words.refused(code, **facts)


def _missing(reasons: object) -> list[str]:
    found = [Reason.from_json(r) for r in reasons] if isinstance(reasons, list) else []
    return [words.refused(reason.code, **reason.params) for reason in found]
