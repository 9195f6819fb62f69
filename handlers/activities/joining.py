"""Joining and leaving: alone or as a family, all or nobody; on the waiting list when it is full; on the spot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from app import audit, clock
from app.understanding.phone import name_in
from handlers.activities.standing_papers import must_still_have_papers
from handlers.activities.telling import tell_head
from handlers.activities.waiting import drop, hand_out
from handlers.activities.wishes import (
    ALONE,
    Member,
    Wish,
    check_wish,
    must_be_free,
    must_be_live,
    must_be_possible,
)
from handlers.people import actions as people
from models import activities as model
from models import activities_line as line
from models.activities import ActivitySession, Enrolment
from models.activities_audience import to_join
from models.activities_papers import has_guardian
from models.activities_party import Companion, head_of, keep_answers, party_of
from models.activities_rules import checked_answers, questions_of
from models.activities_seats import fits, free_seats, take_seats
from models.identity import Actor, Person
from models.refusal import Refusal

REGRET = timedelta(minutes=10)


# ---- signing up --------------------------------------------------------------------------------------------


def sign_up(by: Actor, session: ActivitySession, wish: Wish = ALONE) -> Enrolment:
    """Take the seats of a whole party. Who has one already keeps it: signing up twice is signing up once. The first
    time is the consent to `volunteer`: the question before it says so. Refuses with activities.is_over, .not_listed,
    .full (with others instead), .overlaps, .needs_paper, .bad_group, .answer_missing, people.consent_needed."""
    wish = check_wish(by, session, wish)
    mine = held_row(by, session)
    if mine is not None and mine.state == "joined":
        return mine
    if mine is not None and mine.state == "offered":
        return claim(by, session)
    must_be_free(by, session, wish)
    if not take_seats(by.session, session, wish.seats):
        others = by.session.scalars(to_join(by.me).limit(2))
        raise Refusal("activities.full", session=session, instead=list(others))
    head = _write_party(by, session, wish, "joined")
    people.agree_by_doing(by, "volunteer")
    audit.note(by, "activities.signed_up", head, session=session.id, seats=wish.seats.total())
    return head


def wait(by: Actor, session: ActivitySession, wish: Wish = ALONE) -> Enrolment:
    """Queue, when the party does not fit; when it does, it joins. Queueing twice keeps the first number."""
    wish = check_wish(by, session, wish)
    mine = held_row(by, session)
    if mine is not None and mine.state in ("joined", "waiting", "offered"):
        return mine
    if fits(by.session, session, wish.seats):
        return sign_up(by, session, wish)
    must_be_possible(session, wish)
    must_be_free(by, session, wish)
    head = _write_party(by, session, wish, "waiting", number=line.next_number(by.session, session))
    people.agree_by_doing(by, "volunteer")
    audit.note(by, "activities.wait", head, session=session.id, seats=wish.seats.total())
    return head


def claim(by: Actor, session: ActivitySession) -> Enrolment:
    """Take the seats that are kept for this party, as long as they are. Any grown-up of it who is on file may; papers
    are looked at again, because time has passed since."""
    mine = held_row(by, session)
    if mine is not None and mine.state == "joined":
        return mine
    if mine is None or mine.state != "offered":
        raise Refusal("activities.no_offer", session=session)
    head = head_of(by.session, mine)
    if head.id != mine.id and has_guardian(by.session, by.me):
        raise Refusal("activities.not_the_head", name=head.person.name or "")
    if head.offered_until is None or head.offered_until <= clock.now():
        raise Refusal("activities.offer_gone", session=session)
    if session.starts <= clock.now() or session.state not in model.LIVE:
        raise Refusal("activities.offer_gone", session=session)
    must_still_have_papers(by, session, party_of(by.session, head))
    line.turn(by.session, head, ("offered",), "joined")
    head.offered_until = None
    audit.note(by, "activities.claim", head, session=session.id)
    if head.id != mine.id:
        tell_head(by, head, "claimed", who=by.me.name or "家人")
    return mine


def held_row(by: Actor, session: ActivitySession) -> Enrolment | None:
    model.hold(by.session, session)
    must_be_live(session)
    return model.enrolment_of(by.session, session, by.me)


# ---- writing a party ---------------------------------------------------------------------------------------


def _write_party(
    by: Actor, session: ActivitySession, wish: Wish, state: str, number: int | None = None
) -> Enrolment:
    head = write_row(by, session, by.me, state, group=wish.group, comes=wish.comes, line=number)
    write_along(by, session, head, wish)
    keep_answers(by.session, head, dict(wish.answers))
    by.session.flush()
    return head


def write_along(by: Actor, session: ActivitySession, head: Enrolment, wish: Wish) -> None:
    """The family, in the state of its head."""
    for one in wish.family:
        if one.person is not None:
            write_row(by, session, one.person, head.state, group=one.group, party_id=head.id)
        else:
            _write_companion(by, head, one)
    by.session.flush()


def write_row(
    by: Actor,
    session: ActivitySession,
    person: Person,
    state: str,
    *,
    how: str = "signed_up",
    **facts: object,
) -> Enrolment:
    """New, or the same row again. The session is held, so nobody else writes it."""
    row = model.enrolment_of(by.session, session, person)
    if row is None:
        row = Enrolment(session=session, person=person)
        by.session.add(row)
    elif row.party_id is None:
        drop(by, row)
    fresh = {
        "group": None,
        "comes": True,
        "line": None,
        "party_id": None,
        "offered_until": None,
        "mark": None,
    }
    for name, value in {**fresh, **facts, "state": state, "how": how, "changed_at": clock.now()}.items():
        setattr(row, name, value)
    by.session.flush()
    return row


def _write_companion(by: Actor, head: Enrolment, member: Member) -> None:
    one = Companion(enrolment_id=head.id, child=member.child, group=member.group)
    one.name = name_in(member.name)
    one.consented_at = clock.now() if member.child else None
    by.session.add(one)


def change_answers(by: Actor, session: ActivitySession, answers: Mapping[str, str]) -> Enrolment:
    """The form of one's own party, until it begins."""
    mine = model.enrolment_of(by.session, session, by.me)
    if mine is None or mine.state == "left":
        raise Refusal("activities.not_joined", session=session)
    if session.starts <= clock.now():
        raise Refusal("activities.has_begun", session=session)
    head = head_of(by.session, mine)
    if head.id != mine.id:
        raise Refusal("activities.not_the_head", name=head.person.name or "")
    keep_answers(by.session, head, checked_answers(questions_of(session.activity.questions), answers))
    audit.note(by, "activities.change_answers", head, session=session.id)
    return head


# ---- leaving -----------------------------------------------------------------------------------------------


def leave(by: Actor, session: ActivitySession) -> Enrolment:
    """Give the seats back, or one's place in the line; they are offered to the next at once. Leaving twice is leaving
    once. Who signed up a family takes all of it away."""
    mine = model.enrolment_of(by.session, session, by.me)
    if mine is None:
        raise Refusal("activities.not_joined", session=session)
    model.hold(by.session, session)
    by.session.refresh(mine)
    if session.starts <= clock.now():
        raise Refusal("activities.has_begun", session=session)
    if mine.state == "joined" and not may_leave(mine):
        raise Refusal("activities.too_late_to_leave", session=session)
    if mine.state != "left":
        was = mine.state
        give_up(by, mine)
        audit.note(by, "activities.leave", mine, session=session.id, was=was)
    return mine


def may_leave(row: Enrolment) -> bool:
    """Before the deadline, within ten minutes after joining, and when it was moved after they had joined."""
    now, moved = clock.now(), row.session.moved_at
    return (
        now < row.session.leaves_until
        or now < row.changed_at + REGRET
        or bool(moved and moved > row.changed_at)
    )


def give_up(by: Actor, row: Enrolment) -> None:
    """A head takes the party along; a member of it goes alone. The session is held."""
    if row.party_id is None:
        drop(by, row)
    else:
        if row.state in model.SEATED:
            free_seats(by.session, row.session, Counter([row.group]))
        row.state, row.party_id, row.changed_at = "left", None, clock.now()
        by.session.flush()
    hand_out(by, row.session)
