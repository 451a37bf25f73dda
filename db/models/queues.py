"""Work to be done, as rows: the database is the queue of record, Redis only carries ids.

Times here are epoch milliseconds: claims compare and add them in plain SQL on both databases.
"""

from enum import IntEnum

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.models import Model


class RowState(IntEnum):
    """Life of a queue row. READY with a future `due_at_ms` is what ops call scheduled."""

    READY = 0
    LEASED = 1
    DONE = 2
    DEAD = 3
    DISCARDED = 4


class QueueRow(Model):
    """What every kind of queued work shares.

    A claim sets LEASED and `lease_until_ms`; whoever holds the row proves it by that value, so
    a second delivery of the same id finds it changed and does nothing. `unfinished` counts the
    runs since the last one that ended in order: a row that kills its process is known by it.
    `tries` tells of each run that failed (`db/tries.py`).
    """

    id = fields.BigIntField(primary_key=True)
    queue = fields.CharField(16)
    state = fields.SmallIntField(default=0)
    due_at_ms = fields.BigIntField()
    lease_until_ms = fields.BigIntField(default=0)
    attempts = fields.IntField(default=0)
    unfinished = fields.SmallIntField(default=0)
    error = fields.TextField(default="")
    created_at_ms = fields.BigIntField()
    done_at_ms = fields.BigIntField(null=True)
    tries = fields.JSONField[list[dict[str, object]]](null=True)

    class Meta:
        abstract = True


class InboxMessage(QueueRow):
    """One authentic WeChat callback. `message_key` is the dedupe; `payload` is encrypted.

    Messages of one `sender` are handled in order. The answer is the outbox row whose dedupe key
    is `reply:ID`, so that a redelivery is told the same.
    """

    app = fields.CharField(16)
    message_key = fields.CharField(160, unique=True)
    sender = fields.CharField(128)
    payload = fields.BinaryField()

    class Meta:
        table = "inbox"
        indexes = (
            PartialIndex(fields=("queue", "due_at_ms"), condition={"state": 0}),
            PartialIndex(fields=("queue", "lease_until_ms"), condition={"state": 1}),
            PartialIndex(fields=("sender", "id"), condition={"state": 0}, name="inbox_open_ready"),
            PartialIndex(
                fields=("sender", "id"), condition={"state": 1}, name="inbox_open_leased"
            ),
            PartialIndex(fields=("done_at_ms",), condition={"state": 2}),
            ("queue", "state", "attempts"),
        )


class OutboxJob(QueueRow):
    """A notice to deliver (`kind` notice) or a reaction to run (`kind` reaction).

    Written in the transaction of the facts it speaks of; `data` holds ids and words, no phone.
    """

    kind = fields.CharField(16)
    name = fields.CharField(48)
    dedupe_key = fields.CharField(160, unique=True)
    staff_id = fields.CharField(64, null=True)
    customer_id = fields.BigIntField(null=True)
    lead_id = fields.BigIntField(null=True)
    data = fields.JSONField[dict[str, object]](default=dict)
    result = fields.JSONField[dict[str, object]](null=True)

    class Meta:
        table = "outbox"
        indexes = (
            PartialIndex(fields=("queue", "due_at_ms"), condition={"state": 0}),
            PartialIndex(fields=("queue", "lease_until_ms"), condition={"state": 1}),
            PartialIndex(fields=("done_at_ms",), condition={"state": 2}),
            ("queue", "state", "attempts"),
            ("staff_id", "done_at_ms"),
            ("customer_id", "done_at_ms"),
            ("lead_id", "id"),
        )


class Timer(QueueRow):
    """Something that falls due for a lead. `open_key` keeps one running timer of a kind."""

    kind = fields.CharField(24)
    lead_id = fields.BigIntField()
    assignment_id = fields.BigIntField(null=True)
    open_key = fields.CharField(64, null=True, unique=True)

    class Meta:
        table = "timer"
        indexes = (
            PartialIndex(fields=("queue", "due_at_ms"), condition={"state": 0}),
            PartialIndex(fields=("queue", "lease_until_ms"), condition={"state": 1}),
            PartialIndex(fields=("done_at_ms",), condition={"state": 2}),
            ("queue", "state", "attempts"),
            ("lead_id", "kind"),
        )


class QueuePause(Model):
    """A queue that ops stopped. Its rows wait; nothing is refused."""

    queue = fields.CharField(16, primary_key=True)
    paused_at = fields.DatetimeField()
    paused_by = fields.CharField(80)

    class Meta:
        table = "queue_pause"


class Card(Model):
    """A template card on somebody's WeCom, and the code that may still update it.

    `response_code` is single use (72 h): from the send, replaced by each click's fresh one.
    `outcome` are the words that replace the buttons once the card was used; `data` is what the
    card offers (colleagues, leads to pick from).
    """

    task_id = fields.CharField(64, primary_key=True)
    kind = fields.CharField(16)
    staff_id = fields.CharField(64)
    lead_id = fields.BigIntField(db_index=True)
    assignment_id = fields.BigIntField(null=True)
    defeat_id = fields.BigIntField(null=True)
    approval_id = fields.BigIntField(null=True)
    follow_up_id = fields.BigIntField(null=True)
    response_code = fields.CharField(255, null=True)
    code_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(80, default="")
    data = fields.JSONField[dict[str, object]](default=dict)
    created_at = fields.DatetimeField()

    class Meta:
        table = "card"
        indexes = (("assignment_id",), ("defeat_id",), ("approval_id",), ("follow_up_id",))


class ChatSession(Model):
    """What a conversation is waiting for. `peer` is an openid or a userid."""

    id = fields.BigIntField(primary_key=True)
    channel = fields.CharField(16)
    peer = fields.CharField(128)
    state = fields.JSONField[dict[str, object]](default=dict)
    updated_at = fields.DatetimeField()

    class Meta:
        table = "chat_session"
        unique_together = (("channel", "peer"),)
