"""The people holding the two phones, and what is on their screens."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.quota import MemberRate, ReplyWindows

KEPT_MESSAGES = 500


@dataclass(slots=True)
class Message:
    """One line of a chat.

    `sender` is customer, account, staff, app or notice; `channel` says how it came: user, event,
    passive, custom, template, subscribe, app. A card's current face is `content["card"]`.
    """

    id: int
    at: float
    sender: str
    kind: str
    content: dict[str, Any]
    channel: str
    msgid: str = ""
    dropped: bool = False
    recalled: bool = False
    truncated: bool = False


@dataclass(slots=True)
class Person:
    """What a customer and a member of staff have in common: a chat, and how far it was read."""

    name: str
    messages: deque[Message] = field(default_factory=lambda: deque(maxlen=KEPT_MESSAGES))
    read_up_to: int = 0

    def unread(self) -> int:
        return sum(
            1
            for message in self.messages
            if message.id > self.read_up_to
            and message.sender in ("account", "app")
            and not (message.dropped or message.recalled)
        )

    def mark_read(self) -> None:
        if self.messages:
            self.read_up_to = self.messages[-1].id


@dataclass(slots=True)
class Customer(Person):
    """Somebody with WeChat, following the brand's official account or not."""

    openid: str = ""
    unionid: str = ""
    subscribed: bool = False
    subscribed_at: int = 0
    subscribe_scene: str = ""
    scene: str = ""
    blocks_templates: bool = False
    windows: ReplyWindows = field(default_factory=ReplyWindows)
    accepted_templates: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Member(Person):
    """One member of the enterprise who can see the app."""

    userid: str = ""
    role: str = ""
    dealer: str = ""
    region: str = ""
    licensed: bool = True
    rate: MemberRate = field(default_factory=MemberRate)

    def find_card(self, task_id: str) -> Message | None:
        """The newest card of that task on this phone."""
        for message in reversed(self.messages):
            if message.kind == "template_card" and message.content.get("task_id") == task_id:
                return message
        return None
