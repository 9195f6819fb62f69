import datetime as dt
import subprocess
import sys

import holidays
import pytest

from app.understanding.calendar import china_day
from tests.servers import PROJECT


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-10-01", "holiday"),
        ("2026-10-06", "holiday"),
        ("2026-10-10", "makeup"),
        ("2026-09-20", "makeup"),
        ("2026-10-11", "weekend"),
        ("2026-10-12", "workday"),
        ("2027-02-06", "holiday"),
        ("2027-06-09", "holiday"),
        ("2040-10-01", "holiday"),
    ],
)
def test_a_day_is_worked_as_the_state_council_says(day: str, kind: str) -> None:
    assert china_day(dt.date.fromisoformat(day)) == kind


def test_only_the_calendar_of_china_is_loaded() -> None:
    """The package's own way to it loads 250 countries, which is 8 MB of every program."""
    asked = "import sys, datetime; from app.understanding.calendar import is_working_day as ask;"
    asked += "ask(datetime.date(2026, 1, 1)); print(sum(one.startswith('holidays.countries') for one in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize("year", [2019, 2020, 2024, 2025, 2026])
def test_a_year_has_the_days_that_the_library_says(year: int) -> None:
    said = holidays.country_holidays("CN", years=year)
    days = [dt.date(year, 1, 1) + dt.timedelta(days=number) for number in range(365)]
    kinds = {day: china_day(day) for day in days}
    assert {day for day in days if kinds[day] == "makeup"} == {
        day for day in said.weekend_workdays if day in kinds
    }
    assert all((day in said) == (kinds[day] == "holiday") for day in days if kinds[day] != "makeup")
