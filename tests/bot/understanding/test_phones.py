"""A mobile number is found however it is written."""

import pytest

from bot.understanding.normalise import normalise
from bot.understanding.phones import find_phones


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "１３８００１３８０００",
        "138-0013-8000",
        "138 0013 8000",
        "+86 13800138000",
        "0086-13800138000",
        "幺三八零零幺三八零零零",
        "电话一三八〇〇一三八〇〇〇谢谢",
    ],
)
def test_every_writing_gives_the_same_eleven_digits(text):
    (phone,) = find_phones(normalise(text).text)
    assert phone.digits == "13800138000"


@pytest.mark.parametrize(
    "text", ["138001380001", "12345678901", "1380013800", "尾号5678", "2000元"]
)
def test_what_is_no_mobile_number_is_left_alone(text):
    assert find_phones(text) == []
