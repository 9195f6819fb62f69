"""What the staff do with a matter: give it to one, begin, tell the resident, note, move its last day, finish."""

from __future__ import annotations

from datetime import date, timedelta

from app import audit, clock
from app.understanding.calendar import is_working_day
from handlers.matters import messages, sentences
from handlers.matters.dispatch import back_to_desk, may_take
from handlers.matters.photos import Photo
from handlers.matters.proof import add_after, must_be_proved, reason_for_none
from handlers.matters.standing import may_see, must_be_desk, must_be_staff
from handlers.matters.steps import step
from models.identity import Actor
from models.matters import Matter, go_to, hold
from models.refusal import Refusal
from models.staff import StaffMember, everybody

LATEST = timedelta(days=90)


def assign(by: Actor, matter: Matter, member: StaffMember, *, seen: int | None = None) -> Matter:
    """Give it to one of the staff; the resident is told that somebody has it. `seen` is the revision that the page
    showed: of two who give it away at once the second is told.

    Refuses with matters.not_yours, .changed_meanwhile, .cannot_take, .not_now.
    """
    must_be_desk(by)
    matter = _unchanged(by, matter, seen)
    if not may_take(member):
        raise Refusal("matters.cannot_take")
    must_be_open(matter)
    go_to(matter, "assigned")
    matter.owner, matter.lent_by = member, None
    step(by, matter, "assigned")
    audit.note(by, "matters.assign", matter, to=member.id)
    messages.tell(by, matter, "matters.assigned", due=_due(matter))
    return matter


def give_back(by: Actor, matter: Matter, words: str) -> Matter:
    """Who has it cannot do it: it is the desk's again, with the reason for colleagues; the last day stays."""
    matter = hold(by.session, matter)
    must_be_staff(by, matter)
    why = sentences.words_in(words)
    must_be_open(matter)
    back_to_desk(by, matter)
    step(by, matter, "given_back", why, told=False)
    audit.note(by, "matters.give_back", matter)
    return matter


def begin(by: Actor, matter: Matter) -> Matter:
    """Somebody is on it now."""
    matter = hold(by.session, matter)
    must_be_staff(by, matter)
    go_to(matter, "working")
    step(by, matter, "working")
    audit.note(by, "matters.begin", matter)
    messages.tell(by, matter, "matters.working", due=_due(matter))
    return matter


def answer(by: Actor, matter: Matter, words: str) -> Matter:
    """A word to the resident on the way, to be read where only they can read it."""
    matter = hold(by.session, matter)
    must_be_staff(by, matter)
    must_be_open(matter)
    step(by, matter, "answered", sentences.words_in(words))
    matter.revision += 1
    audit.note(by, "matters.answer", matter)
    messages.tell(by, matter, "matters.answered")
    return matter


def note(by: Actor, matter: Matter, words: str) -> Matter:
    """A remark for colleagues; the resident never sees it."""
    must_be_staff(by, matter)
    step(by, matter, "note", sentences.words_in(words), told=False)
    audit.note(by, "matters.note", matter)
    return matter


def move_due(by: Actor, matter: Matter, day: date, reason: str) -> Matter:
    """Another last day, with a reason that the resident reads. Refuses with matters.bad_day."""
    matter = hold(by.session, matter)
    must_be_staff(by, matter)
    must_be_open(matter)
    if not clock.today() < day <= clock.today() + LATEST or not is_working_day(day):
        raise Refusal("matters.bad_day", most=LATEST.days)
    step(by, matter, "due_moved", sentences.words_in(reason))
    matter.due, matter.revision = day, matter.revision + 1
    matter.late_told_on = None
    audit.note(by, "matters.move_due", matter, due=day.isoformat())
    messages.tell(by, matter, "matters.due_moved", due=_due(matter))
    return matter


def finish(
    by: Actor,
    matter: Matter,
    words: str,
    *,
    seen: int | None = None,
    after: Photo | None = None,
    why_none: str = "",
) -> Matter:
    """Done, with words to the resident, who may open it again for 30 days; where its category asks for a picture
    afterwards, with one or with the reason why there is none. Refuses with matters.needs_after."""
    matter = _unchanged(by, matter, seen)
    must_be_staff(by, matter)
    outcome, reason = sentences.words_in(words), reason_for_none(why_none)
    if after is not None:
        add_after(by, matter, after)
        by.session.flush()
    must_be_proved(matter, why_none)
    go_to(matter, "done")
    matter.owner = matter.owner or by.staff
    matter.fixed_by, matter.outcome, matter.done_at = by.staff, outcome, clock.now()
    if reason is not None:
        step(by, matter, "no_photo", reason, told=False)
    step(by, matter, "done", outcome)
    audit.note(by, "matters.finish", matter)
    messages.tell(by, matter, "matters.done")
    return matter


def must_be_open(matter: Matter) -> None:
    """What has ended is opened again by who said it, never by the way."""
    if not matter.is_open:
        raise Refusal("matters.not_now", matter=matter)


def colleagues(by: Actor, matter: Matter) -> list[StaffMember]:
    """Who may take it, the grid worker of its place first."""
    able = [one for one in by.session.scalars(everybody()) if may_take(one)]
    return sorted(able, key=lambda one: ("desk" in one.roles, not may_see(one, matter), one.id))


def _unchanged(by: Actor, matter: Matter, seen: int | None) -> Matter:
    matter = hold(by.session, matter)
    if seen is not None and matter.revision != seen:
        raise Refusal("matters.changed_meanwhile", matter=matter)
    return matter


def _due(matter: Matter) -> str:
    return matter.due.isoformat() if matter.due else ""
