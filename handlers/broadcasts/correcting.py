"""A broadcast that was wrong is put right by another one: to exactly those who got it, or may have got it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from handlers.broadcasts import actions, running
from handlers.notices import actions as notices
from models.base import count_rows
from models.broadcasts import OPEN, RUNNING, Broadcast
from models.identity import Actor
from models.lately import counted_lately
from models.reach import correction_of, who_may_have_got
from models.refusal import Refusal

MARK = "更正:"
STOPPED = "发错了,正在更正"
LONGEST_TITLE, LONGEST_SUMMARY = 60, 1900  # notices take 2,000 with what was wrong before them


def begin(by: Actor, wrong: Broadcast, *, note: str, title: str, summary: str) -> Broadcast:
    """What is still on its way is stopped at once. Then a new version of the notice says what was wrong and what is
    right, and is drafted for those who got the wrong one; it is read, tested and approved like any other.

    Refuses with broadcasts.not_to_correct, corrected_already, nobody_got_it, and as writing and drafting refuse.
    """
    row = actions.locked(by, wrong)
    if not may_be_corrected(row):
        raise Refusal("broadcasts.not_to_correct")
    if begun_for(by.session, row) or correction_of(by.session, row):
        raise Refusal("broadcasts.corrected_already")
    if by.session.scalar(who_may_have_got(row).order_by(None).limit(1)) is None:
        raise Refusal("broadcasts.nobody_got_it")
    if is_running(row):
        running.stop(by, row, STOPPED)
    notices.edit(by, row.notice, title=title, summary=f"{MARK}{note}\n{summary}")
    roads = [*row.roads, "paper"]  # whom no other road reaches any more is told at the door
    made = actions.draft(by, row.notice, corrects=row, topic=row.topic, urgent=row.urgent, roads=roads)
    audit.note(by, "broadcasts.correct", row, to=made.id)
    return made


def may_be_corrected(row: Broadcast) -> bool:
    """Somebody may have got it, or be about to."""
    return row.begun_at is not None or row.state in RUNNING


def is_running(row: Broadcast) -> bool:
    return row.state in RUNNING


def begun_for(session: Session, wrong: Broadcast) -> Broadcast | None:
    """The correction that somebody is preparing."""
    prepared = Broadcast.corrects_id == wrong.id, Broadcast.state.in_(OPEN)
    return session.scalar(select(Broadcast).where(*prepared).limit(1))


def how_many(session: Session, wrong: Broadcast) -> int:
    got = who_may_have_got(wrong)
    key = ("may have got", wrong.id, wrong.state)
    return counted_lately(session, key, lambda: count_rows(session, got), int)


def title_for(wrong: Broadcast) -> str:
    title: str = wrong.version.content["title"]
    return title if title.startswith(MARK) else f"{MARK}{title}"[:LONGEST_TITLE]
