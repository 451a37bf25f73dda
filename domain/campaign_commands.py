"""Orders about campaigns: written and set going by people, carried out one touch at a time."""

from dataclasses import dataclass

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class PutCampaign(Command):
    """Write a campaign's flow: a draft, or the next version for whoever joins from now on."""

    code: str
    document: object
    by: str


@dataclass(frozen=True, slots=True)
class StartCampaign(Command):
    """Set a draft or a paused campaign going. `count`: how many its author expects to join."""

    code: str
    by: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class PauseCampaign(Command):
    """Say nothing more until it is started again; nobody joins meanwhile."""

    code: str
    by: str


@dataclass(frozen=True, slots=True)
class StopCampaign(Command):
    """End a campaign for good. What came of it stays."""

    code: str
    by: str


@dataclass(frozen=True, slots=True)
class RefillCampaigns(Command):
    """Look again, once a day, who has come into the segments of running campaigns."""


@dataclass(frozen=True, slots=True)
class MeasureCampaigns(Command):
    """Count what campaigns have brought, for the list of them."""


@dataclass(frozen=True, slots=True)
class ArmTouches(Command):
    """Hand the touches that are due to the outbox, no faster than the policy allows."""


@dataclass(frozen=True, slots=True)
class LetGoTouches(Command):
    """Whoever waits for a touch that ops have given up does not wait for ever."""


@dataclass(frozen=True, slots=True)
class BeginTouch(Command):
    """A touch's moment has come: look at the facts and write down that it is being sent.

    `tried` are ways that have just failed for this step.
    """

    outbox_id: int
    enrolment_id: int
    step: int
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GiveBackTouch(Command):
    """A touch certainly was not sent: as if it had not begun."""

    touch_id: int


@dataclass(frozen=True, slots=True)
class HoldCampaign(Command):
    """WeChat has no template of the id that a touch names. It was not sent, nor would others be:
    the campaign pauses until somebody has corrected it."""

    touch_id: int


@dataclass(frozen=True, slots=True)
class RecordTouch(Command):
    """A touch was sent (`state` sent), or perhaps (unknown); the customer goes on in the flow."""

    outbox_id: int
    touch_id: int
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class AddTrialRecipient(Command):
    """Put a customer on the short list of those whom steps may be tried out on."""

    customer_id: int
    by: str


@dataclass(frozen=True, slots=True)
class RemoveTrialRecipient(Command):
    """Take a customer off that list."""

    customer_id: int


@dataclass(frozen=True, slots=True)
class SendTrial(Command):
    """Try a step (from 0) of a campaign as it is kept. `channel` None: as the real one goes."""

    code: str
    step: int
    customer_id: int
    by: str
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class BeginTrial(Command):
    """A trial is about to leave: look again whether it may."""

    outbox_id: int


@dataclass(frozen=True, slots=True)
class RecordTrial(Command):
    """What became of a trial: `outcome` sent, unknown, or unsent with the `reason`."""

    outbox_id: int
    outcome: str
    channel: str = ""
    text: str = ""
    reason: str = ""
