"""Because time passed: the next few are asked to stand in, searches end, leaders hear what is short of hands.

Run by the scheduler's hands, which know the quiet hours of this installation: nobody is asked at night; what would be
asked then is asked in the morning, and where that is too late the leaders have been told in the evening.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.site import Site
from handlers.people import actions as people
from handlers.teams import messages
from handlers.teams.covering import TOLD, ask_once, end, end_begun, name_for, other_facts
from models import activities as activity_model
from models import teams_covers as model
from models.activities import LIVE, ActivitySession
from models.broadcast_run import quiet_end
from models.identity import Actor
from models.teams import Team, TeamMember, leaders, members
from models.teams_covers import LONGEST_WAVE, SHORTEST_WAVE, WAVE, Cover, CoverAsk
from models.teams_shifts import Shift, knows_it, load_of, may_do, shift_of, to_alarm

MOST_AT_ONCE, MOST_PHONES = 50, 4
FARTHEST = timedelta(hours=72)
LATE = timedelta(hours=2)  # a leader is woken for a shift that begins within two hours after the quiet ones


@dataclass(frozen=True, slots=True)
class Quiet:
    """Between these times of day nobody is asked."""

    opens: time = time(21)
    closes: time = time(8)

    def ends(self, at: datetime) -> datetime | None:
        return quiet_end(at, self.opens, self.closes)


def look_after_shifts(site: Site) -> int:
    """An errand: cheap when there is nothing to do."""
    delivery = site.settings.delivery
    quiet = Quiet(delivery.quiet_from, delivery.quiet_until)
    with site.database.reading() as session:
        if not _is_needed(session, quiet):
            return 0
    return site.database.writing(lambda session: look(Actor(session, channel="job"), quiet))


def _is_needed(session: Session, quiet: Quiet) -> bool:
    now = clock.now()
    waits = (model.due_waves(now), model.begun(now))
    return any(session.scalar(one.limit(1)) is not None for one in waits) or bool(_short(session, quiet))


def look(by: Actor, quiet: Quiet) -> int:
    now = clock.now()
    done = end_begun(by, by.session.scalars(model.begun(now).limit(MOST_AT_ONCE)).all())
    for cover in by.session.scalars(model.due_waves(now).limit(MOST_AT_ONCE)).all():
        done += _next_wave(by, cover, quiet)
    return done + sum(alarm(by, held) for held in _short(by.session, quiet))


# ---- waves -------------------------------------------------------------------------------------------------


def _next_wave(by: Actor, cover: Cover, quiet: Quiet) -> int:
    """Ask the next few, and say when those after them are asked."""
    activity_model.hold(by.session, cover.session)
    model.hold(by.session, cover)
    now, held = clock.now(), cover.session
    if cover.state != "open" or cover.next_at is None or cover.next_at > now:
        return 0
    if (morning := quiet.ends(now)) is not None:
        cover.next_at = morning
        return 0
    if cover.asker is None or not activity_model.has_joined(by.session, held, cover.asker):
        end(by, cover, "over")
        return 1
    asked = _named(by, cover) if cover.way != "all" else _the_next(by, cover)
    cover.wave += 1
    for one in asked:
        one.wave, one.asked_at = cover.wave, now
        who = name_for(by, cover, cover.asker)
        facts = {"who": who, "way": cover.way, **other_facts(cover.other)}
        messages.tell_of_shift(by, one.person, TOLD, ask_once(one), held, **facts)
    by.session.flush()
    cover.next_at = _following(held, now, quiet) if asked and cover.way == "all" else None
    if not asked:
        _nobody_left(by, cover)
    return 1


def _named(by: Actor, cover: Cover) -> list[CoverAsk]:
    still = select(CoverAsk).where(CoverAsk.cover_id == cover.id, CoverAsk.state == "asked")
    return list(by.session.scalars(still))


def _the_next(by: Actor, cover: Cover) -> list[CoverAsk]:
    new = [
        CoverAsk(cover_id=cover.id, person=row.person, state="asked", wave=cover.wave + 1)
        for row in candidates(by, cover)[:WAVE]
    ]
    by.session.add_all(new)
    by.session.flush()
    return new


def candidates(by: Actor, cover: Cover) -> list[TeamMember]:
    """Who could stand in and has not been asked: those who have done it before first, then who did least lately."""
    held = cover.session
    been = set(by.session.scalars(select(CoverAsk.person_id).where(CoverAsk.cover_id == cover.id)))
    rows = [
        row
        for row in by.session.scalars(members(cover.team)).all()
        if row.person_id not in been and row.person_id != cover.asker_id and _may_be_asked(by, row)
    ]
    free = may_do(by.session, held, rows)
    numbers = [row.person_id for row in free]
    known, load = knows_it(by.session, held.activity, numbers), load_of(by.session, cover.team, numbers)
    return sorted(free, key=lambda row: (row.person_id not in known, load[row.person_id], row.id))


def _may_be_asked(by: Actor, row: TeamMember) -> bool:
    return row.guardian_id is None and not people.has_withdrawn(replace(by, person=row.person), "volunteer")


def _following(held: ActivitySession, now: datetime, quiet: Quiet) -> datetime:
    """The nearer the shift, the sooner the next are asked."""
    gap = min(max((held.starts - now) / 6, SHORTEST_WAVE), LONGEST_WAVE)
    return quiet.ends(now + gap) or now + gap


def _nobody_left(by: Actor, cover: Cover) -> None:
    """Everybody has been asked; the asker hears it, and the leaders, once nobody is left who thinks about it."""
    waits = any(one.state == "asked" for one in cover.asks)
    if not waits:
        messages.tell_of_shift(by, cover.asker, "cover_none", f"{cover.id}", cover.session)
        _tell_leaders(by, cover.session, 1, f"{cover.session_id}:nobody")


# ---- what is short of hands --------------------------------------------------------------------------------


def missing_hands(session: Session, held: ActivitySession, shift: Shift | None = None) -> int:
    """How many are wanted beyond those who come for sure. Of a rehearsal, whose plan tells nobody, the hands are only
    seats."""
    shift = shift or shift_of(session, held)
    wanted = shift.hands if shift is not None and shift.plan.alarm_hours else 0
    sure = held.taken - model.at_risk(session, held)
    return max(0, wanted - sure)


def _short(session: Session, quiet: Quiet) -> list[ActivitySession]:
    """Shifts of which the leaders must hear now: so near as their plan says, short of hands, and not told yet. At
    night only what begins early in the morning."""
    now = clock.now()
    morning = quiet.ends(now)
    rows = session.scalars(to_alarm(now + FARTHEST)).unique().all()
    near = [one for one in rows if now >= one.session.starts - timedelta(hours=one.plan.alarm_hours)]
    heard = [one for one in near if morning is None or one.session.starts < morning + LATE]
    return [one.session for one in heard if missing_hands(session, one.session, one)]


def alarm(by: Actor, held: ActivitySession) -> int:
    """Tell the leaders, with the numbers of those who could come and have agreed that theirs is seen; and whoever has
    asked for cover, that they are still expected. Once for each shift."""
    activity_model.hold(by.session, held)
    shift = shift_of(by.session, held)
    if held.state not in LIVE or (shift is not None and shift.alarmed_at is not None):
        return 0
    if shift is not None:
        shift.alarmed_at = clock.now()
    _tell_leaders(by, held, missing_hands(by.session, held, shift) or 1, f"{held.id}")
    for cover in by.session.scalars(model.open_covers(held)).all():
        messages.tell_of_shift(by, cover.asker, "cover_none", f"{cover.id}", held)
    return 1


def _tell_leaders(by: Actor, held: ActivitySession, missing: int, once: str) -> None:
    team = by.session.get_one(Team, held.activity.team_id)
    call = [f"{row.whole_name} {row.person.phone}" for row in to_call(by, team, held)[:MOST_PHONES]]
    facts = {"missing": missing, "call": call, "team": team.name}
    for leader in by.session.scalars(leaders(team)).all():
        messages.tell_of_shift(by, leader.person, "short", f"{once}:{leader.person_id}", held, **facts)


def to_call(by: Actor, team: Team, held: ActivitySession) -> list[TeamMember]:
    """Members who could come and whose number the leaders may see."""
    rows = may_do(by.session, held, by.session.scalars(members(team)).all())
    return [row for row in rows if row.phone_shown and row.person.phone]
