"""Every refusal the rules can give: one class each, with a stable code.

`api/errors`, `bot/middlewares` and `worker/retry` translate them; nobody else needs to. The
`detail` is for the caller's log or API answer, in English; what people read is found by `code`.
"""

from collections.abc import Sequence
from typing import ClassVar


class DomainError(Exception):
    """A command was understood and refused. `facts` are safe to show (no phone, no token)."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class InvalidInput(DomainError):
    """Something in the command is wrong. `errors` name each field and the reason."""

    code = "invalid_input"

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{loc}: {msg}" for loc, msg in errors))
        self.errors = list(errors)


class NotFound(DomainError):
    """No such row, or not one this caller may see: the two look the same."""

    code = "not_found"


class NotYours(DomainError):
    """The lead is held by somebody else. Facts: `holder` (name)."""

    code = "not_yours"


class AlreadyAccepted(DomainError):
    """The lead was accepted before. Facts: `by` (name), `userid`, `at`."""

    code = "already_accepted"


class AssignmentOver(DomainError):
    """The assignment this order speaks of has ended: recycled, transferred or closed."""

    code = "assignment_over"


class WrongState(DomainError):
    """The state of the lead, campaign or segment does not allow the order. Facts: `state`."""

    code = "wrong_state"


class ClaimLimit(DomainError):
    """The member has claimed as many leads today as the policy allows. Facts: `limit`."""

    code = "claim_limit"


class CoolingDown(DomainError):
    """Who lost a lead to the sea may not claim it back at once. Facts: `until`."""

    code = "cooling_down"


class NobodyToTake(DomainError):
    """A transfer found no other adviser on duty with room, or the one named is not."""

    code = "nobody_to_take"


class DefeatNotEarned(DomainError):
    """Too few attempts for a defeat. Facts: `missing` (reasons as JSON)."""

    code = "defeat_not_earned"


class AlreadyReviewed(DomainError):
    """The approval was decided before. Facts: `by` (name), `approved`."""

    code = "already_reviewed"


class NotAllowed(DomainError):
    """The person's role does not include this."""

    code = "not_allowed"


class UndoTooLate(DomainError):
    """The follow-up can no longer be undone: too old, undone before, or built upon since."""

    code = "undo_too_late"


class CountChanged(DomainError):
    """More or fewer are concerned than the person who ordered it saw. Facts: `count`."""

    code = "count_changed"


class NothingToMerge(DomainError):
    """One notice alone makes no digest."""

    code = "nothing_to_merge"


class NotReachable(DomainError):
    """WeChat does not allow a message to this customer now. Facts: `reason`."""

    code = "not_reachable"


class HandoffOver(DomainError):
    """Nobody talks to this customer, or no longer: the bot does."""

    code = "handoff_over"


class SlotTaken(DomainError):
    """Nobody can drive then: facts: `reason` (too_soon, closed, full or no_slot)."""

    code = "slot_taken"


class AlreadyBooked(DomainError):
    """The customer has a test drive of this model ahead. Facts: `appointment_id`, `start_at`."""

    code = "already_booked"


class VersionChanged(DomainError):
    """Somebody else changed it since it was read. Facts: `version` (the one in force)."""

    code = "version_changed"


class CannotMerge(DomainError):
    """These two cannot become one. Facts: `why` (same, merged or erased)."""

    code = "cannot_merge"


class CannotUnmerge(DomainError):
    """The merge cannot be taken back. Facts: `why` (undone, built_upon or erased)."""

    code = "cannot_unmerge"


class TooManyWebhooks(DomainError):
    """Every webhook costs every fact a little: there is a most."""

    code = "too_many_webhooks"


class UnderWay(DomainError):
    """It is being done right now; look again in a moment."""

    code = "under_way"
