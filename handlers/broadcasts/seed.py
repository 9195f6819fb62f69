"""An invented broadcast that went out this morning in a hurry: some have it, some read it, some must be told at the door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts import actions, doors, reading
from handlers.notices import actions as notices
from models.approval import PROOFS, digest_of
from models.broadcasts import Broadcast, BroadcastRecipient, BroadcastTest
from models.identity import Actor
from models.notices import Notice
from models.outbox import BROADCAST, OutboxRow, once_in
from models.people import residents
from models.places import Place
from models.sight import need_staff
from models.staff import StaffMember, member_by_login

# What is being prepared: the notice, the estate (None: everybody), whether it already waits for the last word.
PREPARED = (("老年体检,周三上午免费", None, False), ("东府佳苑后天停水", "东府佳苑", True))
CODE = "demo0000000000000water"
NOTICE: dict[str, Any] = {
    "title": "今天下午停水,请先接水",
    "category": "停水停电",
    "source": "供水公司(演示)",
    "summary": "请现在接好水。\n今天下午2点到6点,东府佳苑和湖滨小区停水。\n来水以后先放一会儿再用。",
    "bring": (),
}
WRITER, APPROVER = ("wang", "王干事", "desk"), ("li", "李主任", "approver")
# In turn: by which road, and how far it came; "" stays paper, which is told at the door.
WAYS = (
    ("custom", "submitted"),
    ("", ""),
    ("notice", "delivered"),
    ("custom", "unknown"),
    ("custom", "submitted"),
    ("notice", "failed"),
    ("", ""),
)
REFUSED = "本人不收公众号的消息。"  # as app/reports.py keeps what WeChat says of it


def seed(session: Session) -> None:
    """Without residents there is nobody to tell."""
    if session.scalar(residents().limit(1)) is None:
        return
    writer, approver = _colleague(session, *WRITER), _colleague(session, *APPROVER)
    today = clock.today()
    notice = notices.draft(writer, **NOTICE, valid_from=today, valid_until=today + timedelta(days=1))
    row = actions.draft(writer, notice, urgent=True)
    row.code = CODE
    _test(writer, row)
    actions.propose(writer, row)
    actions.approve(approver, row, digest=row.digest or "", proofs=PROOFS)
    _send(writer, row)
    for title, estate, waits in PREPARED:
        _prepare(writer, title, estate, waits)


def _prepare(writer: Actor, title: str, estate: str | None, waits: bool) -> None:
    notice = writer.session.scalar(select(Notice).where(Notice.title == title))
    place = writer.session.scalar(select(Place).where(Place.kind == "estate", Place.name == estate))
    if notice is None or (estate is not None and place is None):
        return
    row = actions.draft(writer, notice, audience={"places": [place.id]} if place else None)
    if waits:
        _test(writer, row)
        actions.propose(writer, row)


def _test(writer: Actor, row: Broadcast) -> None:
    """As if the writer had seen it on their own phone."""
    writer.session.flush()
    digest, staff = digest_of(row), need_staff(writer)
    writer.session.add(BroadcastTest(broadcast_id=row.id, digest=digest, staff_id=staff.id))


def _colleague(session: Session, login: str, name: str, role: str) -> Actor:
    known = member_by_login(session, login)
    if known is None:
        known = StaffMember(login=login, name=name, roles=[role], created_at=clock.now())
        session.add(known)
        session.flush()
    return Actor(session, staff=known, channel="console")


def _send(by: Actor, row: Broadcast) -> None:
    """As its sending would have left it, some hours ago."""
    now = clock.now()
    mine = BroadcastRecipient.broadcast_id == row.id
    rows = by.session.scalars(
        select(BroadcastRecipient).where(mine).order_by(BroadcastRecipient.position)
    ).all()
    row.approved_at, row.begun_at = now - timedelta(hours=6), now - timedelta(hours=5)
    row.state, row.ended_at, row.begun_with = "done", now - timedelta(hours=4), len(rows)
    for position, one in enumerate(rows):
        road, state = WAYS[position % len(WAYS)]
        if road and one.person_id is not None:
            one.road, one.state, one.outbox_id = road, "outbox", _letter(by, row, one.person_id, state)
    by.session.flush()
    for one in rows[::4]:
        reading.receive(by, one, "page")
        one.read_at = now - timedelta(hours=4, minutes=30)
    untold = [one for one in rows if one.state == "paper" and one.read_at is None]
    for one, state in zip(untold, ("face", "nobody"), strict=False):
        doors.tell(by, one, state)


def _letter(by: Actor, row: Broadcast, person_id: int, state: str) -> int:
    sent = clock.now() - timedelta(hours=5)
    letter = OutboxRow(once=once_in(row.bundle, person_id), kind="broadcasts.notice", person_id=person_id)
    letter.facts, letter.bundle, letter.rank, letter.state = {}, row.bundle, BROADCAST, state
    letter.first_sent_at = letter.settled_at = sent
    letter.reason = REFUSED if state == "failed" else None
    by.session.add(letter)
    by.session.flush()
    return letter.id
