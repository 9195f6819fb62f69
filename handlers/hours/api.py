"""Hours for the mini-program: how each record stands, saying that one is wrong, and answering as who was served."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app import audit
from app.channels.api import Api, Problem, found, own
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Page, PageQuery, Shown, Time, line
from handlers.hours import actions
from handlers.hours.sentences import LONGEST
from models import hours as model
from models.hours import ServiceHours
from models.hours_lists import asked_of
from models.identity import Actor

api = Api("hours", "志愿时长")
MOST_ASKED = 20
Words = Annotated[str, line(LONGEST, "我做到11点半才走")]
UNCLEAR = ("hours.reason_needed", "hours.too_long")


class HoursShown(Shown):
    """One record. `state`: provisional (待确认), confirmed (已确认, posted at `posts_at` unless somebody objects),
    disputed (有异议) or posted (已入账). `minutes` are what counts now."""

    id: int
    what: str = Field(examples=["河道清洁"])
    place: str
    started_at: Time
    ended_at: Time
    minutes: int
    state: Literal["provisional", "confirmed", "disputed", "posted"]
    posts_at: Time | None
    flags: list[str]


class Totals(Shown):
    """Minutes by state."""

    provisional: int
    confirmed: int
    disputed: int
    posted: int


class MyHours(Page):
    totals: Totals
    items: list[HoursShown]


class Objection(Body):
    """Why it is not so, in one sentence."""

    words: Words


class AskedShown(Shown):
    """What a neighbour says that they did for me."""

    id: int
    helper: str = Field(examples=["马秀兰"])
    what: str
    started_at: Time
    minutes: int


class AskedOfMe(Shown):
    items: list[AskedShown]


@api.reads("/me/hours", asks=PageQuery, gives=MyHours)
def mine(by: Actor, asked: PageQuery) -> MyHours:
    """My hours, and how each record stands"""
    place = (ServiceHours.started_at, ServiceHours.id)
    rows, following = page(
        by.session,
        model.hours_of(by.me),
        asked,
        place,
        lambda row: (row.started_at, row.id),
        newest_first=True,
    )
    totals = Totals(**model.minutes_by_state(by.session, by.me))
    return MyHours(totals=totals, items=[_shown(row) for row in rows], next=following)


@api.writes(
    "/me/hours/<int:hours>/objection",
    takes=Objection,
    gives=HoursShown,
    refuses=("hours.too_late", "hours.posted_already", "hours.not_now", *UNCLEAR),
)
def object_to(by: Actor, said: Objection, hours: int) -> HoursShown:
    """Say that a record is wrong"""
    return _shown(actions.object_to(by, own(by.session, ServiceHours, hours, by.me), said.words))


@api.writes("/me/hours/<int:hours>/objection/take-back", gives=HoursShown, refuses=("hours.not_now",))
def take_back(by: Actor, hours: int) -> HoursShown:
    """Take that back while nobody has decided"""
    return _shown(actions.take_back_objection(by, own(by.session, ServiceHours, hours, by.me)))


# ---- who was served --------------------------------------------------------------------------------------------------


@api.reads("/me/helped", gives=AskedOfMe, leaves_a_mark=True)
def helped(by: Actor) -> AskedOfMe:
    """What neighbours say that they did for me, and I have not answered"""
    return _waiting(by)


def _waiting(by: Actor) -> AskedOfMe:
    rows = by.session.scalars(asked_of(by.me).limit(MOST_ASKED)).all()
    for row in rows:
        audit.note(by, "hours.view_asked", row)
    return AskedOfMe(items=[_asked(row) for row in rows])


@api.writes("/me/helped/<int:hours>/yes", gives=AskedOfMe, refuses=("hours.not_now",))
def it_was_so(by: Actor, hours: int) -> AskedOfMe:
    """It was so; what else I am asked"""
    actions.served_says_yes(by, _asked_me(by, hours))
    return _waiting(by)


@api.writes(
    "/me/helped/<int:hours>/no", takes=Objection, gives=AskedOfMe, refuses=("hours.not_now", *UNCLEAR)
)
def it_was_not(by: Actor, said: Objection, hours: int) -> AskedOfMe:
    """It was not so: the staff look at it; what else I am asked"""
    actions.served_says_no(by, _asked_me(by, hours), said.words)
    return _waiting(by)


def _asked_me(by: Actor, number: int) -> ServiceHours:
    row = found(by.session, ServiceHours, number)
    if row.served_id != by.me.id:
        raise Problem(404, "not_found")
    return row


# ---- rows ------------------------------------------------------------------------------------------------------------


def _asked(row: ServiceHours) -> AskedShown:
    name = row.person.name if row.person is not None else None
    return AskedShown(
        id=row.id, helper=name or "", what=row.what, started_at=row.started_at, minutes=row.minutes
    )


def _shown(row: ServiceHours) -> HoursShown:
    facts = {"id": row.id, "what": row.what, "place": row.place, "minutes": row.minutes}
    facts |= {"started_at": row.started_at, "ended_at": row.ended_at, "flags": row.flags}
    posts_at = row.dispute_until if row.state == "confirmed" else None
    return HoursShown(**facts, state=row.state, posts_at=posts_at)  # type: ignore[arg-type]
