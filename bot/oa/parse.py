"""What customers send to the official account, as typed events."""

from collections.abc import Mapping
from dataclasses import dataclass

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
from bot.wechat.fields import Common, child, children, count, need, text
from bot.wechat.messages import SHARED_READERS, Reader, read_event
from bot.wechat.xml import Payload

__all__ = [
    "AuthorizationCancelled",
    "AuthorizationRevoked",
    "Followed",
    "HumanSessionClosed",
    "HumanSessionOpened",
    "HumanSessionSwitched",
    "ImageMessage",
    "InboundEvent",
    "LinkMessage",
    "LocationMessage",
    "LocationReported",
    "MassSent",
    "MenuClicked",
    "MenuLocationPicked",
    "MenuPicturesSent",
    "MenuScanned",
    "MenuViewed",
    "PrivacyEvent",
    "Scanned",
    "SubscriptionAnswer",
    "SubscriptionDelivery",
    "SubscriptionMessageSent",
    "SubscriptionsAnswered",
    "TemplateSent",
    "TextMessage",
    "Unfollowed",
    "UnknownEvent",
    "UserInfoModified",
    "VideoMessage",
    "VoiceMessage",
    "parse",
]

_PRIVACY = frozenset(  # WeChat names the person in OpenID, not always as the sender
    {
        "event.user_info_modified",
        "event.user_authorization_revoke",
        "event.user_authorization_cancellation",
    }
)
_SCENE_PREFIX = "qrscene_"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Followed(InboundEvent):
    """A customer follows the account; `scene` is that of the code they scanned, or empty."""

    scene: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Unfollowed(InboundEvent):
    """A customer left. Nothing can be sent, and WeChat asks that their data be deleted."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Scanned(InboundEvent):
    """A follower scanned a code with a scene."""

    scene: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TemplateSent(InboundEvent):
    """What became of a template message. `status` is WeChat's word, such as success."""

    msgid: str
    status: str

    @property
    def delivered(self) -> bool:
        """Whether it arrived; else the customer blocks us or WeChat failed."""
        return self.status == "success"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MassSent(InboundEvent):
    """What became of a mass message."""

    msgid: str
    status: str
    sent: int
    failed: int


@dataclass(frozen=True, slots=True)
class SubscriptionAnswer:
    """One customer's yes or no to one kind of subscription message."""

    template_id: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SubscriptionsAnswered(InboundEvent):
    """A customer accepted or refused subscription messages, in a dialogue or in the settings."""

    answers: tuple[SubscriptionAnswer, ...]


@dataclass(frozen=True, slots=True)
class SubscriptionDelivery:
    """What became of one subscription message; `error_code` "0" means delivered."""

    template_id: str
    msgid: str
    error_code: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SubscriptionMessageSent(InboundEvent):
    """What became of subscription messages."""

    deliveries: tuple[SubscriptionDelivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class HumanSessionOpened(InboundEvent):
    """A person of WeChat's own customer-service desk took the customer over."""

    kf_account: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class HumanSessionClosed(InboundEvent):
    """The desk's conversation ended."""

    kf_account: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class HumanSessionSwitched(InboundEvent):
    """The desk passed the customer to somebody else."""

    from_kf_account: str
    to_kf_account: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PrivacyEvent(InboundEvent):
    """A customer changed or withdrew what WeChat may tell us: an order about their data."""

    openid: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UserInfoModified(PrivacyEvent):
    """The customer's profile changed: what was copied from it is out of date."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuthorizationRevoked(PrivacyEvent):
    """The customer withdrew an authorisation: delete what it gave us."""

    revoke_info: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuthorizationCancelled(PrivacyEvent):
    """The customer's WeChat account is gone: delete the person."""


def parse(payload: bytes, app: str) -> InboundEvent:
    """Read one authentic payload; UnknownEvent if it is of no use, Unreadable if no format."""
    return read_event(payload, app, _READERS, senderless=_PRIVACY)


def _followed(payload: Payload, base: Common) -> Followed:
    key = text(payload, "EventKey")
    # Other keys, such as last_trade_no_… after a payment, are not scenes.
    scene = key.removeprefix(_SCENE_PREFIX) if key.startswith(_SCENE_PREFIX) else ""
    return Followed(**base, scene=scene, ticket=text(payload, "Ticket"))


def _unfollowed(_payload: Payload, base: Common) -> Unfollowed:
    return Unfollowed(**base)


def _scanned(payload: Payload, base: Common) -> Scanned:
    return Scanned(**base, scene=need(payload, "EventKey"), ticket=text(payload, "Ticket"))


def _template_sent(payload: Payload, base: Common) -> TemplateSent:
    return TemplateSent(**base, msgid=need(payload, "MsgID"), status=need(payload, "Status"))


def _mass_sent(payload: Payload, base: Common) -> MassSent:
    return MassSent(
        **base,
        msgid=need(payload, "MsgID"),
        status=need(payload, "Status"),
        sent=count(payload, "SentCount"),
        failed=count(payload, "ErrorCount"),
    )


def _subscriptions_answered(payload: Payload, base: Common) -> SubscriptionsAnswered:
    answers = tuple(
        SubscriptionAnswer(
            template_id=need(item, "TemplateId"),
            accepted=need(item, "SubscribeStatusString") == "accept",
        )
        # WeChat's own sample of the change event uses the popup event's tag.
        for item in _list_in(payload, "SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent")
    )
    return SubscriptionsAnswered(**base, answers=answers)


def _subscription_sent(payload: Payload, base: Common) -> SubscriptionMessageSent:
    deliveries = tuple(
        SubscriptionDelivery(
            template_id=need(item, "TemplateId"),
            msgid=text(item, "MsgID"),
            error_code=text(item, "ErrorCode"),
        )
        for item in _list_in(payload, "SubscribeMsgSentEvent")
    )
    return SubscriptionMessageSent(**base, deliveries=deliveries)


def _list_in(payload: Payload, *tags: str) -> list[Payload]:
    """JSON callbacks put the list beside the event's fields, XML ones inside a tag."""
    for place in (payload, *(child(payload, tag) for tag in tags)):
        if items := children(place, "List"):
            return items
    return []


def _human_opened(payload: Payload, base: Common) -> HumanSessionOpened:
    return HumanSessionOpened(**base, kf_account=need(payload, "KfAccount"))


def _human_closed(payload: Payload, base: Common) -> HumanSessionClosed:
    return HumanSessionClosed(**base, kf_account=need(payload, "KfAccount"))


def _human_switched(payload: Payload, base: Common) -> HumanSessionSwitched:
    return HumanSessionSwitched(
        **base,
        from_kf_account=need(payload, "FromKfAccount"),
        to_kf_account=need(payload, "ToKfAccount"),
    )


def _info_modified(payload: Payload, base: Common) -> UserInfoModified:
    return UserInfoModified(**base, openid=_subject(payload))


def _revoked(payload: Payload, base: Common) -> AuthorizationRevoked:
    return AuthorizationRevoked(
        **base, openid=_subject(payload), revoke_info=text(payload, "RevokeInfo")
    )


def _cancelled(payload: Payload, base: Common) -> AuthorizationCancelled:
    return AuthorizationCancelled(**base, openid=_subject(payload))


def _subject(payload: Payload) -> str:
    return text(payload, "OpenID") or need(payload, "FromUserName")


_READERS: Mapping[str, Reader] = {
    **SHARED_READERS,
    "event.subscribe": _followed,
    "event.unsubscribe": _unfollowed,
    "event.scan": _scanned,
    "event.templatesendjobfinish": _template_sent,
    "event.masssendjobfinish": _mass_sent,
    "event.subscribe_msg_popup_event": _subscriptions_answered,
    "event.subscribe_msg_change_event": _subscriptions_answered,
    "event.subscribe_msg_sent_event": _subscription_sent,
    "event.kf_create_session": _human_opened,
    "event.kf_close_session": _human_closed,
    "event.kf_switch_session": _human_switched,
    "event.user_info_modified": _info_modified,
    "event.user_authorization_revoke": _revoked,
    "event.user_authorization_cancellation": _cancelled,
}
