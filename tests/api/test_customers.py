"""What is known of a person, and forgetting them."""

from __future__ import annotations

from tests.api.conftest import Api, Taker


async def test_a_customer_is_shown_with_pool_link_consents_and_masked_identities(
    api: Api, take: Taker
) -> None:
    taken = await take(customer={"openid": "oOPENID0123456789abcdefghijk"})

    status, customer = await api.get(f"/api/v1/customers/{taken['customer_id']}")

    assert status == 200
    assert (customer["pool"], customer["link"]) == ("prospects", "dealer")
    assert {i["kind"]: i["value"] for i in customer["identities"]} == {
        "phone": "138****8000",
        "openid": "oOPE****hijk",
    }
    assert {c["purpose"] for c in customer["consents"]} == {
        "contact",
        "share_with_dealer",
        "marketing",
    }
    assert [lead["id"] for lead in customer["leads"]] == [taken["lead_id"]]


async def test_two_customers_who_prove_to_be_one_are_found_under_both_ids(
    api: Api, take: Taker
) -> None:
    by_phone = await take("e-1")
    by_openid = await take("e-2", customer={"phone": None, "openid": "oABC"})
    await take("e-3", customer={"openid": "oABC"})

    _, one = await api.get(f"/api/v1/customers/{by_phone['customer_id']}")
    _, other = await api.get(f"/api/v1/customers/{by_openid['customer_id']}")

    assert one["id"] == other["id"]
    assert {i["kind"] for i in one["identities"]} == {"phone", "openid"}


async def test_the_export_holds_all_of_the_person(api: Api, take: Taker) -> None:
    taken = await take()
    await api.post(
        f"/api/v1/leads/{taken['lead_id']}/follow-ups", {"result": "connected", "note": "要现车"}
    )

    status, export = await api.get(f"/api/v1/customers/{taken['customer_id']}/export")

    assert status == 200
    assert export["customer"]["identities"][0]["value"] == "13800138000"
    assert export["follow_ups"][0]["note"] == "要现车"
    assert "captured" in {line["kind"] for line in export["timeline"]}


async def test_an_erased_person_is_gone_and_the_statistics_stay(api: Api, take: Taker) -> None:
    taken = await take()
    path = f"/api/v1/customers/{taken['customer_id']}"

    status, erased = await api.post(f"{path}/erase")

    assert status == 200
    assert erased["erased_at"]
    _, export = await api.get(f"{path}/export")
    assert "李雷" not in str(export)
    assert "13800138000" not in str(export)
    assert "想看探岳" not in str(export)
    assert (await api.get("/api/v1/leads", phone="13800138000"))[1]["items"] == []
    _, funnel = await api.get("/api/v1/stats/funnel")
    assert funnel["leads"] == 1


async def test_who_is_not_there_cannot_be_shown_erased_or_exported(api_on_sqlite: Api) -> None:
    assert (await api_on_sqlite.get("/api/v1/customers/9"))[0] == 404
    assert (await api_on_sqlite.get("/api/v1/customers/9/export"))[0] == 404
    assert (await api_on_sqlite.post("/api/v1/customers/9/erase"))[0] == 404
