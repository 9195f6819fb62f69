"""Papers looked at again after somebody signed up: when an offered seat is taken, and some days before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, select

from app import audit, clock
from handlers.activities.telling import tell
from models.activities import LIVE, SEATED, ActivitySession, Enrolment
from models.activities_papers import has_guardian, missing
from models.activities_rules import PAPERS
from models.identity import Actor
from models.refusal import Refusal
from models.unindexed import unindexed

AHEAD = timedelta(days=3)
MOST_AT_ONCE = 500


def lacking(by: Actor, row: Enrolment) -> list[str]:
    """The kinds of paper that this one will not have on the day."""
    held = row.session
    day, ward = clock.local(held.starts).date(), has_guardian(by.session, row.person)
    return missing(by.session, held.activity, row.person, row.group, day, ward)


def must_still_have_papers(by: Actor, session: ActivitySession, rows: Sequence[Enrolment]) -> None:
    found = [kind for row in rows if row.comes for kind in lacking(by, row)]
    if found:
        named = "、".join(PAPERS[kind] for kind in dict.fromkeys(found))
        raise Refusal("activities.needs_paper", session=session, papers=named)


def places_ahead() -> Select[Enrolment]:
    """Whoever has a seat within three days."""
    soon = ActivitySession.starts.between(clock.now(), clock.now() + AHEAD), ActivitySession.state.in_(LIVE)
    seated = unindexed(Enrolment.state).in_(SEATED), Enrolment.comes
    return (
        select(Enrolment)
        .join(Enrolment.session)
        .where(*soon, *seated)
        .order_by(ActivitySession.starts, Enrolment.id)
    )


def without_papers(by: Actor) -> list[tuple[Enrolment, list[str]]]:
    """Those whose papers ended meanwhile, the nearest first."""
    rows = by.session.scalars(places_ahead().limit(MOST_AT_ONCE)).all()
    asked = [row for row in rows if row.session.activity.needs]
    return [(row, kinds) for row in asked if (kinds := lacking(by, row))]


def tell_who_lacks_papers(by: Actor) -> int:
    """Each is told once for each session and time; the staff have it on their first page. How many lack some."""
    found = without_papers(by)
    for row, kinds in found:
        once = f"{row.session_id}:{row.session.revision}:{row.person_id}"
        named = "、".join(PAPERS[kind] for kind in kinds)
        if tell(by, row.person, "paper_ended", once, row.session, papers=named):
            audit.note(by, "activities.tell_paper_ended", row, session=row.session_id)
    return len(found)
