"""The two clients Leadloop calls WeChat with."""

from bot.wechat.calls import Connection
from bot.wechat.official_account import (
    OfficialAccountClient,
    QrCode,
    SnapshotVisitor,
    VisitorIdentity,
)
from bot.wechat.wecom_app import NotStaff, Sent, StaffIdentity, WeComClient

__all__ = [
    "Connection",
    "NotStaff",
    "OfficialAccountClient",
    "QrCode",
    "Sent",
    "SnapshotVisitor",
    "StaffIdentity",
    "VisitorIdentity",
    "WeComClient",
]
