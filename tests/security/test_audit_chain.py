"""The trail: append-only by the database itself, chained, verified, and taken away by time without a hole (trust I10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import audit, clock
from models import audit_chain
from models.audit import AuditHead, AuditLine
from models.audit_chain import broken_chain
from models.identity import Actor
from scheduler import housekeeping
from tests.neighbours import Town, frozen
from tests.staff.clerks import clerk


def act(town: Town, times: int) -> None:
    def unit(session: Session) -> None:
        for number in range(times):
            audit.note(Actor(session, channel="job"), "test.act", None, number=number)

    town.writing(unit)


def job(town: Town, run) -> str:  # type: ignore[no-untyped-def]
    return str(town.writing(lambda session: run(Actor(session, channel="job"))))


def broken(town: Town) -> list[str]:
    with town.reading() as session:
        return broken_chain(session)


def without_guard(town: Town, statement) -> None:  # type: ignore[no-untyped-def]
    """Somebody who owns the database itself can do anything; it must show."""

    def unit(session: Session) -> None:
        if town.site.database.is_sqlite:
            session.execute(text("DROP TRIGGER IF EXISTS audit_line_stays"))
            session.execute(text("DROP TRIGGER IF EXISTS audit_line_kept"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(statement)

    town.writing(unit)


def test_a_line_cannot_be_changed_nor_deleted_not_even_by_our_own_account(town: Town) -> None:
    act(town, 2)
    statements = (
        update(AuditLine).values(action="test.nothing"),
        update(AuditLine).values(facts={"number": 9}),
        delete(AuditLine),
    )
    for statement in statements:
        with pytest.raises(DBAPIError):
            town.writing(lambda session, one=statement: session.execute(one))  # type: ignore[misc]
    job(town, housekeeping.chain_audit)
    with pytest.raises(DBAPIError):
        town.writing(lambda session: session.execute(update(AuditLine).values(chain="0" * 64)))
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditLine)) == 2


@pytest.mark.parametrize(
    ("harm", "shows"),
    [
        (update(AuditLine).where(AuditLine.seq == 2).values(action="test.other"), "line 2 does not fit"),
        (delete(AuditLine).where(AuditLine.seq == 2), "lines 2 to 2 are missing"),
        (delete(AuditLine).where(AuditLine.seq == 4), "lines 4 to 4 are missing"),
        (update(AuditLine).where(AuditLine.seq == 3).values(chain="f" * 64), "line 3 does not fit"),
    ],
)
def test_whoever_owns_the_database_leaves_a_mark(town: Town, harm, shows: str) -> None:  # type: ignore[no-untyped-def]
    act(town, 4)
    job(town, housekeeping.tell_audit_head)
    assert broken(town) == []
    without_guard(town, harm)
    assert shows in broken(town)[0]


def test_lines_that_were_committed_late_get_a_later_place_and_no_hole(town: Town) -> None:
    act(town, 3)
    job(town, housekeeping.chain_audit)
    act(town, 2)
    assert job(town, housekeeping.chain_audit) == "2 lines"
    with town.reading() as session:
        assert list(session.scalars(select(AuditLine.seq).order_by(AuditLine.seq))) == [1, 2, 3, 4, 5]
    assert broken(town) == []


def test_lines_of_400_days_ago_go_and_the_chain_goes_on_behind_them(town: Town) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=420)
    with frozen(f"{clock.local(long_ago):%Y-%m-%d %H:%M}"):
        act(town, 3)
        job(town, housekeeping.chain_audit)
    act(town, 2)
    job(town, housekeeping.tell_audit_head)
    assert job(town, housekeeping.purge_audit) == "3 lines"
    assert job(town, housekeeping.purge_audit) == "0 lines"
    act(town, 1)
    job(town, housekeeping.chain_audit)
    with town.reading() as session:
        assert list(session.scalars(select(AuditLine.seq).order_by(AuditLine.seq))) == [4, 5, 6]
        assert session.scalars(select(AuditHead).where(AuditHead.purged)).one().seq == 3
    assert broken(town) == []


def test_the_nightly_check_names_what_is_broken(sqlite_town: Town) -> None:
    act(sqlite_town, 2)
    assert housekeeping.look_at_invariants(sqlite_town.site) == "0 broken"
    job(sqlite_town, housekeeping.tell_audit_head)
    without_guard(sqlite_town, delete(AuditLine).where(AuditLine.seq == 1))
    assert (
        housekeeping.look_at_invariants(sqlite_town.site) == "1 broken: house: audit lines 1 to 1 are missing"
    )
    done = sqlite_town.app.test_cli_runner().invoke(args=["check-invariants"])
    assert done.exit_code == 1
    assert "audit lines 1 to 1 are missing" in done.output


def test_of_a_long_trail_a_night_checks_the_last_days_and_one_part_of_the_rest(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(8):
        act(town, 2)
        job(town, housekeeping.tell_audit_head)
    monkeypatch.setattr(audit_chain, "AT_ONE_NIGHT", 0)
    monkeypatch.setattr(audit_chain, "NIGHTS", 4)
    assert [tonight(town, day) for day in range(1, 5)] == [[]] * 4
    without_guard(town, update(AuditLine).where(AuditLine.seq == 4).values(action="test.other"))
    found = [tonight(town, day) for day in range(1, 5)]
    assert sorted(map(bool, found)) == [False, False, False, True]  # old: seen in one of these nights
    assert ["audit line 4 does not fit the one before it"] in found
    without_guard(town, delete(AuditLine).where(AuditLine.seq == 16))
    assert all(tonight(town, day) for day in range(1, 5))  # young: seen at once
    assert "does not fit" in broken(town)[0]


def tonight(town: Town, day: int) -> list[str]:
    with frozen(f"2026-12-{day:02} 03:00"), town.reading() as session:
        return audit_chain.broken_chain_tonight(session)


def test_the_auditor_has_the_trail_checked_and_sees_where_its_chain_stands(sqlite_town: Town) -> None:
    auditor = clerk(sqlite_town, "auditor")
    act(sqlite_town, 3)
    job(sqlite_town, housekeeping.tell_audit_head)
    auditor.opens("/console/trail/chain")
    with sqlite_town.reading() as session:
        assert session.scalars(select(AuditHead)).one().chain in auditor.page
    answer = auditor.sends("/console/trail/verify")
    sqlite_town.works()
    auditor.opens(answer.location)
    assert "一条不少" in auditor.words
    without_guard(sqlite_town, update(AuditLine).where(AuditLine.seq == 2).values(actor="staff:9"))
    answer = auditor.sends("/console/trail/verify")
    sqlite_town.works()
    auditor.opens(answer.location)
    assert "line 2 does not fit" in auditor.words
    assert clerk(sqlite_town, "admin").opens("/console/trail/chain").status_code == 403
