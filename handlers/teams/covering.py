"""Somebody cannot come: cover is looked for among those who could, or one member is asked, or two swap.

Whoever asks stays responsible until somebody has said yes. The first yes wins under the lock of the session; a swap
needs both, the asker's when it was asked and the other's now. Ten minutes long it can be taken back by either.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from app import audit, clock
from handlers.activities import actions as activities
from handlers.teams import messages
from handlers.teams.standing import may_lead
from models import activities as activity_model
from models import teams_covers as model
from models.activities import LIVE, ActivitySession
from models.identity import Actor, Person
from models.refusal import Refusal
from models.teams import Team, TeamMember, member_of, members
from models.teams_covers import Cover, CoverAsk
from models.teams_shifts import busy, may_do, shifts_of

TOLD = "cover_asked"


# ---- asking ------------------------------------------------------------------------------------------------


def ask_cover(
    by: Actor,
    held: ActivitySession,
    *,
    asker: Person | None = None,
    to: Person | None = None,
    other: ActivitySession | None = None,
) -> Cover:
    """Look for somebody who takes this shift of `asker` (the caller, unless a leader asks for them): everybody who
    could, or `to` alone, or `to` for their shift `other`. Asking again while it is open is the same search."""
    team, who = team_of(by, held), asker or by.me
    if not _may_ask_for(by, team, who):
        raise Refusal("teams.not_leader")
    for one in sorted([held, *([other] if other else [])], key=lambda one: one.id):
        activity_model.hold(by.session, one)
    must_be_ahead(held)
    if not activity_model.has_joined(by.session, held, who):
        raise Refusal("teams.not_your_shift", session=held)
    known = model.open_cover(by.session, held, who)
    if known is not None:
        return known
    way = "swap" if other is not None else "one" if to is not None else "all"
    if to is not None:
        _check_named(by, team, held, who, to, other)
    cover = Cover(team_id=team.id, session=held, asker=who, way=way, other=other, next_at=clock.now())
    by.session.add(cover)
    by.session.flush()
    if to is not None:
        by.session.add(CoverAsk(cover_id=cover.id, person_id=to.id, state="asked", wave=0))
    audit.note(by, "teams.ask_cover", cover, session=held.id, way=way)
    return cover


def _may_ask_for(by: Actor, team: Team, who: Person) -> bool:
    """For oneself, for one's child, and, as a leader, for whoever has said so."""
    if by.person is not None and who.id == by.person.id:
        return True
    row = member_of(by.session, team, who)
    mine = row is not None and by.person is not None and row.guardian_id == by.person.id
    return mine or may_lead(by, team)


def team_of(by: Actor, held: ActivitySession) -> Team:
    if held.activity.team_id is None:
        raise Refusal("teams.no_shift")
    return by.session.get_one(Team, held.activity.team_id)


def must_be_ahead(held: ActivitySession) -> None:
    if held.state not in LIVE:
        raise Refusal("activities.is_over", session=held)
    if held.starts <= clock.now():
        raise Refusal("teams.has_begun", session=held)


def _check_named(
    by: Actor, team: Team, held: ActivitySession, asker: Person, to: Person, other: ActivitySession | None
) -> None:
    row = member_of(by.session, team, to)
    if to.id == asker.id or row is None or row.state != "active" or row.guardian_id is not None:
        raise Refusal("teams.not_a_mate")
    if other is not None:
        must_be_ahead(other)
        theirs = activity_model.has_joined(by.session, other, to)
        if not theirs or other.activity.team_id != team.id or other.id == held.id:
            raise Refusal("teams.not_their_shift", session=other)
    must_fit(by, held, to, other)
    if other is not None:
        must_fit(by, other, asker, held)


def must_fit(by: Actor, held: ActivitySession, person: Person, given: ActivitySession | None = None) -> None:
    """Nothing else at that time, but for the shift that is given away."""
    if activity_model.has_joined(by.session, held, person):
        raise Refusal("teams.is_on_it", session=held)
    but = [held.id, *([given.id] if given is not None else [])]
    if busy(by.session, [person.id], held.starts, held.ends, *but):
        raise Refusal("teams.overlaps", session=held)


def mates(by: Actor, held: ActivitySession) -> list[TeamMember]:
    """Fellow members who could take this shift."""
    rows = by.session.scalars(members(team_of(by, held))).all()
    grown = [row for row in rows if row.person_id != by.me.id and row.guardian_id is None]
    return may_do(by.session, held, grown)


def swaps_with(by: Actor, held: ActivitySession, row: TeamMember) -> list[ActivitySession]:
    """Shifts of theirs in this team that the caller could take for `held`."""
    theirs = by.session.scalars(shifts_of(row.person)).unique().all()
    fit = [one for one in theirs if one.activity.team_id == row.team_id and one.id != held.id]
    return [one for one in fit if not busy(by.session, [by.me.id], one.starts, one.ends, held.id)]


# ---- answering ---------------------------------------------------------------------------------------------


def take(by: Actor, cover: Cover) -> Cover:
    """Yes. One is the first; who comes after is told that it is taken. The same yes twice is one."""
    held, other = _hold_all(by, cover)
    if cover.state == "taken" and cover.taker_id == by.me.id:
        return cover
    mine = _asked(by, cover)
    must_be_ahead(held)
    if cover.state != "open":
        raise Refusal("teams.taken", session=held)
    asker = cover.asker
    if asker is None or not activity_model.has_joined(by.session, held, asker):
        raise Refusal("teams.taken", session=held)
    _hold_people(by, asker, by.me)
    must_fit(by, held, by.me, other)
    if other is not None:
        must_be_ahead(other)
        must_fit(by, other, asker, held)
        if not activity_model.has_joined(by.session, other, by.me):
            raise Refusal("teams.not_their_shift", session=other)
    activities.hand_over(by, held, asker, by.me)
    if other is not None:
        activities.hand_over(by, other, by.me, asker)
    cover.taker, mine.state, mine.answered_at = by.me, "yes", clock.now()
    end(by, cover, "taken")
    messages.tell_of_shift(
        by, asker, "cover_taken", _once(cover), held, who=name_for(by, cover, by.me), **other_facts(other)
    )
    return cover


def decline(by: Actor, cover: Cover) -> Cover:
    """No, without a reason. Who was the only one asked has settled it."""
    _hold_all(by, cover)
    mine = _asked(by, cover)
    if cover.state != "open" or mine.state == "no":
        return cover
    mine.state, mine.answered_at = "no", clock.now()
    audit.note(by, "teams.decline_cover", cover)
    if cover.way != "all":
        end(by, cover, "refused")
        who = name_for(by, cover, by.me)
        messages.tell_of_shift(by, cover.asker, "cover_refused", _once(cover), cover.session, who=who)
    elif not any(one.state == "asked" for one in cover.asks):
        cover.next_at = clock.now()  # nobody thinks about it any more: the next are asked at once
    return cover


def withdraw(by: Actor, cover: Cover) -> Cover:
    """The asker comes after all."""
    _hold_all(by, cover)
    own = by.person is not None and cover.asker_id == by.person.id
    if not own and not may_lead(by, cover.team) and not _stands_for(by, cover):
        raise Refusal("teams.not_yours")
    if cover.state == "open":
        end(by, cover, "withdrawn")
    elif cover.state != "withdrawn":
        raise Refusal("teams.taken", session=cover.session)
    return cover


def _stands_for(by: Actor, cover: Cover) -> bool:
    """The guardian of the child whose shift it is."""
    row = member_of(by.session, cover.team, cover.asker) if cover.asker is not None else None
    return row is not None and by.person is not None and row.guardian_id == by.person.id


def undo(by: Actor, cover: Cover) -> Cover:
    """Within ten minutes, by either of the two: everything is as it was, and the asker is responsible again."""
    held, other = _hold_all(by, cover)
    if by.me.id not in (cover.asker_id, cover.taker_id):
        raise Refusal("teams.not_yours")
    if cover.state == "undone":
        return cover
    asker, taker = cover.asker, cover.taker
    if not cover.can_be_undone or asker is None or taker is None:
        raise Refusal("teams.too_late_to_undo")
    _hold_people(by, asker, taker)
    must_fit(by, held, asker, other)
    if other is not None:
        must_be_ahead(other)
        must_fit(by, other, taker, held)
    activities.hand_over(by, held, taker, asker)
    if other is not None:
        activities.hand_over(by, other, asker, taker)
    cover.state = "undone"
    audit.note(by, "teams.undo_cover", cover)
    messages.take_back(by, "cover_taken", _once(cover))
    to, key = (taker, "cover_undone") if by.me.id == asker.id else (asker, "cover_back")
    messages.tell_of_shift(by, to, key, _once(cover), held, who=name_for(by, cover, by.me))
    return cover


def _hold_all(by: Actor, cover: Cover) -> tuple[ActivitySession, ActivitySession | None]:
    """Sessions first, in the order of their ids, then the search itself."""
    held, other = cover.session, cover.other
    for one in sorted([held, *([other] if other is not None else [])], key=lambda one: one.id):
        activity_model.hold(by.session, one)
    model.hold(by.session, cover)
    return held, other


def _hold_people(by: Actor, *people: Person) -> None:
    """As signing up does, so that nobody gets two things at one time."""
    ids = sorted(one.id for one in people)
    mine = select(Person.id).where(Person.id.in_(ids)).order_by(Person.id)
    by.session.execute(mine.with_for_update(key_share=True))


def _asked(by: Actor, cover: Cover) -> CoverAsk:
    """Only who was asked answers: a number that somebody guesses leads nowhere."""
    mine = model.ask_of(by.session, cover, by.me)
    if mine is None:
        raise Refusal("teams.not_asked")
    return mine


# ---- ending ------------------------------------------------------------------------------------------------


def end(by: Actor, cover: Cover, state: str) -> None:
    """Settled: whoever still thinks about it is told, unless the question has not left yet. The search is held."""
    cover.state, cover.ended_at, cover.next_at = state, clock.now(), None
    by.session.flush()
    still = select(CoverAsk).where(CoverAsk.cover_id == cover.id, CoverAsk.state == "asked")
    for one in by.session.scalars(still).all():
        one.state = "gone"
        if (
            not messages.take_back(by, TOLD, ask_once(one))
            and state in ("taken", "withdrawn")
            and one.wave > 0
        ):
            key = "cover_gone" if state == "taken" else "cover_not_needed"
            messages.tell_of_shift(by, one.person, key, ask_once(one), cover.session)
    by.session.flush()
    audit.note(by, "teams.end_cover", cover, state=state)


def end_begun(by: Actor, covers: Iterable[Cover]) -> int:
    """Shifts that have begun or are called off: nothing is looked for any more."""
    ended = 0
    for cover in covers:
        _hold_all(by, cover)
        if cover.state != "open":
            continue
        held = cover.session
        if held.state not in LIVE:
            end(by, cover, "over")
            ended += 1
        elif held.starts <= clock.now():
            end(by, cover, "nobody")
            ended += 1
    return ended


def ask_once(one: CoverAsk) -> str:
    return f"{one.cover_id}:{one.person_id}"


def _once(cover: Cover) -> str:
    return f"{cover.id}"


def name_for(by: Actor, cover: Cover, person: Person) -> str:
    """How fellow members call somebody."""
    row = member_of(by.session, cover.team, person)
    return row.shown_name if row is not None else "一位队友"


def other_facts(other: ActivitySession | None) -> dict[str, str | None]:
    """The shift that is given for it, if it is a swap."""
    return {"other": other.starts.isoformat() if other is not None else None}
