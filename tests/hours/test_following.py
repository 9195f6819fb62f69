"""A record follows the stays that it comes from: late scans, scans in any order, two records of one person."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.cli import check_invariants
from models import hours as model
from tests.activities.plans import a_session, wall
from tests.hours.shifts import records, scan, the_record, was_there
from tests.neighbours import Town, frozen


def test_a_record_is_made_when_a_stay_has_ended_and_not_before(sqlite_town: Town) -> None:
    with frozen("2026-11-23 11:10"):
        number, phone = a_session(sqlite_town), sqlite_town.phone("马秀兰")
        scan(sqlite_town, phone, number, "in", "2026-11-23 09:00")
        assert records(sqlite_town) == []
        scan(sqlite_town, phone, number, "out", "2026-11-23 11:00")
        row = the_record(sqlite_town, phone)
        assert (row["state"], row["minutes"], row["counted"]) == ("provisional", 120, 120)
        assert "by_leader" in row["flags"]
        assert check_invariants(sqlite_town.site) == []


def test_a_late_scan_counts_a_provisional_record_again(sqlite_town: Town) -> None:
    with frozen("2026-11-23 11:10"):
        number, phone = a_session(sqlite_town), sqlite_town.phone("马秀兰")
        was_there(sqlite_town, phone, number, came="2026-11-23 09:30")
        assert the_record(sqlite_town, phone)["minutes"] == 90
        scan(sqlite_town, phone, number, "in", "2026-11-23 09:00")
        row = the_record(sqlite_town, phone)
        assert (row["state"], row["minutes"]) == ("provisional", 120)
        assert "changed" not in row["flags"], "nobody had confirmed it"


def test_minutes_are_told_by_state_and_nothing_is_posted_yet(sqlite_town: Town) -> None:
    with frozen("2026-11-23 11:10"):
        number, phone = a_session(sqlite_town), sqlite_town.phone("马秀兰")
        was_there(sqlite_town, phone, number)

        def unit(session: Session) -> tuple[dict[str, int], int]:
            person = phone.person(session)
            rows = session.scalars(
                model.posted_between(person, wall("2026-01-01 00:00"), wall("2027-01-01 00:00"))
            )
            return model.minutes_by_state(session, person), len(rows.all())

        told, posted = sqlite_town.writing(unit)
        assert told == {"provisional": 120, "confirmed": 0, "disputed": 0, "posted": 0}
        assert posted == 0
