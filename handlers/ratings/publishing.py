"""The public answer to a suggestion: one writes the words for everybody, a second reads them, then they are public and
who made the suggestion is told. A suggestion that is really something to be done goes on as that, under its number."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from app import audit, clock
from handlers.matters import actions as matters
from handlers.ratings import sentences
from models import outbox
from models.diary import (
    KIND,
    PUBLIC_KEPT,
    Suggestion,
    beside,
    go_to,
    hold,
    left_behind,
    shown_before,
)
from models.identity import Actor
from models.matters import Matter
from models.refusal import Refusal
from models.staff import StaffMember

ROLES = ("desk", "approver")
USEFUL = timedelta(days=14)


class Words(NamedTuple):
    """What everybody is to read. `agreed`: who said it was asked by a colleague and is content; `offices` are numbers
    that everybody may know."""

    words: str
    reply: str
    agreed: bool = False
    offices: tuple[str, ...] = ()


def ask_to_show(by: Actor, matter: Matter, told: Words, *, seen: int | None = None) -> Suggestion:
    """Propose what everybody reads.

    Refuses with ratings.staff_only, .not_answered, .wants_it_kept, .not_asked, .shows_somebody, .changed_meanwhile."""
    staff = _staff(by)
    if matter.kind != KIND or matter.state not in ("done", "closed"):
        raise Refusal("ratings.not_answered")
    row = beside(by.session, matter)
    _unchanged(row, seen)
    if row.may_show is False:
        raise Refusal("ratings.wants_it_kept")
    if not (row.may_show or told.agreed or matter.contact == "anonymous"):
        raise Refusal("ratings.not_asked")
    shown, reply = (sentences.public_in(by.session, one, matter, told.offices) for one in told[:2])
    go_to(row, "asked")
    row.words, row.reply, row.why = shown, reply, None
    row.may_show, row.asked_by, row.passed_by, row.asked_at = True, staff, None, clock.now()
    audit.note(by, "ratings.ask_to_show", row)
    return row


def show(by: Actor, row: Suggestion, *, seen: int | None = None) -> Suggestion:
    """A second person has read it: now everybody may. Refuses with ratings.own_words, .suggestion_moved."""
    staff, row = _staff(by), hold(by.session, row)
    _unchanged(row, seen)
    if row.asked_by_id == staff.id:
        raise Refusal("ratings.own_words")
    row.passed_by, row.shown_at = staff, clock.now()
    go_to(row, "public")
    audit.note(by, "ratings.show", row)
    _tell(by, row, "ratings.shown")
    return row


def send_back(by: Actor, row: Suggestion, why: str, *, seen: int | None = None) -> Suggestion:
    """Not like this: with a reason for whoever wrote it."""
    _staff(by)
    row = hold(by.session, row)
    _unchanged(row, seen)
    reason = sentences.answer_in(why)
    if row.state != "asked":
        raise Refusal("ratings.suggestion_moved")
    go_to(row, "kept")
    row.why = reason
    audit.note(by, "ratings.send_back", row)
    return row


def take_down(by: Actor, row: Suggestion, why: str) -> Suggestion:
    """Out of everybody's sight again; it can be written anew."""
    _staff(by)
    row = hold(by.session, row)
    reason = sentences.answer_in(why)
    go_to(row, "down")
    row.why = reason
    audit.note(by, "ratings.take_down", row)
    return row


def turn_into_matter(by: Actor, matter: Matter, kind: str) -> Matter:
    """It is really something to be done: it goes on as that, under the number that was told, and no more as a
    suggestion. Refuses with ratings.staff_only, .suggestion_moved and whatever matters.turn_into refuses."""
    _staff(by)
    row = beside(by.session, matter)
    if matter.kind != KIND or row.state == "public":
        raise Refusal("ratings.suggestion_moved")
    go_to(row, "down")
    turned = matters.turn_into(by, matter, kind)
    audit.note(by, "ratings.turn_into_matter", row, kind=kind)
    _tell(by, row, "ratings.turned", what=kind)
    return turned


def _unchanged(row: Suggestion, seen: int | None) -> None:
    """Of two who decide at once the second is told."""
    if seen is not None and row.revision != seen:
        raise Refusal("ratings.changed_meanwhile")


def _tell(by: Actor, row: Suggestion, kind: str, **facts: str) -> None:
    if row.matter.person is None:
        return
    outbox.put(
        by.session,
        to=row.matter.person,
        kind=kind,
        once=f"{kind}:{row.id}:{row.revision}",
        facts={"number": row.matter.number, "at": clock.now().isoformat()} | facts,
        useful_until=clock.now() + USEFUL,
    )


def _staff(by: Actor) -> StaffMember:
    if by.staff is None or not set(ROLES) & set(by.staff.roles):
        raise Refusal("ratings.staff_only")
    return by.staff


# ---- time passed ---------------------------------------------------------------------------------------------------


def forget_shown(by: Actor) -> int:
    """What everybody could read for two years, and what was left by who is gone."""
    old = list(by.session.scalars(shown_before(clock.now() - PUBLIC_KEPT)))
    rows = [*old, *by.session.scalars(left_behind())]
    for row in rows:
        blank(row)
    if rows:
        audit.note(by, "ratings.forget_shown", count=len(rows))
    return len(rows)


def blank(row: Suggestion) -> None:
    row.words = row.reply = row.why = None
    if row.state != "down":
        row.state = "down"
        row.revision += 1
