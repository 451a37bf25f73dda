"""Whom an event is for, which addresses are outside, and when a receiver is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.webhooks import HOPELESS_AFTER, LONGEST_HOLD, Filter, Health, fault_of_url, is_public

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
INSIDE = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "kind", "dealers", "regions", "wants"),
    [
        (Filter(), "lead.created", [], [], True),
        (Filter(types=frozenset({"lead.created"})), "lead.created", ["CC01"], ["NE"], True),
        (Filter(types=frozenset({"lead.closed"})), "lead.created", ["CC01"], ["NE"], False),
        (Filter(dealers=frozenset({"CC01"})), "lead.created", ["CC01"], ["NE"], True),
        (Filter(dealers=frozenset({"CC01"})), "lead.created", ["CC02"], ["NE"], False),
        (Filter(regions=frozenset({"NE"})), "pool.moved", ["CC02"], ["NE", "CN"], True),
        (
            Filter(dealers=frozenset({"CD01"}), regions=frozenset({"NE"})),
            "x",
            ["CC02"],
            ["NE"],
            True,
        ),
        (Filter(dealers=frozenset({"CC01"})), "pool.moved", [], [], False),
    ],
)
def test_a_webhook_gets_what_it_asked_for(wanted, kind, dealers, regions, wants) -> None:
    assert wanted.wants(kind, dealers, regions) is wants


@given(st.sampled_from(INSIDE).flatmap(lambda net: st.ip_addresses(network=net)))
def test_no_address_inside_is_public_however_it_is_written(address: IPv4Address) -> None:
    assert not is_public(address)
    assert not is_public(ip_address(f"::ffff:{address}"))
    assert not is_public(ip_address(f"64:ff9b::{address}"))


@pytest.mark.parametrize(
    "text",
    [
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "fec0::1",
        "ff02::1",
        "2002:7f00:1::",
        "2001::1",
    ],
)
def test_no_local_or_tunnelled_ipv6_address_is_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "203.107.1.33", "2606:4700::1", "2400:3200::1"])
def test_addresses_of_the_internet_are(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    ("url", "allowed", "private_allowed"),
    [
        ("https://crm.example.com/in?x=1", True, True),
        ("http://crm.example.com/", False, True),
        ("https://127.0.0.1/", False, True),
        ("https://[::1]:8443/", False, True),
        ("https://localhost/", False, True),
        ("https://db.internal/", False, True),
        ("https://intranet/", False, True),
        ("ftp://crm.example.com/", False, False),
        ("https://user:pw@crm.example.com/", False, False),
        ("https://crm.example.com/#here", False, False),
        ("https://crm.example.com:99999/", False, False),
        ("https:///nowhere", False, False),
        ("nonsense", False, False),
    ],
)
def test_an_address_is_looked_at_before_it_is_kept(url, allowed, private_allowed) -> None:
    assert (fault_of_url(url, allow_private=False) is None) is allowed
    assert (fault_of_url(url, allow_private=True) is None) is private_allowed


@given(st.integers(min_value=0, max_value=200))
def test_the_more_it_fails_the_longer_it_is_left_alone_up_to_a_bound(failures: int) -> None:
    hold, longer = Health(failures).hold, Health(failures + 1).hold
    assert timedelta() <= hold <= longer <= LONGEST_HOLD
    assert (hold == timedelta()) is (failures < 3)


def test_a_receiver_is_given_up_after_a_day_without_one_success() -> None:
    health = Health()
    for hour in range(24):
        health = health.after_failure(NOW + timedelta(hours=hour))
        assert not health.is_hopeless(NOW + timedelta(hours=hour))
    assert health.failing_since == NOW
    assert health.is_hopeless(NOW + HOPELESS_AFTER)


def test_a_few_failures_far_apart_are_not_hopeless() -> None:
    health = Health().after_failure(NOW).after_failure(NOW + timedelta(days=2))
    assert not health.is_hopeless(NOW + timedelta(days=2))
