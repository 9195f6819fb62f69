"""Which matters there are: one's own, those that wait, those that look like the same thing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.audit import AuditLine
from models.identity import Person
from models.matters import OPEN, REOPEN_WITHIN, SAME_WITHIN, Matter, MatterPhoto, tail_index
from models.staff import StaffMember

MEDIA_LIVES = timedelta(days=3)
LOOKS_PER = timedelta(minutes=15)


def matters_of(person: Person) -> Select[Matter]:
    """The newest first."""
    return (
        select(Matter).where(Matter.person_id == person.id).order_by(Matter.said_at.desc(), Matter.id.desc())
    )


def open_of(person: Person) -> Select[Matter]:
    return matters_of(person).where(Matter.state.in_(OPEN))


def done_lately(person: Person) -> Select[Matter]:
    """What this person may still say to be unsolved."""
    return matters_of(person).where(Matter.state == "done", Matter.done_at >= clock.now() - REOPEN_WITHIN)


def count_open(session: Session, person: Person) -> int:
    mine = Matter.person_id == person.id, Matter.state.in_(OPEN)
    return session.scalar(select(func.count()).select_from(Matter).where(*mine)) or 0


def by_once(session: Session, once: str) -> Matter | None:
    return session.scalar(select(Matter).where(Matter.once == once))


def with_number(session: Session, receipt: str, tail: str) -> Matter | None:
    """The one that this receipt and these four digits (of the phone, or the code) belong to."""
    mine = Matter.receipt == receipt, Matter.tail_index == tail_index(receipt, tail)
    return session.scalar(select(Matter).where(*mine))


def wrong_looks(session: Session, person: Person) -> int:
    """How often this person has asked in vain of late: numbers are not to be tried out."""
    lately = AuditLine.at > clock.now() - LOOKS_PER
    mine = AuditLine.actor == f"person:{person.id}", AuditLine.action == "matters.look_in_vain"
    return session.scalar(select(func.count()).select_from(AuditLine).where(*mine, lately)) or 0


# ---- for the staff -------------------------------------------------------------------------------------------------


def seen_by(staff: StaffMember) -> ColumnElement[bool]:
    """The desk sees all, a grid worker what lies in their grid or was given to them."""
    if "desk" in staff.roles:
        return Matter.id.is_not(None)
    if "grid" not in staff.roles:
        return false()
    own = Matter.owner_id == staff.id
    return or_(own, Matter.grid_id == staff.grid_id) if staff.grid_id is not None else own


def open_matters() -> Select[Matter]:
    """What ends first stands first."""
    return select(Matter).where(Matter.state.in_(OPEN)).order_by(Matter.due, Matter.id)


def done_matters() -> Select[Matter]:
    return select(Matter).where(Matter.state == "done").order_by(Matter.done_at.desc(), Matter.id.desc())


def ended_matters() -> Select[Matter]:
    over = Matter.state.in_(("closed", "withdrawn"))
    return select(Matter).where(over).order_by(Matter.ended_at.desc(), Matter.id.desc())


def same_as(matter: Matter) -> Select[Matter]:
    """Of the same kind at the same place within a week, before or after."""
    near = (
        Matter.place_id == matter.place_id,
        Matter.kind == matter.kind,
        Matter.said_at.between(matter.said_at - SAME_WITHIN, matter.said_at + SAME_WITHIN),
    )
    others = Matter.id != matter.id, Matter.state != "withdrawn", Matter.place_id.is_not(None)
    return select(Matter).where(*near, *others).order_by(Matter.id.desc())


# ---- time passed ---------------------------------------------------------------------------------------------------


def done_before(limit: datetime) -> Select[Matter]:
    return select(Matter).where(Matter.state == "done", Matter.done_at < limit).order_by(Matter.id)


def done_for_good() -> Select[Matter]:
    return done_before(clock.now() - REOPEN_WITHIN)


def left_behind() -> Select[Matter]:
    """Open ones whose owner works here no longer."""
    gone = ~StaffMember.active
    return open_matters().join(StaffMember, Matter.owner_id == StaffMember.id).where(gone)


def with_words_before(limit: datetime) -> Select[Matter]:
    """Ended before `limit`, and still holding what was said."""
    return select(Matter).where(Matter.ended_at < limit, Matter.text.is_not(None)).order_by(Matter.id)


def dead_photos() -> Select[MatterPhoto]:
    """Neither here nor at WeChat any more."""
    gone = or_(MatterPhoto.media_id.is_(None), MatterPhoto.at < clock.now() - MEDIA_LIVES)
    return select(MatterPhoto).where(MatterPhoto.file_id.is_(None), gone)
