"""A person's check-ins as a whole: what we keep of them, erasing it, and joining two rows of one person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit
from app.words import clock_words, moment_words
from handlers.hours import actions as hours
from handlers.volunteers import offline
from handlers.volunteers.actions import end_now, hold, recount
from handlers.volunteers.undoing import reason_words
from models import volunteers as model
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.leader_devices import devices_led_with
from models.passes import SessionPass
from models.scan_undo import ScanUndo
from models.sheets import SheetLine
from models.spots import CheckinSpot
from models.volunteers import Attendance, Guesses, Scan


def my_stays(session: Session, person: Person) -> dict[str, Any]:
    """Every stay of a person, with its minutes; what was taken back, and why."""
    kept: dict[str, Any] = {"志愿服务记录": [_line(row) for row in session.scalars(model.stays_of(person))]}
    about = select(ScanUndo).where(ScanUndo.person_id == person.id).order_by(ScanUndo.id)
    undone = [
        {
            "时间": moment_words(one.occurred_at),
            "是": "撤销" if one.undone else "恢复",
            "原因": reason_words(one.reason),
        }
        for one in session.scalars(about)
    ]
    kept |= {"签到撤销": undone} if undone else {}
    phones = [moment_words(one.made_at) for one in session.scalars(devices_led_with(person))]
    return kept | ({"断网点名的手机": phones} if phones else {})


def _line(row: Attendance) -> dict[str, str | int]:
    held = row.session
    line: dict[str, str | int] = {"活动": held.activity.title, "地点": held.place}
    line["签到"] = moment_words(row.came_at)
    if row.left_at is None or row.minutes is None:
        return line | {"签退": "还没签退"}
    return line | {"签退": clock_words(row.left_at), "分钟": row.minutes}


def forget(by: Actor, person: Person) -> None:
    """Erase: scans, tries and passes go; stays remain without a person, so that a session's totals stay true."""
    here = model.open_stay(by.session, person)
    if here is not None:
        hold(by, here.session, person)
        end_now(by, here, person)
    offline.forget_phones(by, person)
    for table in (CheckinSpot, Scan, ScanUndo, Guesses, SessionPass):
        by.session.execute(delete(table).where(table.person_id == person.id))
    mine = update(Attendance).where(Attendance.person_id == person.id)
    by.session.execute(mine.values(person_id=None, flags=[]))
    by.session.execute(
        update(SheetLine)
        .where(SheetLine.person_id == person.id)
        .values(person_id=None, came_at=None, left_at=None)
    )
    audit.note(by, "volunteers.forget", person)


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """Two rows of one person become one: scans and stays move, and the stays are counted again from all scans. A nonce
    that both have is the same scan: it stays with `gone`. So do wrong digits, which are of no use to anybody later, and
    the digits of passes: they lead to whoever goes on."""
    held = _sessions_of(by.session, gone)
    _move_scans(by.session, kept, gone)
    _move_stays(by.session, kept, gone)
    hours.carry(by, kept, gone)
    offline.move_phones(by, kept, gone)
    by.session.expire_all()
    recount(by, kept, *held)
    audit.note(by, "volunteers.merge", kept, sessions=len(held))


def part(by: Actor, kept: Person, gone: Person, _remembered: object) -> None:
    """Both have their own scans again: what they add up to for each of them is counted anew."""
    held = _sessions_of(by.session, gone)
    recount(by, kept, *held)
    recount(by, gone, *held)
    audit.note(by, "volunteers.part", gone, sessions=len(held))


def _sessions_of(session: Session, person: Person) -> list[ActivitySession]:
    scans = session.scalars(select(Scan).where(Scan.person_id == person.id).order_by(Scan.session_id))
    return list({scan.session_id: scan.session for scan in scans}.values())


def _move_scans(session: Session, kept: Person, gone: Person) -> None:
    known = select(Scan.nonce).where(Scan.person_id == kept.id).scalar_subquery()
    mine = Scan.person_id == gone.id, Scan.nonce.not_in(known)
    session.execute(update(Scan).where(*mine).values(person_id=kept.id))
    decided = select(ScanUndo.nonce).where(ScanUndo.person_id == kept.id).scalar_subquery()
    theirs = ScanUndo.person_id == gone.id, ScanUndo.nonce.not_in(decided)
    session.execute(update(ScanUndo).where(*theirs).values(person_id=kept.id))
    session.execute(update(ScanUndo).where(ScanUndo.leader_id == gone.id).values(leader_id=kept.id))
    session.execute(update(SheetLine).where(SheetLine.person_id == gone.id).values(person_id=kept.id))


def _move_stays(session: Session, kept: Person, gone: Person) -> None:
    """Nobody is checked in twice: of two open stays one goes, and is counted again when the records are parted."""
    if model.open_stay(session, kept) is not None:
        still_in = Attendance.person_id == gone.id, Attendance.left_at.is_(None)
        session.execute(delete(Attendance).where(*still_in))
    session.execute(update(Attendance).where(Attendance.person_id == gone.id).values(person_id=kept.id))
