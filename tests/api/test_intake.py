"""Taking leads in over HTTP."""

from tests.api.conftest import Api, a_lead


async def test_a_new_lead_is_taken_graded_and_answered_once_durable(api: Api) -> None:
    status, body = await api.post("/api/v1/leads", a_lead())

    assert status == 201
    assert body["outcome"] == "created"
    assert (body["level"], body["pool"], body["dealer_code"]) == ("H", "prospects", "CC01")
    assert "计划7天内购车" in body["reasons"]
    assert body["attribution"] == "new"
    assert isinstance(body["lead_id"], str)
    assert isinstance(body["customer_id"], str)
    _, lead = await api.get(f"/api/v1/leads/{body['lead_id']}")
    assert lead["assignment"]["userid"] == "wangfang"
