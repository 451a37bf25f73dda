"""Every table, in four modules by what they speak of."""

from db.models.leads import (
    Assignment,
    Defeat,
    FollowUp,
    GradeRecord,
    Lead,
    TimelineEvent,
    Touchpoint,
)
from db.models.organisation import ApiKey, CarModel, Dealer, PolicyVersion, Region, Staff
from db.models.people import Consent, Customer, Identity
from db.models.queues import Card, ChatSession, InboxMessage, OutboxJob, QueuePause, Timer

__all__ = [
    "ApiKey",
    "Assignment",
    "CarModel",
    "Card",
    "ChatSession",
    "Consent",
    "Customer",
    "Dealer",
    "Defeat",
    "FollowUp",
    "GradeRecord",
    "Identity",
    "InboxMessage",
    "Lead",
    "OutboxJob",
    "PolicyVersion",
    "QueuePause",
    "Region",
    "Staff",
    "TimelineEvent",
    "Timer",
    "Touchpoint",
]
