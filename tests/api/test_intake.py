"""Taking leads in over HTTP."""

from __future__ import annotations

import asyncio
import io
import json

import pytest

from tests.api.conftest import KEY, Api, a_lead

LEADS = "/api/v1/leads"


async def test_a_new_lead_is_graded_dispatched_and_durable_when_answered(api: Api) -> None:
    status, body = await api.post(LEADS, a_lead())

    assert status == 201
    assert body["outcome"] == "created"
    assert (body["level"], body["pool"], body["dealer_code"]) == ("H", "prospects", "CC01")
    assert "计划7天内购车" in body["reasons"]
    assert body["attribution"] == "new"
    assert isinstance(body["lead_id"], str)
    assert isinstance(body["customer_id"], str)
    _, lead = await api.get(f"{LEADS}/{body['lead_id']}")
    assert lead["assignment"]["userid"] == "wangfang"


async def test_the_same_lead_again_is_answered_200_and_changes_nothing(api: Api) -> None:
    _, first = await api.post(LEADS, a_lead())

    status, again = await api.post(LEADS, a_lead())

    assert status == 200
    assert again == {**first, "outcome": "duplicate"}
    _, page = await api.get(LEADS)
    assert len(page["items"]) == 1


async def test_the_same_lead_sent_many_times_at_once_is_taken_once(api: Api) -> None:
    answers = await asyncio.gather(*(api.post(LEADS, a_lead()) for _ in range(8)))

    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len({body["lead_id"] for _, body in answers}) == 1


async def test_one_person_asking_twice_at_one_dealer_stays_one_lead(api: Api) -> None:
    _, first = await api.post(LEADS, a_lead("e-1"))

    status, second = await api.post(LEADS, a_lead("e-2", source="autohome"))

    assert (status, second["outcome"]) == (201, "merged")
    assert second["lead_id"] == first["lead_id"]
    _, lead = await api.get(f"{LEADS}/{first['lead_id']}")
    assert [t["source"] for t in lead["touchpoints"]] == ["dongchedi", "autohome"]


@pytest.mark.parametrize("spelling", ["tayron", "TAYRON", "探岳", "探岳 X", " 探岳x"])
async def test_a_model_is_known_by_code_name_and_alias(api_on_sqlite: Api, spelling: str) -> None:
    _, body = await api_on_sqlite.post(LEADS, a_lead(intent={"model": spelling}))

    _, lead = await api_on_sqlite.get(f"{LEADS}/{body['lead_id']}")
    assert lead["model"] == "tayron"


async def test_a_model_added_a_moment_ago_is_known_at_once(api_on_sqlite: Api) -> None:
    await api_on_sqlite.post(LEADS, a_lead())
    await api_on_sqlite.put("/api/v1/models/id4-crozz", {"name": "ID.4 CROZZ", "energy": "bev"})

    status, _ = await api_on_sqlite.post(LEADS, a_lead("e-2", intent={"model": "id.4 crozz"}))

    assert status == 201


@pytest.mark.parametrize(
    ("field", "value", "known"),
    [("model", "model-y", "magotan, tayron"), ("dealer_code", "XX99", "CC01, CC02, CD01")],
)
async def test_an_unknown_model_or_dealer_is_refused_with_what_is_known(
    api_on_sqlite: Api, field: str, value: str, known: str
) -> None:
    status, problem = await api_on_sqlite.post(LEADS, a_lead(intent={field: value}))

    assert status == 422
    assert [error["loc"] for error in problem["errors"]] == [f"intent.{field}"]
    assert known in problem["errors"][0]["msg"]


async def test_a_lead_needs_no_more_than_a_source_a_person_and_consent(api_on_sqlite: Api) -> None:
    minimal = {
        "source": "website",
        "external_id": "w-1",
        "customer": {"openid": "oABC123"},
        "consent": {"purposes": []},
    }

    status, body = await api_on_sqlite.post(LEADS, minimal)

    assert status == 201
    assert (body["level"], body["pool"], body["dealer_code"]) == ("N", "traffic", None)


async def test_empty_parts_may_be_null(api_on_sqlite: Api) -> None:
    empty = dict.fromkeys(("model", "dealer_code", "purchase_window_days", "message", "budget"))
    lead = a_lead(intent=empty, customer={"openid": None, "unionid": None, "city": None})

    status, _ = await api_on_sqlite.post(LEADS, lead)

    assert status == 201


async def test_without_consent_a_lead_is_kept_but_held_with_its_reason(api_on_sqlite: Api) -> None:
    _, body = await api_on_sqlite.post(LEADS, a_lead(consent={"purposes": []}))

    _, lead = await api_on_sqlite.get(f"{LEADS}/{body['lead_id']}")
    assert (lead["state"], lead["assignment"]) == ("held", None)
    assert lead["hold_reason"] == {"code": "no_consent", "text": "没有联系授权"}


WRONG: list[tuple[str, dict]] = [
    ("customer.phone", {"customer": {"phone": "12345"}}),
    ("customer.phone", {"customer": {"phone": 13800138000}}),
    ("customer", {"customer": {"phone": None}}),
    ("customer.name", {"customer": {"name": "李" * 65}}),
    ("customer.nickname", {"customer": {"nickname": "雷雷"}}),
    ("occurred_at", {"occurred_at": "2026-11-24T10:00:00"}),
    ("occurred_at", {"occurred_at": "0001-01-01T00:00:00+08:00"}),
    ("occurred_at", {"occurred_at": 1795000000}),
    ("occurred_at", {"occurred_at": "1795000000"}),
    ("intent.purchase_window_days", {"intent": {"purchase_window_days": -1}}),
    ("intent.purchase_window_days", {"intent": {"purchase_window_days": 3651}}),
    ("intent.purchase_window_days", {"intent": {"purchase_window_days": "7"}}),
    ("intent.budget", {"intent": {"budget": 10**12}}),
    ("intent.finance", {"intent": {"finance": "yes"}}),
    ("intent.message", {"intent": {"message": "x" * 4001}}),
    ("consent.purposes.0", {"consent": {"purposes": ["everything"]}}),
    ("consent.obtained_at", {"consent": {"obtained_at": "yesterday"}}),
    ("consent", {"consent": None}),
    ("source", {"source": ""}),
    ("source", {"source": "a\nb"}),
    ("external_id", {"external_id": "x" * 129}),
    ("extra", {"extra": 1}),
]


@pytest.mark.parametrize(("loc", "changes"), WRONG)
async def test_invalid_input_is_refused_naming_the_field(
    api_on_sqlite: Api, loc: str, changes: dict
) -> None:
    status, problem = await api_on_sqlite.post(LEADS, a_lead(**changes))

    assert (status, problem["status"]) == (422, 422)
    assert loc in [error["loc"] for error in problem["errors"]]


async def test_a_refusal_never_repeats_what_was_sent(api_on_sqlite: Api) -> None:
    lead = a_lead(customer={"phone": "1390013", "name": "秘" * 65})

    status, problem = await api_on_sqlite.post(LEADS, lead)

    assert status == 422
    assert "1390013" not in json.dumps(problem)
    assert "秘" not in json.dumps(problem, ensure_ascii=False)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"source": "\\ud800"}', b"[" * 5000, b"{'a': 1}"]
)
async def test_what_is_not_json_is_a_400_problem(api_on_sqlite: Api, body: bytes) -> None:
    async with api_on_sqlite.http.post(LEADS, data=body, headers=api_on_sqlite.auth()) as response:
        assert response.status == 400
        assert response.content_type == "application/problem+json"
        assert (await response.json())["code"] == "malformed"


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null"])
async def test_json_that_is_no_object_is_a_422_problem(api_on_sqlite: Api, body: bytes) -> None:
    async with api_on_sqlite.http.post(LEADS, data=body, headers=api_on_sqlite.auth()) as response:
        assert response.status == 422


async def test_nul_and_control_characters_are_cleaned_out_of_texts(api: Api) -> None:
    lead = a_lead(customer={"name": "李\x00雷"}, intent={"message": "你\x00好\x07，\n试驾"})

    status, body = await api.post(LEADS, lead)

    assert status == 201
    _, stored = await api.get(f"{LEADS}/{body['lead_id']}")
    assert stored["customer"]["name"] == "李雷"
    assert stored["message"] == "你好，\n试驾"


async def test_a_body_over_one_mebibyte_is_a_413_problem(api_on_sqlite: Api) -> None:
    body = io.BytesIO(b" " * (1024 * 1024 + 1))

    async with api_on_sqlite.http.post(LEADS, data=body, headers=api_on_sqlite.auth()) as response:
        assert response.status == 413
        assert (await response.json())["code"] == "too_large"


async def test_a_body_of_unknown_length_is_cut_off_at_one_mebibyte(api_on_sqlite: Api) -> None:
    async def endless() -> object:
        for _ in range(2000):
            yield b" " * 1024

    async with api_on_sqlite.http.post(
        LEADS, data=endless(), headers=api_on_sqlite.auth()
    ) as response:
        assert response.status == 413


async def test_a_body_that_never_ends_is_cut_off_in_time(api_on_sqlite: Api) -> None:
    server = api_on_sqlite.http.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    head = f"POST {LEADS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())

    status_line = await asyncio.wait_for(reader.readline(), 3)

    assert b" 408 " in status_line
    writer.close()


async def test_a_message_with_a_phone_in_it_is_shown_masked(api_on_sqlite: Api) -> None:
    lead = a_lead(intent={"message": "打我电话 139 1234 5678"})
    _, body = await api_on_sqlite.post(LEADS, lead)

    _, shown = await api_on_sqlite.get(f"{LEADS}/{body['lead_id']}")
    _, timeline = await api_on_sqlite.get(f"{LEADS}/{body['lead_id']}/timeline")

    assert "139****5678" in shown["message"]
    assert "1234 5678" not in json.dumps([shown, timeline], ensure_ascii=False)
