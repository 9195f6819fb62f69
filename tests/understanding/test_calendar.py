import datetime as dt

import pytest

from app.understanding.calendar import china_day


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
