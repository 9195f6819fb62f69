"""Activities for the mini-program: what is on, what one has joined, signing up and leaving."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.channels.api import Api, Problem, found
from app.channels.api.paging import page
from app.channels.api.schemas import Page, PageQuery, Shown, Time
from handlers.activities import actions
from models.activities import ActivitySession, enrolment_of, joined_by
from models.activities_audience import coming
from models.identity import Actor

PLACE = (ActivitySession.starts, ActivitySession.id)

api = Api("activities", "活动")


class SessionShown(Shown):
    """One time that an activity takes place. `lat` and `lng` are GCJ-02."""

    id: int
    title: str = Field(examples=["广场舞"])
    sentence: str
    programme: str | None
    place: str
    lat: float | None
    lng: float | None
    starts: Time
    ends: Time
    seats_left: int
    state: Literal["planned", "open", "closed", "cancelled"]


class SessionPage(Page):
    """The nearest first."""

    items: list[SessionShown]


class EnrolmentShown(Shown):
    """My place in a session."""

    session: SessionShown
    state: Literal["joined", "left", "waiting", "offered"]


@api.reads("/activities", asks=PageQuery, gives=SessionPage, who="everyone")
def what_is_on(by: Actor, asked: PageQuery) -> SessionPage:
    """Sessions that are still to begin"""
    rows, following = page(by.session, coming(), asked, PLACE, _place)
    return SessionPage(items=[shown(row) for row in rows], next=following)


@api.reads("/me/activities", asks=PageQuery, gives=SessionPage)
def joined(by: Actor, asked: PageQuery) -> SessionPage:
    """Sessions ahead or under way that I have joined"""
    rows, following = page(by.session, joined_by(by.me), asked, PLACE, _place)
    return SessionPage(items=[shown(row) for row in rows], next=following)


@api.writes(
    "/sessions/<int:session>/sign-up",
    gives=EnrolmentShown,
    refuses=("activities.full", "activities.is_over", "activities.not_listed"),
)
def sign_up(by: Actor, session: int) -> EnrolmentShown:
    """Take a seat; who has one keeps it"""
    held = _known(by, session)
    enrolment = actions.sign_up(by, held)
    return EnrolmentShown(session=shown(held), state=enrolment.state)  # type: ignore[arg-type]


@api.writes(
    "/sessions/<int:session>/leave",
    gives=EnrolmentShown,
    refuses=("activities.not_joined", "activities.has_begun"),
)
def leave(by: Actor, session: int) -> EnrolmentShown:
    """Give the seat back before it begins"""
    held = _known(by, session)
    enrolment = actions.leave(by, held)
    return EnrolmentShown(session=shown(held), state=enrolment.state)  # type: ignore[arg-type]


def _known(by: Actor, number: int) -> ActivitySession:
    """A restricted activity is not there for those who do not belong to it: its name alone would tell something."""
    held = found(by.session, ActivitySession, number)
    if not held.activity.listed and enrolment_of(by.session, held, by.me) is None:
        raise Problem(404, "not_found")
    return held


def shown(row: ActivitySession) -> SessionShown:
    """A session with the facts of its activity."""
    activity = row.activity
    return SessionShown(
        id=row.id,
        title=activity.title,
        sentence=activity.sentence,
        programme=activity.programme,
        place=activity.place,
        lat=activity.lat,
        lng=activity.lng,
        starts=row.starts,
        ends=row.ends,
        seats_left=row.seats_left,
        state=row.state,  # type: ignore[arg-type]
    )


def _place(row: ActivitySession) -> tuple[object, int]:
    return row.starts, row.id
