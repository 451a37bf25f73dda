"""Everything the sandbox remembers, in one place, with the one door for putting chat lines in."""

import itertools
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from sandbox.config import SandboxConfig
from sandbox.credentials import DAY_S, Allowed, Codes, Tickets, Tokens
from sandbox.errors import NotPossible
from sandbox.faults import Counters, Faults
from sandbox.media import MediaStore
from sandbox.people import Customer, Member, Message, Person
from sandbox.quota import Recent
from sandbox.stream import Stream
from sandbox.wecom.deck import Deck

MAX_CUSTOMERS = 5000
SENDS_PER_ACCOUNT_A_DAY = 200
OPENID = re.compile(r"[0-9A-Za-z_-]{1,64}")
USERID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")


def new_openid() -> str:
    """Looks like a real one: o and 27 more characters."""
    return "o" + secrets.token_urlsafe(21)[:27]


class World:
    """The state of the platform. Only this process changes it, from one event loop."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.product_url = config.product_url
        self.public_url = config.public_url or config.product_url
        self.own_url = ""
        self.stream = Stream()
        self.faults = Faults()
        self.counters = Counters()
        self.tokens, self.codes, self.tickets = Tokens(), Codes(), Tickets()
        self.sequence = 0
        self._msgids = itertools.count(secrets.randbits(20))
        self.on_change: Callable[[], None] = lambda: None
        self.product_up: bool | None = None
        self.clear()

    def clear(self) -> None:
        """Forget all chats, cards, menu, codes and media; tokens and faults stay."""
        self.customers: dict[str, Customer] = {}
        self.members: dict[str, Member] = {}
        self.menu: dict[str, Any] | None = None
        self.scenes: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.media = MediaStore()
        self.deck = Deck()
        self.sent_templates, self.sent_messages = Recent(), Recent()
        self.last_opened: dict[str, str] = {}
        for contact in self.config.organisation.contacts:
            self.members[contact.userid] = Member(
                name=contact.name,
                userid=contact.userid,
                role=contact.role,
                dealer=contact.dealer,
                region=contact.region,
            )
        self.app_sends = Allowed(SENDS_PER_ACCOUNT_A_DAY * max(len(self.members), 1), DAY_S)

    def now(self) -> float:
        """Seconds since the epoch by the injected clock."""
        return self.config.clock()

    def next_msgid(self) -> str:
        """A 64-bit message id, beyond what a float or JavaScript can hold."""
        return str((int(self.now() * 1000) << 20) + next(self._msgids) % (1 << 20))

    def customer(self, openid: str) -> Customer:
        """That customer, invented on first sight. Raises NotPossible for a malformed openid."""
        found = self.customers.get(openid)
        if found is None:
            if not OPENID.fullmatch(openid):
                raise NotPossible("bad_openid", "letters, digits, - and _ (1 to 64)", 400)
            if len(self.customers) >= MAX_CUSTOMERS:
                raise NotPossible("too_many_customers", "reset the sandbox first")
            found = Customer(name=f"客户{len(self.customers) + 1}", openid=openid)
            self.customers[openid] = found
            self.changed(type="customers")
        return found

    def member(self, userid: str) -> Member:
        """Raises NotPossible when the directory does not hold this member."""
        found = self.find_member(userid)
        if found is None:
            raise NotPossible("no_such_member", f"no member {userid!r}", 404)
        return found

    def find_member(self, userid: str) -> Member | None:
        """User ids are compared without regard to case, as WeCom does."""
        if userid in self.members:
            return self.members[userid]
        lowered = userid.lower()
        return next((m for key, m in self.members.items() if key.lower() == lowered), None)

    def put(
        self,
        person: Person,
        sender: str,
        kind: str,
        content: dict[str, Any],
        channel: str,
        **marks: Any,
    ) -> Message:
        """Put one line onto a phone and tell everybody who watches."""
        self.sequence += 1
        message = Message(self.sequence, self.now(), sender, kind, content, channel, **marks)
        person.messages.append(message)
        self.touched(person)
        return message

    def touched(self, person: Person) -> None:
        """Something on this phone has changed."""
        if isinstance(person, Customer):
            self.changed(type="customer", id=person.openid, unread=person.unread())
        elif isinstance(person, Member):
            self.changed(type="member", id=person.userid, unread=person.unread())

    def changed(self, **change: Any) -> None:
        self.stream.publish(**change)
        self.on_change()

    def product_answered(self, *, up: bool) -> None:
        """Remember whether the product can be reached, and announce it when that changes."""
        if up != self.product_up:
            self.product_up = up
            self.stream.publish(type="product", up=up)
