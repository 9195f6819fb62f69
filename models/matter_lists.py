"""Which matters there are: one's own, those that wait, those that look like the same thing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import clock
from models.audit import AuditLine
from models.duty import StaffLeave
from models.identity import Person
from models.matter_followers import MatterUnasked
from models.matter_rules import MatterCategory
from models.matters import ANSWER_WITHIN, OPEN, REOPEN_WITHIN, SAME_WITHIN, Matter, MatterPhoto, tail_index
from models.staff import StaffMember
from models.unindexed import unindexed

MEDIA_LIVES = timedelta(days=3)
LOOKS_PER = timedelta(minutes=15)
ASKED_UNTIL = timedelta(days=45)


def matters_of(person: Person) -> Select[Matter]:
    """The newest first."""
    return (
        select(Matter).where(Matter.person_id == person.id).order_by(Matter.said_at.desc(), Matter.id.desc())
    )


def open_of(person: Person) -> Select[Matter]:
    return matters_of(person).where(Matter.state.in_(OPEN))


def done_lately(person: Person) -> Select[Matter]:
    """What this person may say to be solved."""
    return matters_of(person).where(Matter.state == "done", Matter.done_at >= clock.now() - REOPEN_WITHIN)


def to_be_opened_again(person: Person) -> Select[Matter]:
    """What this person may still say to be unsolved: done of late, or asked about of late."""
    now = clock.now()
    lately = or_(Matter.done_at >= now - REOPEN_WITHIN, Matter.asked_at >= now - ANSWER_WITHIN)
    over = Matter.state.in_(("done", "closed")), Matter.done_at.is_not(None), Matter.joined_to_id.is_(None)
    return matters_of(person).where(*over, lately)


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
    over = unindexed(Matter.state).in_(("closed", "withdrawn"))
    return select(Matter).where(over).order_by(Matter.ended_at.desc(), Matter.id.desc())


def same_as(matter: Matter) -> Select[Matter]:
    """Of the same category, else of the same kind, at the same place about the same time, before or after. What lies
    near by its position is found by `near` among those of any place."""
    rule = matter.category
    within = timedelta(days=rule.days) if rule else SAME_WITHIN
    same = Matter.category_id == matter.category_id if rule else Matter.kind == matter.kind
    placed = Matter.place_id == matter.place_id, Matter.place_id.is_not(None)
    near = or_(and_(*placed), Matter.has_spot) if matter.spot else and_(*placed)
    lately = Matter.said_at.between(matter.said_at - within, matter.said_at + within)
    others = Matter.id != matter.id, Matter.state != "withdrawn", Matter.joined_to_id.is_(None)
    return select(Matter).where(same, near, lately, *others).order_by(Matter.id.desc())


def said_of(category: MatterCategory, but: Person | None) -> Select[Matter]:
    """What is open of this category, said as a repair within its days, by others."""
    lately = Matter.said_at >= clock.now() - timedelta(days=category.days)
    others = or_(Matter.person_id.is_(None), Matter.person_id != but.id) if but is not None else true()
    mine = Matter.category_id == category.id, Matter.kind == "报修", Matter.state.in_(OPEN)
    return select(Matter).where(*mine, lately, others).order_by(Matter.said_at, Matter.id)


# ---- time passed ---------------------------------------------------------------------------------------------------


def done_before(limit: datetime) -> Select[Matter]:
    return select(Matter).where(Matter.state == "done", Matter.done_at < limit).order_by(Matter.id)


def done_for_good() -> Select[Matter]:
    """But for what a colleague has yet to look at."""
    checks = exists().where(MatterCategory.id == Matter.category_id, MatterCategory.needs_check)
    old = done_before(clock.now() - REOPEN_WITHIN).where(or_(Matter.checked_at.is_not(None), ~checks))
    return old.order_by(None).order_by(Matter.done_at, Matter.id)


def left_behind() -> Select[Matter]:
    """Open ones whose owner works here no longer."""
    gone = ~StaffMember.active
    return open_matters().join(StaffMember, Matter.owner_id == StaffMember.id).where(gone)


def without_owner() -> Select[Matter]:
    return open_matters().where(Matter.owner_id.is_(None))


def held_by_the_away(day: date) -> Select[Matter]:
    """Open ones whose owner is away on this day."""
    return open_matters().where(_away(Matter.owner_id, day))


def lent_and_back(day: date) -> Select[Matter]:
    """Open ones that were lent by somebody who is there again."""
    return open_matters().where(Matter.lent_by_id.is_not(None), ~_away(Matter.lent_by_id, day))


def _away(member: InstrumentedAttribute[int | None], day: date) -> ColumnElement[bool]:
    covers = StaffLeave.first_day <= day, StaffLeave.last_day >= day, StaffLeave.over_at.is_(None)
    return exists().where(StaffLeave.staff_id == member, *covers)


def late_and_untold() -> Select[Matter]:
    """Past the day that counts, and nobody above was told of it today."""
    today = clock.today()
    waits = and_(Matter.state == "received", Matter.give_by < today)
    untold = or_(Matter.late_told_on.is_(None), Matter.late_told_on < today)
    return open_matters().where(or_(waits, Matter.due < today), untold)


def late_matters() -> Select[Matter]:
    today = clock.today()
    return open_matters().where(
        or_(and_(Matter.state == "received", Matter.give_by < today), Matter.due < today)
    )


def unchecked(before: datetime | None = None) -> Select[Matter]:
    """Done, of a category whose work a colleague looks at, and nobody has."""
    waits = Matter.state == "done", Matter.checked_at.is_(None), MatterCategory.needs_check
    found = select(Matter).join(MatterCategory, Matter.category_id == MatterCategory.id).where(*waits)
    found = found.where(Matter.done_at < before) if before is not None else found
    return found.order_by(Matter.done_at, Matter.id)


def to_be_asked_about() -> Select[Matter]:
    """Done some days ago as the category says, by somebody who is still here, and never asked about."""
    unasked = ~exists().where(MatterUnasked.person_id == Matter.person_id)
    still = Matter.state.in_(("done", "closed")), Matter.joined_to_id.is_(None), Matter.person_id.is_not(None)
    rule = (
        MatterCategory.asks_after > 0,
        Matter.asked_at.is_(None),
        Matter.done_at > clock.now() - ASKED_UNTIL,
    )
    found = select(Matter).join(MatterCategory, Matter.category_id == MatterCategory.id)
    return found.where(*still, *rule, unasked).order_by(Matter.id)


def with_words_before(limit: datetime) -> Select[Matter]:
    """Ended before `limit`, and still holding what was said."""
    old = select(Matter).where(Matter.ended_at < limit, Matter.text.is_not(None))
    return old.order_by(Matter.ended_at, Matter.id)


def dead_photos() -> Select[MatterPhoto]:
    """Neither here nor at WeChat any more."""
    gone = or_(MatterPhoto.media_id.is_(None), MatterPhoto.at < clock.now() - MEDIA_LIVES)
    return select(MatterPhoto).where(MatterPhoto.file_id.is_(None), gone)


def photos_to_fetch() -> Select[MatterPhoto]:
    """Still at WeChat, and not tried of late."""
    now = clock.now()
    there = (
        MatterPhoto.file_id.is_(None),
        MatterPhoto.media_id.is_not(None),
        MatterPhoto.at > now - MEDIA_LIVES,
    )
    turn = or_(MatterPhoto.fetch_after.is_(None), MatterPhoto.fetch_after < now)
    return select(MatterPhoto).where(*there, turn).order_by(MatterPhoto.id)
