"""The level table: windows, cooling and warming, and tables of other brands."""

import pytest

from domain.levels import Level, LevelTable, is_qualified, level_for_window, lift, lower

TWO_LEVELS = LevelTable((Level("HOT", 14, 1), Level("COLD", None, 7)))


@pytest.mark.parametrize(
    ("days", "level"),
    [(0, "H"), (7, "H"), (7.5, "A"), (8, "A"), (30, "A"), (31, "B"), (90, "B"), (91, "C")],
)
def test_the_window_decides_and_its_last_day_counts(days: float, level: str) -> None:
    assert level_for_window(days) == level


@pytest.mark.parametrize(
    ("level", "steps", "expected"),
    [("H", 1, "A"), ("H", 2, "B"), ("B", 1, "C"), ("C", 1, "C"), ("H", 99, "C"), ("A", 0, "A")],
)
def test_lowering_stops_at_the_coldest_level(level: str, steps: int, expected: str) -> None:
    assert lower(level, steps) == expected


def test_levels_without_a_window_are_neither_cooled_nor_warmed() -> None:
    assert [lower(code, 1) for code in "NOLF"] == list("NOLF")
    assert [lift(code, 1) for code in "NOLF"] == list("NOLF")


def test_lifting_stops_at_the_hottest_level() -> None:
    assert [lift(code, 1) for code in "HABC"] == list("HHAB")


def test_only_levels_with_a_known_window_are_qualified() -> None:
    assert [code for code in "HABCNOLF?" if is_qualified(code)] == list("HAB")


def test_a_brand_with_its_own_levels_is_served_by_the_same_rules() -> None:
    assert level_for_window(20, TWO_LEVELS) == "COLD"
    assert lower("HOT", 1, TWO_LEVELS) == "COLD"
    assert is_qualified("HOT", TWO_LEVELS)
    assert not is_qualified("H", TWO_LEVELS)


def test_a_table_without_an_open_end_sends_the_rest_to_its_coldest_level() -> None:
    assert level_for_window(400, LevelTable((Level("H", 7, 1), Level("B", 90, 5)))) == "B"


def test_a_table_is_a_mapping_of_its_rows() -> None:
    assert len(TWO_LEVELS) == len(list(TWO_LEVELS)) == 2
    assert "H" not in TWO_LEVELS


def test_the_order_follows_the_windows_not_the_rows() -> None:
    shuffled = LevelTable((Level("C", None, 1), Level("B", 90, 1), Level("H", 7, 1)))
    assert shuffled.order == ("H", "B", "C")
