"""What happens to 幸福使者: two switch it on, each agrees for themselves, a quarter is reckoned, then public."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from app import audit, clock
from handlers.ratings import sentences
from models.base import insert_once
from models.identity import Actor, Person
from models.rating_honours import (
    APPEAL_DAYS,
    FORMULA,
    SETTING,
    HonourPart,
    HonourQuarter,
    HonourReckoning,
    HonourSetting,
    appeals_waiting,
    day_after,
    figures_of_person,
    figures_of_staff,
    is_on,
    part_of,
    quarter_before,
    reaches,
)
from models.ratings import Rating
from models.refusal import Refusal
from models.staff import StaffMember

RECKONED_AFTER = timedelta(days=8)  # the last week of the quarter is over and its ratings are shown


# ---- on and off ------------------------------------------------------------------------------------------------------


def switch(by: Actor, on: bool) -> HonourSetting:
    """Asked for by one approver, switched on by another; off again by any. Refuses with ratings.approver_only,
    .needs_a_second."""
    staff = _approver(by)
    insert_once(by.session, HonourSetting, id=SETTING, state="off", changed_at=clock.now())
    row = by.session.get_one(HonourSetting, SETTING, populate_existing=True, with_for_update=True)
    if not on:
        row.state, row.asked_by, row.passed_by = "off", None, None
    elif row.state == "off":
        row.state, row.asked_by = "asked", staff
    elif row.asked_by_id == staff.id:
        raise Refusal("ratings.needs_a_second")
    else:
        row.state, row.passed_by = "on", staff
    row.changed_at = clock.now()
    audit.note(by, "ratings.switch_honours", row, state=row.state)
    return row


def take_part(by: Actor, *, yes: bool) -> None:
    """Everybody for themselves. Who takes it back is in no rating any more. Refuses with ratings.honours_off."""
    who = _myself(by)
    row = part_of(by.session, who)
    if yes and row is None:
        if not is_on(by.session):
            raise Refusal("ratings.honours_off")
        key = "staff_id" if isinstance(who, StaffMember) else "person_id"
        insert_once(by.session, HonourPart, since=clock.today(), **{key: who.id})
    elif not yes and row is not None:
        by.session.delete(row)
        forget_reckoned(by, who)
    audit.note(by, "ratings.take_part", who, yes=yes)


def forget_reckoned(by: Actor, who: StaffMember | Person) -> None:
    """What is not public goes, and no rating knows them any more."""
    own = HonourReckoning.staff_id if isinstance(who, StaffMember) else HonourReckoning.person_id
    for row in by.session.scalars(select(HonourReckoning).where(own == who.id)).all():
        if row.quarter.state == "appeal":
            by.session.delete(row)
    if isinstance(who, StaffMember):
        by.session.execute(update(Rating).where(Rating.helper_id == who.id).values(helper_id=None))


def _myself(by: Actor) -> StaffMember | Person:
    return by.staff if by.staff is not None else by.me


def _approver(by: Actor) -> StaffMember:
    if by.staff is None or "approver" not in by.staff.roles:
        raise Refusal("ratings.approver_only")
    return by.staff


# ---- a quarter -------------------------------------------------------------------------------------------------------


def reckon(by: Actor) -> int:
    """The quarter that ended, once, when its last ratings are shown; how many were reckoned."""
    name = quarter_before(clock.today())
    due = clock.today() >= day_after(name) + RECKONED_AFTER
    known = by.session.scalar(select(HonourQuarter.id).where(HonourQuarter.name == name))
    if not due or known is not None or not is_on(by.session):
        return 0
    until = clock.today() + timedelta(days=APPEAL_DAYS)
    quarter = HonourQuarter(name=name, formula=dict(FORMULA), appeal_until=until)
    by.session.add(quarter)
    parts = select(HonourPart).where(HonourPart.since < day_after(name)).order_by(HonourPart.id)
    count = sum(_reckon_one(by, quarter, one) for one in by.session.scalars(parts).all())
    audit.note(by, "ratings.reckon", quarter, count=count)
    return count


def _reckon_one(by: Actor, quarter: HonourQuarter, one: HonourPart) -> bool:
    if one.staff is not None and one.staff.active:
        figures = figures_of_staff(by.session, one.staff, quarter.name)
    elif one.person is not None and one.person.erased_at is None:
        figures = figures_of_person(by.session, one.person, quarter.name)
    else:
        return False
    row = HonourReckoning(quarter=quarter, staff=one.staff, person=one.person, figures=figures)
    row.reached = reaches(figures, quarter.formula)
    by.session.add(row)
    return True


def appeal(by: Actor, row: HonourReckoning, words: str) -> HonourReckoning:
    """Within a week, once. Refuses with ratings.not_your_reckoning, .too_late_to_appeal."""
    who, row = _myself(by), _held(by, row)
    own = row.staff_id == who.id if isinstance(who, StaffMember) else row.person_id == who.id
    if not own:
        raise Refusal("ratings.not_your_reckoning")
    if not row.may_be_appealed:
        raise Refusal("ratings.too_late_to_appeal")
    row.appeal = sentences.answer_in(words)
    audit.note(by, "ratings.appeal", row)
    return row


def decide(by: Actor, row: HonourReckoning, words: str, *, reached: bool) -> HonourReckoning:
    """By an approver who is not the one that objected. Refuses with ratings.approver_only, .own_words,
    .suggestion_moved."""
    staff, row = _approver(by), _held(by, row)
    if row.staff_id == staff.id:
        raise Refusal("ratings.own_words")
    if not row.waits:
        raise Refusal("ratings.suggestion_moved")
    row.decision, row.reached, row.decided_by_id = sentences.answer_in(words), reached, staff.id
    audit.note(by, "ratings.decide", row, reached=reached)
    return row


def publish(by: Actor) -> int:
    """What nobody objects to any more; nothing of it changes afterwards. How many quarters."""
    over = HonourQuarter.state == "appeal", HonourQuarter.appeal_until < clock.today()
    count = 0
    for quarter in by.session.scalars(select(HonourQuarter).where(*over)).all():
        waiting = appeals_waiting().where(HonourReckoning.quarter_id == quarter.id)
        if is_on(by.session) and by.session.scalar(waiting.limit(1)) is None:
            quarter.state, quarter.public_at = "public", clock.now()
            audit.note(by, "ratings.publish_honours", quarter)
            count += 1
    return count


def _held(by: Actor, row: HonourReckoning) -> HonourReckoning:
    same = select(HonourReckoning).where(HonourReckoning.id == row.id).with_for_update(of=HonourReckoning)
    return by.session.scalars(same.execution_options(populate_existing=True)).one()
