"""What is looked after each minute, in both databases: places that a crash left half, messages that still have to be
put into the outbox, clocks that come near or have run out.

The reading order matters. Whoever books commits the confidential lane first, then the main database: so a source that
is seen in the main database is known to the lane when the lane is read afterwards; and a petition whose source is
missing is only mended when it is older than any unit of work lasts.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.petitions import lane, messages
from handlers.petitions.booking import lose_place
from handlers.petitions.lane import step
from models import duty
from models.identity import Actor
from models.petitions import DRAFT_LIVES, OFFICE, RECEPTION, Petition, PetitionStep
from models.petitions_clock import WARN_DAYS
from models.petitions_lists import due_within, open_petitions
from models.petitions_plan import PRIORITY, ReceptionTime
from models.refusal import Refusal
from models.resources import Occupation, leave, occupy

SETTLED = timedelta(minutes=2)
MOST_AT_ONCE = 500


def mend_places(by: Actor) -> int:
    """Put right what a crash between the two commits has left; how many."""
    return _free_orphans(by) + _place_the_lost(by)


def _free_orphans(by: Actor) -> int:
    """A room that is held for no petition, or for a place that it no longer has."""
    mine = select(Occupation.source).where(
        Occupation.source.startswith(f"{RECEPTION}:"), Occupation.ends > clock.now()
    )
    sources = set(by.session.scalars(mine))
    if not sources:
        return 0
    with lane.looking(by) as session:
        tokens = {source.split(":")[1] for source in sources}
        rows = session.scalars(select(Petition).where(Petition.token.in_(tokens))).all()
        young = clock.now() - SETTLED
        busy = {one.token for one in rows if one.placed_at is not None and one.placed_at > young}
        wanted = {one.source for one in rows if one.has_place}
    orphans = {source for source in sources - wanted if source.split(":")[1] not in busy}
    for source in orphans:
        leave(by.session, source)
        for time_ in by.session.scalars(select(ReceptionTime).where(ReceptionTime.source == source)).all():
            time_.source = None
    return len(orphans)


def _place_the_lost(by: Actor) -> int:
    """A petition whose number was given but whose time was never written down in the main database: the time is taken
    again; where somebody else has it by now, whoever asked chooses first."""
    with lane.looking(by) as session:
        ahead = open_petitions().where(Petition.time_id.is_not(None), Petition.ends > clock.now())
        old = ahead.where(Petition.placed_at < clock.now() - SETTLED)
        rows = [(one.id, one.source, one.time_id) for one in session.scalars(old)]
    known = set(
        by.session.scalars(select(Occupation.source).where(Occupation.source.in_([s for _, s, _ in rows])))
    )
    lost = [(number, source, time_id) for number, source, time_id in rows if source not in known]
    for number, source, time_id in lost:
        if not _take_again(by.session, source, by.session.get(ReceptionTime, time_id)):
            _offer_another(by, number, source)
    return len(lost)


def _take_again(session: Session, source: str, time_: ReceptionTime | None) -> bool:
    if time_ is None or time_.source is not None or not time_.is_open:
        return False
    try:
        occupy(session, [time_.room, time_.leader], time_.starts, time_.ends, source)
    except Refusal:
        return False
    time_.source = source
    session.flush()
    return True


def _offer_another(by: Actor, number: int, source: str) -> None:
    def change(row: Petition, _session: Session) -> None:
        if row.source == source:
            lose_place(row)
            row.first_until = clock.now() + PRIORITY
            step(row, "displaced", tells=True)

    lane.changing(by, number, change)


# ---- messages ----------------------------------------------------------------------------------------------------


def put_messages(by: Actor) -> int:
    """A step is ticked off only when its message is seen in the outbox, committed: none is lost, none goes twice."""
    with lane.looking(by) as session:
        waiting = select(PetitionStep).where(PetitionStep.tells).order_by(PetitionStep.id).limit(MOST_AT_ONCE)
        rows = session.scalars(waiting).all()
        seen = [row.id for row in rows if messages.put_news(by.session, row.petition, row.id)]
        for petition in session.scalars(open_petitions()):
            _remind(by.session, petition)
    if seen:
        lane.writing(by, lambda session: _tick_off(session, seen))
    return len(rows) - len(seen)


def _tick_off(session: Session, ids: list[int]) -> None:
    for row in session.scalars(select(PetitionStep).where(PetitionStep.id.in_(ids))).all():
        row.tells = False


def _remind(session: Session, petition: Petition) -> None:
    if petition.meets_later:
        messages.put_reminder(session, petition)
    elif petition.place:
        messages.take_back_reminder(session, petition, petition.place)
    if petition.place > 1:
        messages.take_back_reminder(session, petition, petition.place - 1)


# ---- clocks ------------------------------------------------------------------------------------------------------


def sound_alarms(by: Actor) -> int:
    """Five days before the last day, and once it is over: whoever receives petitions is rung for (trust I15)."""

    def unit(session: Session) -> int:
        rung = 0
        for row in session.scalars(due_within(WARN_DAYS).with_for_update()).all():
            late = row.light == "red"
            if late and row.alarmed_for != row.due:
                row.alarmed_for, rung = row.due, rung + 1
                step(row, "alarmed")
            elif not late and row.warned_for != row.due:
                row.warned_for, rung = row.due, rung + 1
                step(row, "warned")
        return rung

    rung = lane.writing(by, unit)
    if rung:
        duty.ring(by.session, "petitions")
        audit.note(by, "petitions.alarm", None, count=rung)
    return rung


def close_over(by: Actor) -> int:
    """Answered, and the days for asking again are over."""

    def unit(session: Session) -> int:
        over = open_petitions().where(Petition.state.not_in(OFFICE), Petition.due < clock.today())
        rows = session.scalars(over.with_for_update()).all()
        for row in rows:
            row.state, row.due, row.ended_at = "closed", None, clock.now()
            lose_place(row)
            step(row, "closed")
        return len(rows)

    return lane.writing(by, unit)


def forget_drafts(by: Actor) -> int:
    def unit(session: Session) -> int:
        old = Petition.state == "draft", Petition.made_at < clock.now() - DRAFT_LIVES
        rows = session.scalars(select(Petition).where(*old)).all()
        for row in rows:
            session.delete(row)
        return len(rows)

    return lane.writing(by, unit)
