import datetime as dt

import pytest
from lunar_python import Lunar, Solar

from app.understanding.lunar import leap_day, lunar_days, lunar_of, month_starts, new_years_eve, solar_term


def test_the_tables_agree_with_the_library_on_every_day_of_fourteen_years() -> None:
    first = dt.date(2020, 1, 1)
    for day in (first + dt.timedelta(days=i) for i in range(14 * 365)):
        lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
        assert lunar_of(day) == (lunar.getYear(), lunar.getMonth(), lunar.getDay())


def test_a_lunar_day_of_a_doubled_month_is_two_dates() -> None:
    assert lunar_days(2025, 6, 5) == (dt.date(2025, 6, 29), dt.date(2025, 7, 29))
    assert leap_day(2025, 6, 5) == (dt.date(2025, 7, 29),)
    assert leap_day(2026, 6, 5) == ()


def test_a_short_month_has_no_thirtieth() -> None:
    assert lunar_days(2026, 12, 30) == ()


def test_the_eve_is_the_last_day_of_the_old_year() -> None:
    assert new_years_eve(2027) == dt.date(2027, 2, 5)


def test_the_months_run_over_the_new_year() -> None:
    assert [number for number, _, _ in month_starts(dt.date(2027, 2, 4))] == [12, 1, 2]


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [("清明", 2028, "2028-04-04"), ("冬至", 2026, "2026-12-22"), ("小寒", 2027, "2027-01-05")],
)
def test_a_solar_term_falls_on_its_day(name: str, year: int, day: str) -> None:
    assert solar_term(name, year).isoformat() == day


def test_lunar_dates_go_both_ways() -> None:
    solar = Lunar.fromYmd(2027, 8, 15).getSolar()
    assert lunar_days(2027, 8, 15) == (dt.date(solar.getYear(), solar.getMonth(), solar.getDay()),)
