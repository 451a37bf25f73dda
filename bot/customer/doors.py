"""The first words to somebody who follows or scans: of the dealer or adviser whose code it was."""

from bot.customer.saying import Pick, Saying
from db.models import Dealer, Staff
from domain.scenes import scene_of
from texts import customer as words
from texts import talk


async def welcome(scene: str) -> Saying:
    """Greet, and show what there is to ask."""
    picks = tuple(Pick(*pick) for pick in talk.picks("welcome"))
    return Saying(await _greeting(scene), picks)


async def _greeting(scene: str) -> str:
    """By the scene of the code; plainly without one, or when it is nobody's."""
    kind, value = scene_of(scene)
    member = await Staff.get_or_none(userid=value, active=True) if kind == "staff" else None
    code = member.dealer_id if member else value if kind == "dealer" else ""
    dealer = await Dealer.get_or_none(code=code) if code else None
    if dealer and member:
        return talk.line("welcome_staff", dealer=dealer.name, name=member.name)
    if dealer:
        return talk.line("welcome_dealer", dealer=dealer.name)
    return words.say("welcome")
