"""Every table, in modules by what they speak of."""

from db.models.accounts import Account, SignInCount, StaffSession
from db.models.approvals import Approval
from db.models.calls import CallTask
from db.models.campaigns import (
    Campaign,
    CampaignVersion,
    Enrolment,
    Outcome,
    Touch,
    TouchPace,
    TrialRecipient,
)
from db.models.content import FaqVersion
from db.models.figures import AssignmentFigure, LeadFigure
from db.models.leads import (
    Assignment,
    Defeat,
    FollowUp,
    GradeRecord,
    Lead,
    TimelineEvent,
    Touchpoint,
)
from db.models.merges import CustomerMerge
from db.models.organisation import (
    ApiKey,
    AuditEntry,
    CarModel,
    Dealer,
    PolicyVersion,
    Region,
    Staff,
)
from db.models.people import Consent, Customer, Identity, Profile
from db.models.pools import HandOver, PoolCheck, PoolDifference, PoolMove
from db.models.queues import Card, ChatSession, InboxMessage, OutboxJob, QueuePause, Timer
from db.models.segments import SegmentDocument
from db.models.service import Appointment, CustomerAct, Handoff, Ticket
from db.models.webhooks import Webhook, WebhookDelivery, WebhookEvent
from db.remembered import remember

__all__ = [
    "Account",
    "ApiKey",
    "Appointment",
    "Approval",
    "Assignment",
    "AssignmentFigure",
    "AuditEntry",
    "CallTask",
    "Campaign",
    "CampaignVersion",
    "CarModel",
    "Card",
    "ChatSession",
    "Consent",
    "Customer",
    "CustomerAct",
    "CustomerMerge",
    "Dealer",
    "Defeat",
    "Enrolment",
    "FaqVersion",
    "FollowUp",
    "GradeRecord",
    "HandOver",
    "Handoff",
    "Identity",
    "InboxMessage",
    "Lead",
    "LeadFigure",
    "OutboxJob",
    "Outcome",
    "PolicyVersion",
    "PoolCheck",
    "PoolDifference",
    "PoolMove",
    "Profile",
    "QueuePause",
    "Region",
    "SegmentDocument",
    "SignInCount",
    "Staff",
    "StaffSession",
    "Ticket",
    "TimelineEvent",
    "Timer",
    "Touch",
    "TouchPace",
    "Touchpoint",
    "TrialRecipient",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
]

remember(globals()[_name] for _name in __all__)
