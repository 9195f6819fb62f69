"""What we keep of somebody's broadcasts: which were sent to them, by which road, whether they read it, and what they
want to be told.

They get a copy of it; when they are forgotten the row stays for the counts and says no more whose it was; records that
are joined take theirs along, and back again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app import audit
from app.words import moment_words
from handlers.broadcasts import settings
from models.broadcasts import Broadcast, BroadcastRecipient, BroadcastTest
from models.identity import Actor, Person

ROADS = {
    "custom": "微信对话",
    "notice": "订阅通知",
    "mini": "小程序订阅",
    "mass": "公众号群发",
    "paper": "上门告知",
}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    mine = select(BroadcastRecipient).where(BroadcastRecipient.person_id == person.id)
    with_words = joinedload(BroadcastRecipient.broadcast).joinedload(Broadcast.version)
    rows = session.scalars(mine.options(with_words).order_by(BroadcastRecipient.id)).all()
    return {"发给您的通知": [_line(row) for row in rows], **settings.wishes_of(session, person)}


def _line(row: BroadcastRecipient) -> dict[str, str]:
    begins = row.broadcast.begins_at
    return {
        "通知": row.broadcast.version.content["title"],
        "时间": moment_words(begins) if begins else "",
        "怎么发": ROADS[row.road],
        "看过": moment_words(row.read_at) if row.read_at else "不知道",
    }


def forget(by: Actor, person: Person) -> None:
    """The rows stay for the counts; nobody is to be called on at a door any more, nor written to."""
    mine = BroadcastRecipient.person_id == person.id
    waiting = BroadcastRecipient.state.in_(("queued", "paper"))
    by.session.execute(update(BroadcastRecipient).where(mine, waiting).values(state="cancelled"))
    by.session.execute(update(BroadcastRecipient).where(mine).values(person_id=None))
    by.session.execute(
        update(BroadcastTest).where(BroadcastTest.person_id == person.id).values(person_id=None)
    )
    settings.forget_wishes(by, person)
    audit.note(by, "broadcasts.forget", person)


def merge(by: Actor, kept: Person, gone: Person) -> dict[str, Any]:
    """Rows move, but where both are in one broadcast: that one stays with `gone`, who got it too. What moved, and which
    topics either did not want, is for `part`."""
    both = select(BroadcastRecipient.broadcast_id).where(BroadcastRecipient.person_id == kept.id)
    theirs = BroadcastRecipient.person_id == gone.id, BroadcastRecipient.broadcast_id.not_in(both)
    moved = list(by.session.scalars(select(BroadcastRecipient.id).where(*theirs)))
    _give(by, moved, kept)
    audit.note(by, "broadcasts.merge", kept, rows=len(moved))
    return {"rows": moved, "topics": settings.merge_wishes(by, kept, gone)}


def part(by: Actor, kept: Person, gone: Person, remembered: Mapping[str, Any] | None) -> None:
    moved = (remembered or {}).get("rows", ())
    _give(by, moved, gone)
    settings.part_wishes(by, kept, (remembered or {}).get("topics", ()))
    audit.note(by, "broadcasts.part", gone, rows=len(moved))


def _give(by: Actor, rows: Sequence[int], person: Person) -> None:
    theirs = BroadcastRecipient.id.in_(rows)
    by.session.execute(update(BroadcastRecipient).where(theirs).values(person_id=person.id))
