"""A broadcast is shown to its writer and a few colleagues as everybody will get it: the same words, through the same
outbox. Only a test of exactly what is proposed counts."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from app import audit
from handlers.broadcasts.actions import locked
from handlers.broadcasts.forms import card_of
from models import outbox
from models.approval import digest_of
from models.broadcasts import MOST_TESTERS, OPEN, Broadcast, BroadcastTest
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.sight import need_staff
from models.staff import StaffMember
from models.staff_wechat import bound_members, wechat_person

KIND = "broadcasts.notice"


def colleagues(by: Actor) -> list[StaffMember]:
    """Who else has a WeChat to be shown it, by name."""
    bound, me = bound_members(by.session), by.staff.id if by.staff else None
    others = select(StaffMember).where(StaffMember.active, StaffMember.id.in_(bound), StaffMember.id != me)
    return list(by.session.scalars(others.order_by(StaffMember.name)))


def test_send(
    by: Actor, broadcast: Broadcast, others: Collection[int], public_url: str
) -> list[BroadcastTest]:
    """Show it to oneself, if one has a WeChat, and to up to five colleagues (ids of the staff).

    Refuses with broadcasts.too_late, too_many_testers, nobody_to_test.
    """
    staff, row = need_staff(by), locked(by, broadcast)
    if row.state not in OPEN:
        raise Refusal("broadcasts.too_late", state=row.state)
    if len(others) > MOST_TESTERS:
        raise Refusal("broadcasts.too_many_testers", most=MOST_TESTERS)
    chosen = [staff, *(one for one in colleagues(by) if one.id in others)]
    people = [person for one in chosen if (person := wechat_person(by.session, one)) is not None]
    if not people:
        raise Refusal("broadcasts.nobody_to_test")
    digest, shown = digest_of(row), dict.fromkeys(people)
    tests = [_show(by, row, person, digest, public_url) for person in shown]
    audit.note(by, "broadcasts.test", row, digest=digest[:12], people=len(tests))
    return tests


def _show(by: Actor, row: Broadcast, person: Person, digest: str, public_url: str) -> BroadcastTest:
    """It may be shown to somebody again, so the key counts."""
    before = BroadcastTest.broadcast_id == row.id, BroadcastTest.person_id == person.id
    times = by.session.scalar(select(func.count()).select_from(BroadcastTest).where(*before))
    once = f"broadcasts.test:{row.id}:{person.id}:{times}"
    outbox.put(by.session, to=person, kind=KIND, once=once, facts=card_of(row, public_url))
    message = by.session.scalars(select(OutboxRow.id).where(OutboxRow.once == once)).one()
    test = BroadcastTest(broadcast_id=row.id, digest=digest, staff_id=need_staff(by).id)
    test.person_id, test.outbox_id = person.id, message
    by.session.add(test)
    by.session.flush()
    return test
