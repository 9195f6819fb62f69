"""Quick replies: words that staff say every day, edited by themselves, put into the answer with one click or key."""

from __future__ import annotations

from sqlalchemy import func, select

from app import audit, clock
from models.desk import QuickReply, quick_replies
from models.identity import Actor, Person
from models.refusal import Refusal

NAME = "{姓名}"
LONGEST_TITLE, LONGEST_TEXT, MOST = 12, 300, 30


def add(by: Actor, title: str, text: str) -> QuickReply:
    """Refuses with desk.quick_words and desk.quick_many."""
    live = select(func.count()).select_from(quick_replies().subquery())
    if (by.session.scalar(live) or 0) >= MOST:
        raise Refusal("desk.quick_many", most=MOST)
    last = by.session.scalar(select(func.max(QuickReply.position))) or 0
    row = QuickReply(title="", text="", position=last + 1)
    by.session.add(row)
    _write(row, title, text)
    audit.note(by, "desk.quick_add", row)
    return row


def change(by: Actor, row: QuickReply, title: str, text: str) -> None:
    _write(row, title, text)
    audit.note(by, "desk.quick_change", row)


def retire(by: Actor, row: QuickReply) -> None:
    row.retired_at = clock.now()
    audit.note(by, "desk.quick_retire", row)


def bring_back(by: Actor, row: QuickReply) -> None:
    row.retired_at = None
    audit.note(by, "desk.quick_back", row)


def said_to(row: QuickReply, person: Person) -> str:
    """The words for this resident; who has told no name is simply 您."""
    return row.text.replace(NAME, person.name or "您")


def _write(row: QuickReply, title: str, text: str) -> None:
    title, text = title.strip(), text.strip()
    if not (0 < len(title) <= LONGEST_TITLE and 0 < len(text) <= LONGEST_TEXT):
        raise Refusal("desk.quick_words", title=LONGEST_TITLE, text=LONGEST_TEXT)
    row.title, row.text = title, text
