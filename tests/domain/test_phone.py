"""Telephone numbers: read in every spelling, shown in none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phone import InvalidPhone, last_four, mask, mask_in_text, parse_phone


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        " 138 0013 8000 ",
        "138-0013-8000",
        "138.0013.8000",
        "+8613800138000",
        "+86 138 0013 8000",
        "(+86)13800138000",
        "0086-13800138000",
        "8613800138000",
        "013800138000",
        "１３８００１３８０００",
        "＋８６　１３８－００１３－８０００",
    ],
)
def test_one_mobile_number_has_one_spelling(text: str) -> None:
    assert parse_phone(text) == "13800138000"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("0431-85901234", "+8643185901234"),
        ("(010) 6552 9988", "+861065529988"),
        ("+852 9123 4567", "+85291234567"),
        ("+1 (415) 555-2671", "+14155552671"),
    ],
)
def test_other_numbers_are_stored_with_their_country(text: str, stored: str) -> None:
    assert parse_phone(text) == stored
    assert parse_phone(stored) == stored


@pytest.mark.parametrize(
    "text",
    [
        None, 13800138000, "", "  ", "abc", "138", "12345678901", "1380013800", "138001380001",
        "13800138000a", "+", "+86", "+999 123 456 789", "1" * 33, "١٣٨٠٠١٣٨٠٠٠",
        "13800138000,13900139000", "\x0013800138000",
    ],
)  # fmt: skip
def test_what_nobody_can_call_is_refused_without_repeating_it(text: object) -> None:
    with pytest.raises(InvalidPhone) as refused:
        parse_phone(text)
    assert [loc for loc, _ in refused.value.errors] == ["phone"]
    assert not re.search(r"\d", str(refused.value))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mainland_mobile_number_passes(number: str) -> None:
    assert parse_phone(number) == number
    assert number not in mask_in_text(f"电话{number}，谢谢")


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800138000", "138****8000"),
        ("138****8000", "138****8000"),
        ("+85291234567", "+85****4567"),
        ("12345", "****45"),
        ("", "****"),
    ],
)
def test_a_mask_shows_three_and_four(phone: str, shown: str) -> None:
    assert mask(phone) == shown


def test_the_last_four_digits_are_what_staff_name_a_lead_by() -> None:
    assert last_four("13800135678") == "5678"
    assert last_four("+852 9123 4567") == "4567"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我电话13800138000，下午打", "我电话138****8000，下午打"),
        ("１３８００１３８０００", "138****8000"),
        ("138 0013 8000", "138****8000"),
        ("138-0013-8000", "138****8000"),
        ("138.0013.8000", "138****8000"),
        ("1 3 8 0 0 1 3 8 0 0 0", "138****8000"),
        ("+86 138 0013 8000", "138****8000"),
        ("8613800138000", "138****8000"),
        ("013800138000", "138****8000"),
        ("13800138000/13900139000", "138****8000/139****9000"),
        ("13800138000 13900139000", "138****8000 139****9000"),
        ("15号 13800138000", "15号 138****8000"),
        ("15 13800138000", "15 138****8000"),
        ("tel13800138000x", "tel138****8000x"),
        ("展厅0431-85901234转2", "展厅043****1234转2"),
        ("(0431)85901234", "043****1234"),
        ("+86 431 8590 1234", "+86****1234"),
        ("+852 9123 4567", "+85****4567"),
        ("+1 (415) 555-2671", "+14****2671"),
    ],
)
def test_numbers_inside_text_are_masked(text: str, shown: str) -> None:
    assert mask_in_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "落地一口价158000",
        "报价13.98 14.98 15.9",
        "2026-11-23 15:00:00",
        "订单20138001380005",
        "预算15-20万，7天内",
        "身份证不要发",
        "10086",
        "１２３",
        "138****8000",
    ],
)
def test_other_numbers_stay_as_they_were_written(text: str) -> None:
    assert mask_in_text(text) == text


@given(st.text(alphabet="138 -0+（）.０３a电", max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_in_text(text)
    assert mask_in_text(once) == once


def test_a_hostile_text_is_masked_in_no_time() -> None:
    assert mask_in_text("1 " * 50_000 + "+86" * 10_000 + "1" + " " * 50_000)
