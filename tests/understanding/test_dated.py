"""Days that cannot be meant: over already, after the end, or of an unclear calendar."""

from collections.abc import Iterator
from datetime import date

import pytest

from app.understanding.dated import odd_days
from tests.neighbours import frozen


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    with frozen("2026-11-26 09:00"):
        yield


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("12月3日(星期四)上午来", []),
        ("8月3日(星期一)上午来", ["past"]),
        ("2026年11月25日(星期三)来", ["past"]),
        ("11月20日到12月10日都可以", []),
        ("11月20日起都可以", []),
        ("1946年8月3日以前出生的", []),
        ("2025年8月3日印发的文件", []),
        ("12月31日(星期四)讲座", ["after_end"]),
        ("农历八月十五(9月25日)", ["past"]),
        ("农历八月十五(9月26日)", ["past", "lunar_wrong"]),
        ("腊月初八(2027年1月15日)喝粥", ["after_end"]),
        ("腊月初八(2027年1月16日)喝粥", ["after_end", "lunar_wrong"]),
        ("八月十五来", ["lunar_unclear"]),
        ("八月十五日来", []),
        ("正月十五来", []),
        ("农历八月十五来", []),
        ("一月一次", []),
        ("闰六月初三", []),
    ],
)
def test_each_odd_day_is_found(text: str, codes: list[str]) -> None:
    assert [one.code for one in odd_days(text, date(2026, 12, 20))] == codes


def test_the_right_date_of_a_lunar_day_is_said() -> None:
    (wrong,) = [one for one in odd_days("农历八月十五(9月26日)") if one.code == "lunar_wrong"]
    assert wrong.meant.startswith("9月25日")
