"""Codes of an authenticator app: those of the standard, each once, a step late or early."""

from datetime import UTC, datetime

import pytest

from domain.totp import STEP_S, address_of, code_at, in_base32, matching_step, step_at

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds, code):
    moment = datetime.fromtimestamp(seconds, UTC)
    assert code_at(SECRET, step_at(moment), digits=8) == code
    assert code_at(SECRET, step_at(moment)) == code[2:]


NOW = datetime(2026, 11, 24, 2, 0, 10, tzinfo=UTC)
STEP = step_at(NOW)


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_a_clock_may_be_a_step_off(shift):
    assert matching_step(SECRET, code_at(SECRET, STEP + shift), NOW, after=0) == STEP + shift


@pytest.mark.parametrize("shift", [-2, 2])
def test_but_not_two(shift):
    assert matching_step(SECRET, code_at(SECRET, STEP + shift), NOW, after=0) is None


def test_what_was_used_does_not_count_again_nor_what_was_before_it():
    assert matching_step(SECRET, code_at(SECRET, STEP), NOW, after=STEP) is None
    assert matching_step(SECRET, code_at(SECRET, STEP - 1), NOW, after=STEP) is None
    assert matching_step(SECRET, code_at(SECRET, STEP + 1), NOW, after=STEP) == STEP + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800"])
def test_anything_else_is_no_code(code):
    assert matching_step(SECRET, code, NOW, after=0) is None


def test_the_app_reads_the_secret_and_whose_it_is():
    assert in_base32(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert address_of(SECRET, "wang.wei@hq") == (
        "otpauth://totp/Leadloop:wang.wei%40hq?"
        "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Leadloop"
    )
    assert STEP_S == 30
