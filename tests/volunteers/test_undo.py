"""Scans taken back, with a reason: by a leader, by the staff, by oneself; from a queue in any order; not once posted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cli import check_invariants
from handlers.volunteers import rights
from handlers.volunteers.undoing import Decision
from models.activities import Activity, ActivitySession
from models.hours import ServiceHours
from models.ledger import TimeTransfer
from models.outbox import OutboxRow
from models.scan_undo import ScanUndo
from models.volunteers import Attendance, Scan
from tests.activities.plans import a_session, digits, house, on_file, token, wall
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import Clerk, audited, clerk
from tests.volunteers.test_actions import attendance, known, tick
from tests.volunteers.undos import take_back

CAME, LEFT = "2026-11-23 09:00", "2026-11-23 10:30"


@pytest.fixture
def noon() -> Iterator[time_machine.Coordinates]:
    with frozen("2026-11-23 12:00") as time:
        yield time


@pytest.fixture
def ma(sqlite_town: Town, noon: object) -> Phone:
    phone = sqlite_town.phone("马秀兰")
    on_file(sqlite_town, phone)
    return phone


def came_and_left(town: Town, phone: Phone, number: int) -> None:
    assert tick(town, phone, number, "in", nonce="in", occurred_at=wall(CAME)) == "in"
    assert tick(town, phone, number, "out", nonce="out", occurred_at=wall(LEFT)) == "out"


def minutes(town: Town) -> list[int | None]:
    return [row[4] for row in attendance(town)]


def scan_numbers(town: Town) -> list[int]:
    with town.reading() as session:
        return list(session.scalars(select(Scan.id).order_by(Scan.id)))


def told(town: Town, kind: str) -> list[dict[str, object]]:
    with town.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == f"volunteers.{kind}"))
        return [row.facts for row in rows]


# ---- what it does ----------------------------------------------------------------------------------------------------


def test_an_out_taken_back_is_counted_to_the_end_and_given_back_to_the_scan(
    sqlite_town: Town, ma: Phone
) -> None:
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)
    assert take_back(sqlite_town, ma, number, Decision("out", "time")) == "done"
    assert minutes(sqlite_town) == [120]
    assert take_back(sqlite_town, ma, number, Decision("out", "time")) == "known"
    assert take_back(sqlite_town, ma, number, Decision("out", "restored", undone=False)) == "done"
    assert minutes(sqlite_town) == [90]
    assert [one["way"] for one in told(sqlite_town, "scan_undone")] == ["out"]
    assert told(sqlite_town, "scan_undone")[0]["why"] == "时间记错了"
    assert len(told(sqlite_town, "scan_restored")) == 1
    assert check_invariants(sqlite_town.site) == []


def test_the_row_stays_and_the_trail_says_who_and_which_reason(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)
    for nonce in ("in", "out"):
        assert take_back(sqlite_town, ma, number, Decision(nonce, "马秀兰说不是她")) == "done"
    assert attendance(sqlite_town) == []
    assert len(scan_numbers(sqlite_town)) == 2
    with sqlite_town.reading() as session:
        lines = audited(session, "volunteers.undo_scan")
        assert [line.facts["reason"] for line in lines] == ["other", "other"]
        assert "马秀兰" not in str([line.facts for line in lines])


def test_an_undone_scan_that_is_replayed_from_a_queue_stays_undone(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)
    take_back(sqlite_town, ma, number, Decision("in", "not_here"))
    take_back(sqlite_town, ma, number, Decision("out", "not_here"))
    assert tick(sqlite_town, ma, number, "in", nonce="in", occurred_at=wall(CAME)) == "undone"
    assert attendance(sqlite_town) == []


def test_an_undo_from_a_queue_may_come_before_its_scan(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    early = Decision("in", "person", nonce="u1", occurred_at=wall("2026-11-23 09:05"))
    assert take_back(sqlite_town, ma, number, early) == "done"
    assert take_back(sqlite_town, ma, number, early) == "known"
    assert tick(sqlite_town, ma, number, "in", nonce="in", occurred_at=wall(CAME)) == "undone"
    assert attendance(sqlite_town) == []
    assert told(sqlite_town, "scan_undone") == [], "they never heard that they were in"


def test_an_undo_says_nothing_about_a_scan_of_another_session(sqlite_town: Town, ma: Phone) -> None:
    one, other = a_session(sqlite_town), a_session(sqlite_town, "社区义剪")
    came_and_left(sqlite_town, ma, one)
    assert take_back(sqlite_town, ma, other, Decision("in", "person")) == "volunteers.no_such_scan"
    early = Decision("later", "person", nonce="u", occurred_at=wall(CAME))
    assert take_back(sqlite_town, ma, other, early) == "done"
    assert tick(sqlite_town, ma, one, "out", nonce="later", occurred_at=wall(LEFT)) != "undone"
    assert minutes(sqlite_town) == [90]


@pytest.mark.parametrize("reason", ["", "   ", "很" * 31])
def test_no_reason_no_undo(sqlite_town: Town, ma: Phone, reason: str) -> None:
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)
    assert take_back(sqlite_town, ma, number, Decision("in", reason)) == "volunteers.no_reason"
    assert minutes(sqlite_town) == [90]


def test_what_is_in_the_time_bank_is_corrected_as_hours(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)
    post(sqlite_town, ma, number)
    assert take_back(sqlite_town, ma, number, Decision("in", "person")) == "volunteers.hours_posted"
    assert minutes(sqlite_town) == [90]


def post(town: Town, phone: Phone, number: int) -> None:
    """These hours are in the time bank."""

    def unit(session: Session) -> None:
        transfer = TimeTransfer(kind="post", once="posted")
        session.add(transfer)
        session.flush()
        held = session.get_one(ActivitySession, number)
        mine = select(ServiceHours).where(ServiceHours.session_id == number)
        row = session.scalar(mine.where(ServiceHours.person_id == phone.person(session).id))
        if row is None:
            row = ServiceHours(person_id=phone.person(session).id, source=f"session:{number}")
            row.session_id, row.what, row.counted, row.minutes = number, "河道清洁", 90, 90
            row.started_at, row.ended_at = held.starts, held.ends
            session.add(row)
        row.state, row.transfer_id = "posted", transfer.id

    town.writing(unit)


def test_four_leaders_undo_one_scan_at_once_and_it_is_undone_once(town: Town) -> None:
    with frozen("2026-11-23 12:00"):
        number, phone = a_session(town), known(town, "马秀兰")
        came_and_left(town, phone, number)
        results = at_once([lambda: take_back(town, phone, number, Decision("in", "twice"))] * 4)
        assert sorted(results) == ["done", "known", "known", "known"]
        with town.reading() as session:
            assert len(list(session.scalars(select(ScanUndo)))) == 1
        assert check_invariants(town.site) == []


def test_an_undo_and_its_scan_at_once_leave_nothing(town: Town) -> None:
    with frozen("2026-11-23 12:00"):
        number, phone = a_session(town), known(town, "马秀兰")
        away = Decision("in", "person", nonce="u", occurred_at=wall(LEFT))
        at_once(
            [
                lambda: tick(town, phone, number, "in", nonce="in", occurred_at=wall(CAME)),
                lambda: take_back(town, phone, number, away),
            ]
        )
        assert attendance(town) == []


def test_erasing_forgets_what_was_taken_back_and_the_copy_shows_it_before(
    sqlite_town: Town, ma: Phone
) -> None:
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)
    take_back(sqlite_town, ma, number, Decision("out", "time"))
    with sqlite_town.reading() as session:
        assert rights.my_stays(session, ma.person(session))["签到撤销"][0]["原因"] == "时间记错了"
    sqlite_town.writing(lambda s: rights.forget(house(s), ma.person(s)))
    with sqlite_town.reading() as session:
        assert session.scalar(select(ScanUndo)) is None


# ---- by oneself, within ten minutes ----------------------------------------------------------------------------------


def test_taking_back_by_chat_what_one_did_by_mistake(sqlite_town: Town) -> None:
    with frozen("2026-11-23 09:00:10") as time:
        number = a_session(sqlite_town)
        phone = sqlite_town.phone("马秀兰")
        assert "撤销" in phone.says(digits(sqlite_town, number))
        time.shift(300)
        assert "撤销了" in phone.says("撤销")
        assert attendance(sqlite_town) == []
        assert "没有可以撤销的" in phone.says("撤销")
        assert "签到好了" in phone.says(digits(sqlite_town, number))


def test_after_ten_minutes_the_leader_must_do_it(sqlite_town: Town) -> None:
    with frozen("2026-11-23 09:00:10") as time:
        number = a_session(sqlite_town)
        phone = sqlite_town.phone("马秀兰")
        phone.says(digits(sqlite_town, number))
        time.shift(601)
        assert "没有可以撤销的" in phone.says("撤销")
        assert len(attendance(sqlite_town)) == 1


def test_taking_back_on_the_page_and_scanning_again(sqlite_town: Town) -> None:
    with frozen("2026-11-23 09:00:10") as time:
        number = a_session(sqlite_town)
        visitor = Visitor(sqlite_town, sqlite_town.phone("马秀兰"))
        shown = token(sqlite_town, number)
        visitor.opens(f"/h5/checkin/{shown}").presses("签错了,撤销")
        assert "这次不算了" in visitor.words
        assert attendance(sqlite_town) == []
        assert "这次签到已经撤销了" in visitor.opens(f"/h5/checkin/{shown}").words
        time.shift(31)
        assert "签到好了" in visitor.opens(f"/h5/checkin/{token(sqlite_town, number)}").words


def test_nobody_takes_back_somebody_elses_scan(sqlite_town: Town) -> None:
    with frozen("2026-11-23 09:00:10"):
        number = a_session(sqlite_town)
        Visitor(sqlite_town, sqlite_town.phone("马秀兰")).opens(f"/h5/checkin/{token(sqlite_town, number)}")
        stranger = Visitor(sqlite_town, sqlite_town.phone("路人"))
        (scan,) = scan_numbers(sqlite_town)
        assert stranger.sends(f"/h5/scans/{scan}/undo", once="x").status == 404
        assert stranger.opens(f"/h5/leading/{number}/scans").status == 404
        assert stranger.sends(f"/h5/leading/{number}/undo", scan=scan, chosen="person").status == 404
        assert len(attendance(sqlite_town)) == 1


def test_what_a_leader_wrote_is_the_leaders_to_take_back(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)
    first = scan_numbers(sqlite_town)[0]
    page = Visitor(sqlite_town, ma).sends(f"/h5/scans/{first}/undo", once="x")
    assert page.status == 409
    assert minutes(sqlite_town) == [90]


# ---- by a leader, by the staff ---------------------------------------------------------------------------------------


def test_a_leader_takes_back_and_gives_back_on_the_phone(sqlite_town: Town, ma: Phone) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader)
    came_and_left(sqlite_town, ma, number)
    page = Visitor(sqlite_town, leader).opens(f"/h5/leading/{number}").taps("签到记录")
    assert "马*兰" in page.words
    assert "马秀兰" not in page.words
    scan = scan_numbers(sqlite_town)[1]
    page.sends(f"/h5/leading/{number}/undo", scan=scan, chosen="time", once="1")
    assert "撤销了:时间记错了" in page.words
    assert minutes(sqlite_town) == [120]
    page.presses("恢复")
    assert minutes(sqlite_town) == [90]


@pytest.fixture
def officer(sqlite_town: Town, noon: object) -> Clerk:
    return clerk(sqlite_town, "leader", login="ma", name="马队长")


def test_the_staff_take_back_with_a_reason_of_their_own(sqlite_town: Town, ma: Phone, officer: Clerk) -> None:
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)
    officer.opens(f"/console/sessions/{number}/scans")
    assert "马秀兰" in officer.words
    scan, path = scan_numbers(sqlite_town)[0], f"/console/sessions/{number}/undo"
    officer.sends(path, scan=scan, chosen="", typed="", follow=True)
    assert "请选一个原因" in officer.words
    officer.sends(path, scan=scan, chosen="", typed="张桂英替她扫的", follow=True)
    assert "张桂英替她扫的" in officer.words
    assert attendance(sqlite_town) == []
    officer.sends(path, scan=scan, back="1", follow=True)
    assert minutes(sqlite_town) == [90]


def test_a_scan_of_another_session_is_not_taken_back_by_its_number(
    sqlite_town: Town, ma: Phone, officer: Clerk
) -> None:
    one, other = a_session(sqlite_town), a_session(sqlite_town, "社区义剪")
    came_and_left(sqlite_town, ma, one)
    scan = scan_numbers(sqlite_town)[0]
    officer.sends(f"/console/sessions/{other}/undo", scan=scan, chosen="person", follow=True)
    assert "没有找到这条签到记录" in officer.words
    assert minutes(sqlite_town) == [90]


def test_whose_role_is_another_does_not_see_the_scans(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    auditor = clerk(sqlite_town, "grid", login="grid")
    assert auditor.opens(f"/console/sessions/{number}/scans").status_code == 403
    assert auditor.sends(f"/console/sessions/{number}/undo", scan=1, chosen="person").status_code == 403


def test_nothing_of_a_scan_is_lost_when_the_activity_is_gone_from_view(sqlite_town: Town, ma: Phone) -> None:
    """A session that was closed may still be put right, until its hours are posted."""
    number = a_session(sqlite_town)
    came_and_left(sqlite_town, ma, number)

    def close(session: Session) -> None:
        session.get_one(ActivitySession, number).state = "closed"
        session.get_one(ActivitySession, number).closed_at = clock.now()
        assert session.scalar(select(Activity)) is not None

    sqlite_town.writing(close)
    assert take_back(sqlite_town, ma, number, Decision("out", "time")) == "done"
    with sqlite_town.reading() as session:
        assert session.scalars(select(Attendance)).one().auto_out
