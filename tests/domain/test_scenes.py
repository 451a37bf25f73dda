"""Scenes of QR codes say where somebody came from."""

import pytest

from domain.scenes import scene_of, scene_text


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("dealer_CC01", "dealer", "CC01"),
        ("staff_wang_fang", "staff", "wang_fang"),
        ("campaign_spring", "campaign", "spring"),
        ("printed_long_ago", "", "printed_long_ago"),
        ("dealer_", "", "dealer_"),
        ("", "", ""),
    ],
)
def test_a_scene_is_read(text: str, kind: str, value: str) -> None:
    assert scene_of(text) == (kind, value)


def test_what_is_written_can_be_read() -> None:
    assert scene_of(scene_text("dealer", "CC01")) == ("dealer", "CC01")


@pytest.mark.parametrize(("kind", "value"), [("shop", "1"), ("dealer", ""), ("staff", "x" * 59)])
def test_no_scene_that_wechat_would_refuse(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match="64"):
        scene_text(kind, value)
