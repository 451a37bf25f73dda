"""A campaign's document is read whole, and every fault in it is named by its path."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.campaign import MOVES, VARIABLES, Form
from domain.campaign_reading import InvalidCampaign, parse
from domain.send_times import EVERY_DAY
from domain.wording import faults_of, filled
from tests.domain.campaigns import a_document


def faults(document: object) -> list[str]:
    with pytest.raises(InvalidCampaign) as refused:
        parse(document)
    return [path for path, _ in refused.value.errors]


def a_step(**changes: Any) -> list[dict[str, Any]]:
    return [{"by": ["message"], "text": "您好"} | changes]


def test_what_is_not_said_is_as_delivered() -> None:
    flow = parse(a_document())
    assert (flow.holdout, flow.watch, flow.again_after) == (0.1, timedelta(days=30), None)
    assert (flow.times.from_, flow.times.until, flow.times.weekdays) == (time(), None, EVERY_DAY)
    assert flow.audience.reasons == {"price"}
    assert [step.wait.days for step in flow.steps] == [7, 14]
    assert flow.watched == timedelta(days=7 + 14 + 30)


def test_everything_can_be_said() -> None:
    owners = {"field": "delivered_at", "op": "before", "months_ago": 36}
    flow = parse(
        a_document(
            audience={"on": "segment", "segment": owners, "refill": True},
            holdout=0.2,
            watch_days=45,
            again_after_days=180,
            send={
                "from": "10:00",
                "until": "19:30",
                "weekdays": [1, 2],
                "not_on": ["2027-02-17"],
            },
            steps=a_step(
                by=["template", "message"],
                template={"id": "T1", "fields": {"thing1": "{dealer}"}},
                only_if={"field": "follows", "op": "eq", "value": True},
            ),
        )
    )
    assert flow.audience.segment is not None
    assert flow.audience.refill
    assert flow.steps[0].forms == {"template": Form("T1", {"thing1": "{dealer}"})}
    assert flow.steps[0].only_if is not None
    assert flow.times.not_on == {date(2027, 2, 17)}
    assert flow.again_after == timedelta(days=180)


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ([], ["document", "name", "audience", "audience.on", "steps"]),
        (a_document(name=" "), ["name"]),
        (a_document(nmae="x"), ["nmae"]),
        (a_document(holdout=0.6), ["holdout"]),
        (a_document(holdout=True), ["holdout"]),
        (a_document(again_after_days="soon"), ["again_after_days"]),
        (a_document(audience={"on": "birthday"}), ["audience.on"]),
        (a_document(audience={"on": "dormant", "reasons": ["price"]}), ["audience.reasons"]),
        (a_document(audience={"on": "delivered", "refill": True}), ["audience.refill"]),
        (a_document(audience={"on": "segment"}), ["audience.segment"]),
        (a_document(audience={"on": "segment", "segment": "x y"}), ["audience.segment"]),
        (
            a_document(audience={"on": "segment", "segment": {"and": [{"field": "x"}]}}),
            ["audience.segment.and.0.field"],
        ),
        (a_document(send={"from": "20:00", "until": "10:00"}), ["send.until"]),
        (a_document(send={"weekdays": [0, 8]}), ["send.weekdays.0", "send.weekdays.1"]),
        (a_document(send={"weekdays": []}), ["send.weekdays"]),
        (a_document(send={"not_on": ["2027-02-30"]}), ["send.not_on.0"]),
        (a_document(steps=[]), ["steps"]),
        (a_document(steps=a_step(by=[])), ["steps.0.by"]),
        (a_document(steps=a_step(by=["sms"])), ["steps.0.by.0"]),
        (a_document(steps=a_step(by=["task"])), ["steps.0.task"]),
        (a_document(steps=a_step(by=["template"])), ["steps.0.template"]),
        (a_document(steps=a_step(wait_days=-1)), ["steps.0.wait_days"]),
        (a_document(steps=a_step(text="{phone}")), ["steps.0.text"]),
        (a_document(steps=a_step(text="您好[")), ["steps.0.text"]),
        (a_document(steps=a_step(text="长" * 601)), ["steps.0.text"]),
        (
            a_document(steps=a_step(template={"id": "", "fields": {"thing1": "{x}"}})),
            ["steps.0.template.fields.thing1", "steps.0.template.id"],
        ),
        (a_document(steps=a_step(only_if={"field": "pool"})), ["steps.0.only_if.op"]),
    ],
)
def test_a_fault_is_named_by_its_path(document: object, paths: list[str]) -> None:
    assert faults(document) == paths


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["on", "by", "text", "steps", "send", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(a_document())), json), st.booleans())
def test_whatever_is_sent_is_read_or_refused(changes: dict[str, Any], whole: bool) -> None:
    document = a_document(**changes) if whole else changes
    with suppress(InvalidCampaign):
        assert parse(document).steps


def test_stopping_is_for_good() -> None:
    assert MOVES["stopped"] == ()
    assert all(target in MOVES for targets in MOVES.values() for target in targets)


@pytest.mark.parametrize(
    ("template", "values", "said"),
    [
        ("您好[，{name}]！", {"name": "李雷"}, "您好，李雷！"),
        ("您好[，{name}]！", {}, "您好！"),
        ("您好[，{name}]！", {"name": ""}, "您好！"),
        ("{model}到店", {}, "到店"),
        ("[{dealer}的{adviser}]等您", {"dealer": "净月店"}, "等您"),
        ("{name}", {"name": "{model}[x]"}, "{model}[x]"),
    ],
)
def test_blanks_are_filled_and_parts_left_out(
    template: str, values: dict[str, str], said: str
) -> None:
    assert filled(template, values) == said
    assert list(faults_of(template, VARIABLES)) == []


@given(st.text("{}[]ax", max_size=12))
def test_what_has_no_fault_leaves_no_mark(template: str) -> None:
    if not list(faults_of(template, {"a", "x"})):
        assert not set(filled(template, {"a": "1"})) & set("{}[]")
