"""Orders about who is who, and what they agreed to."""

from dataclasses import dataclass

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class MergeCustomers(Command):
    """Two customers are one person: everything of `other_id` becomes part of `customer_id`."""

    customer_id: int
    other_id: int
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnmergeCustomers(Command):
    """They were two after all: what the merge moved goes back, what it changed is changed back."""

    merge_id: int
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawConsent(Command):
    """A customer takes agreement back, by whatever way they said so. No purposes: all of it."""

    customer_id: int
    by: str
    purposes: tuple[str, ...] = ()
    reason: str = ""
