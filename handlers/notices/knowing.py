"""The office's own lists for looking through a notice: who holds which office, and slips made again and again."""

from __future__ import annotations

from app import audit
from models.base import insert_once
from models.identity import Actor
from models.refusal import Refusal
from models.titles import LONGEST_NAME, LONGEST_SLIP, LONGEST_TITLE, KnownSlip, KnownTitle


def add_title(by: Actor, name: str, title: str) -> None:
    """Refuses with notices.name_and_title."""
    name, title = "".join(name.split()), "".join(title.split())
    if not 2 <= len(name) <= LONGEST_NAME or not 2 <= len(title) <= LONGEST_TITLE:
        raise Refusal("notices.name_and_title", name=LONGEST_NAME, title=LONGEST_TITLE)
    if insert_once(
        by.session, KnownTitle, name=name, title=title, staff_id=by.staff.id if by.staff else None
    ):
        audit.note(by, "notices.add_title")


def add_slip(by: Actor, wrong: str, meant: str) -> None:
    """Refuses with notices.wrong_and_meant."""
    wrong, meant = "".join(wrong.split()), "".join(meant.split())
    sizes = all(2 <= len(word) <= LONGEST_SLIP for word in (wrong, meant))
    if not sizes or wrong in meant:
        raise Refusal("notices.wrong_and_meant", most=LONGEST_SLIP)
    if insert_once(
        by.session, KnownSlip, wrong=wrong, meant=meant, staff_id=by.staff.id if by.staff else None
    ):
        audit.note(by, "notices.add_slip")


def remove(by: Actor, row: KnownTitle | KnownSlip) -> None:
    audit.note(by, "notices.remove_title" if isinstance(row, KnownTitle) else "notices.remove_slip", row)
    by.session.delete(row)
