"""What dealer staff and WeCom itself send to the WeCom app, as typed events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.events import (
    ImageMessage,
    InboundEvent,
    LinkMessage,
    LocationMessage,
    LocationReported,
    MenuClicked,
    MenuLocationPicked,
    MenuPicturesSent,
    MenuScanned,
    MenuViewed,
    TextMessage,
    UnknownEvent,
    VideoMessage,
    VoiceMessage,
)
from bot.wechat.fields import (
    Common,
    Malformed,
    child,
    children,
    instant,
    kind_of,
    many,
    need,
    text,
)
from bot.wechat.messages import SHARED_READERS, Reader, read_event
from bot.wechat.xml import Payload

__all__ = [
    "AppLifecycle",
    "ApprovalChanged",
    "BatchJobFinished",
    "CardClicked",
    "CardEvent",
    "CardMenuClicked",
    "ContactChanged",
    "CustomerServiceWaiting",
    "EnteredAgent",
    "ExternalChatChanged",
    "ExternalContactChanged",
    "ExternalTagChanged",
    "ImageMessage",
    "InboundEvent",
    "LinkMessage",
    "LocationMessage",
    "LocationReported",
    "MemberAdded",
    "MemberRemoved",
    "MenuClicked",
    "MenuLocationPicked",
    "MenuPicturesSent",
    "MenuScanned",
    "MenuViewed",
    "ShareChanged",
    "TextMessage",
    "UnknownEvent",
    "VideoMessage",
    "VoiceMessage",
    "parse",
]

_SENDERLESS = frozenset({"event.kf_msg_or_event"})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MemberAdded(InboundEvent):
    """A member came into the app's visible range; nobody followed anything."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MemberRemoved(InboundEvent):
    """A member left the visible range or the company, or was disabled."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EnteredAgent(InboundEvent):
    """A member opened the app's conversation."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardEvent(InboundEvent):
    """A member did something on a card; the response code updates that card once."""

    task_id: str
    event_key: str
    card_type: str
    response_code: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardClicked(CardEvent):
    """A member pressed a card's button; `selected` maps each question to the chosen options."""

    selected: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardMenuClicked(CardEvent):
    """A member chose from a card's top-right menu."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ContactChanged(InboundEvent):
    """The address book changed; `change` is WeCom's ChangeType, such as delete_user.

    `subject` is the userid, the department's or the tag's id; `new_userid` a changed userid.
    """

    change: str
    subject: str
    new_userid: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExternalContactChanged(InboundEvent):
    """A member's external contact changed; a welcome code works for 20 seconds."""

    change: str
    userid: str
    external_userid: str
    state: str
    welcome_code: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExternalChatChanged(InboundEvent):
    """A group chat with customers changed; `detail` says what, such as add_member."""

    change: str
    chat_id: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExternalTagChanged(InboundEvent):
    """A customer tag or a group of them changed."""

    change: str
    tag_id: str
    tag_type: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CustomerServiceWaiting(InboundEvent):
    """Something waits in WeCom's customer service: fetch it by kf/sync_msg within 10 minutes."""

    token: str
    open_kfid: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BatchJobFinished(InboundEvent):
    """An asynchronous import into the address book ended; `error_code` "0" is success."""

    job_id: str
    job_type: str
    error_code: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ApprovalChanged(InboundEvent):
    """One of WeCom's own approvals moved on; the details are in `raw`."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShareChanged(InboundEvent):
    """An app was shared to or withdrawn from another company."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AppLifecycle(InboundEvent):
    """WeCom is about to limit or disable the app, or has stopped to: tell ops.

    `change` is WeCom's event name, such as inactive_alert; `effective_at` when it begins.
    """

    change: str
    effective_at: datetime | None


def parse(payload: bytes, app: str) -> InboundEvent:
    """Read one authentic payload; UnknownEvent if it is of no use, Unreadable if no format."""
    return read_event(payload, app, _READERS, senderless=_SENDERLESS)


def _member_added(_payload: Payload, base: Common) -> MemberAdded:
    return MemberAdded(**base)


def _member_removed(_payload: Payload, base: Common) -> MemberRemoved:
    return MemberRemoved(**base)


def _entered(_payload: Payload, base: Common) -> EnteredAgent:
    return EnteredAgent(**base)


def _card_clicked(payload: Payload, base: Common) -> CardClicked:
    return CardClicked(
        **base,
        task_id=need(payload, "TaskId"),
        event_key=text(payload, "EventKey"),
        card_type=text(payload, "CardType"),
        response_code=text(payload, "ResponseCode"),
        selected={
            need(item, "QuestionKey"): _options(item)
            for item in children(child(payload, "SelectedItems"), "SelectedItem")
        },
    )


def _options(item: Payload) -> tuple[str, ...]:
    options = many(child(item, "OptionIds"), "OptionId")
    return tuple(_option(option) for option in options)


def _option(option: object) -> str:
    if not isinstance(option, str):
        raise Malformed("OptionId")
    return option


def _card_menu_clicked(payload: Payload, base: Common) -> CardMenuClicked:
    return CardMenuClicked(
        **base,
        task_id=need(payload, "TaskId"),
        event_key=text(payload, "EventKey"),
        card_type=text(payload, "CardType"),
        response_code=text(payload, "ResponseCode"),
    )


def _contact_changed(payload: Payload, base: Common) -> ContactChanged:
    subject = text(payload, "UserID") or text(payload, "Id") or need(payload, "TagId")
    return ContactChanged(
        **base,
        change=need(payload, "ChangeType"),
        subject=subject,
        new_userid=text(payload, "NewUserID"),
    )


def _external_contact_changed(payload: Payload, base: Common) -> ExternalContactChanged:
    return ExternalContactChanged(
        **base,
        change=need(payload, "ChangeType"),
        userid=text(payload, "UserID"),
        external_userid=text(payload, "ExternalUserID"),
        state=text(payload, "State"),
        welcome_code=text(payload, "WelcomeCode"),
    )


def _external_chat_changed(payload: Payload, base: Common) -> ExternalChatChanged:
    return ExternalChatChanged(
        **base,
        change=need(payload, "ChangeType"),
        chat_id=need(payload, "ChatId"),
        detail=text(payload, "UpdateDetail"),
    )


def _external_tag_changed(payload: Payload, base: Common) -> ExternalTagChanged:
    return ExternalTagChanged(
        **base,
        change=need(payload, "ChangeType"),
        tag_id=text(payload, "Id"),
        tag_type=text(payload, "TagType"),
    )


def _customer_service(payload: Payload, base: Common) -> CustomerServiceWaiting:
    return CustomerServiceWaiting(
        **base, token=need(payload, "Token"), open_kfid=need(payload, "OpenKfId")
    )


def _batch_job(payload: Payload, base: Common) -> BatchJobFinished:
    job = child(payload, "BatchJob")
    return BatchJobFinished(
        **base,
        job_id=need(job, "JobId"),
        job_type=text(job, "JobType"),
        error_code=text(job, "ErrCode"),
    )


def _approval(payload: Payload, base: Common) -> ApprovalChanged:
    info = child(payload, "ApprovalInfo")
    # open_approval_change calls it ThirdNo, sys_approval_change SpNo.
    return ApprovalChanged(**base, number=text(info, "ThirdNo") or text(info, "SpNo"))


def _share(_payload: Payload, base: Common) -> ShareChanged:
    return ShareChanged(**base)


def _lifecycle(payload: Payload, base: Common) -> AppLifecycle:
    effective_at = instant(payload, "EffectTime") if text(payload, "EffectTime") else None
    change = kind_of(payload).removeprefix("event.")
    return AppLifecycle(**base, change=change, effective_at=effective_at)


_READERS: Mapping[str, Reader] = {
    **SHARED_READERS,
    "event.subscribe": _member_added,
    "event.unsubscribe": _member_removed,
    "event.enter_agent": _entered,
    "event.template_card_event": _card_clicked,
    "event.template_card_menu_event": _card_menu_clicked,
    "event.change_contact": _contact_changed,
    "event.change_external_contact": _external_contact_changed,
    "event.change_external_chat": _external_chat_changed,
    "event.change_external_tag": _external_tag_changed,
    "event.kf_msg_or_event": _customer_service,
    "event.batch_job_result": _batch_job,
    "event.open_approval_change": _approval,
    "event.sys_approval_change": _approval,
    "event.share_agent_change": _share,
    "event.share_chain_change": _share,
    "event.inactive_alert": _lifecycle,
    "event.close_inactive_agent": _lifecycle,
    "event.reopen_inactive_agent": _lifecycle,
    "event.low_active_alert": _lifecycle,
    "event.low_active": _lifecycle,
    "event.active_restored": _lifecycle,
}
