"""Whom a broadcast is for: a description that staff choose, and the people whom it finds at this moment.

The description is JSON of ids and codes, so that its digest says the same as what was approved:
{"everybody": true}, or any of "grids", "places" (with all that lies in them), "tags", "programmes". What is named
under one word widens it, another word narrows it. Nothing sensitive or confidential can be asked for. "got" names an
earlier broadcast: exactly those whom it has reached or may have reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from models.activities import Activity, ActivitySession, Enrolment
from models.broadcasts import Broadcast
from models.identity import Identity, Person
from models.people import Consent
from models.places import Grid, Place, below, places_of_grid
from models.programmes import Programme, programmes
from models.reach import who_may_have_got
from models.refusal import Refusal
from models.sight import lives_in
from models.tags import Tag, live_tags, tagged_with
from models.topics import people_against

EVERYBODY: dict[str, Any] = {"everybody": True}
NARROWING = ("grids", "places", "tags", "programmes")


def checked(session: Session, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The description as it is kept: sorted, without empty words. Refuses what names nobody or something unknown."""
    if spec.get("got"):
        return {"got": int(spec["got"])}
    if spec.get("everybody"):
        return dict(EVERYBODY)
    kept = {word: sorted(set(spec[word])) for word in NARROWING if spec.get(word)}
    if not kept:
        raise Refusal("broadcasts.for_nobody")
    for word, known in _known(kept).items():
        if word in kept and not set(kept[word]) <= set(session.scalars(known)):
            raise Refusal("broadcasts.unknown_audience")
    return kept


def _known(kept: Mapping[str, Any]) -> dict[str, Select[Any]]:
    """Of what is named, what there is: never all places of a district."""
    return {
        "grids": select(Grid.id).where(Grid.id.in_(kept.get("grids", ()))),
        "places": select(Place.id).where(Place.id.in_(kept.get("places", ()))),
        "tags": live_tags().with_only_columns(Tag.id),
        "programmes": programmes().with_only_columns(Programme.code),
    }


def described(session: Session, spec: Mapping[str, Any]) -> Select[int]:
    """The ids of whom the description finds, whether they want it or not."""
    themselves = and_(Person.erased_at.is_(None), Person.merged_into_id.is_(None))
    if spec.get("got"):
        earlier = who_may_have_got(session.get_one(Broadcast, spec["got"])).order_by(None)
        return select(Person.id).where(themselves, Person.id.in_(earlier))
    if spec.get("everybody"):
        return select(Person.id).where(themselves, or_(Person.joined_at.is_not(None), follows()))
    rules = [rule(session, spec[word]) for word, rule in RULES.items() if spec.get(word)]
    return select(Person.id).where(themselves, Person.joined_at.is_not(None), *(rules or [false()]))


def follows() -> ColumnElement[bool]:
    mine = Identity.person_id == Person.id, Identity.kind == "oa", Identity.following
    return exists().where(*mine).correlate(Person)


def _in_grids(session: Session, ids: list[int]) -> ColumnElement[bool]:
    return lives_in({place for one in ids for place in session.scalars(places_of_grid(one))})


def _in_places(session: Session, ids: list[int]) -> ColumnElement[bool]:
    places = session.scalars(select(Place).where(Place.id.in_(ids))).all()
    return lives_in({one for place in places for one in below(session, place)})


def _tagged(session: Session, ids: list[int]) -> ColumnElement[bool]:
    tags = session.scalars(select(Tag).where(Tag.id.in_(ids))).all()
    return or_(false(), *(Person.id.in_(tagged_with(tag)) for tag in tags))


def _take_part(_: Session, codes: list[str]) -> ColumnElement[bool]:
    """They have signed up for something of these programmes and not left it."""
    joined = (
        select(Enrolment.person_id)
        .join(ActivitySession, ActivitySession.id == Enrolment.session_id)
        .join(Activity, Activity.id == ActivitySession.activity_id)
        .where(Enrolment.state == "joined", Activity.programme.in_(codes))
    )
    return Person.id.in_(joined)


RULES: Mapping[str, Any] = {
    "grids": _in_grids,
    "places": _in_places,
    "tags": _tagged,
    "programmes": _take_part,
}


# ---- who does not want it --------------------------------------------------------------------------------------------


def wants(topic: str) -> ColumnElement[bool]:
    """They have not taken this topic off their list, and whoever joined has agreed to be written to."""
    agreed = exists().where(
        Consent.person_id == Person.id, Consent.purpose == "notices", Consent.withdrawn_at.is_(None)
    )
    against = Person.id.not_in(people_against(topic))
    return and_(against, or_(Person.joined_at.is_(None), agreed.correlate(Person)))


def audience_of(session: Session, broadcast: Broadcast, spec: Mapping[str, Any] | None = None) -> Select[int]:
    """Whom it is for now, or would be for with this `spec`. What is urgent goes to all whom it concerns; a correction
    to all who got what was wrong."""
    found = described(session, broadcast.audience if spec is None else spec)
    if broadcast.goes_to_all:
        return found
    return found.where(wants(broadcast.topic))
