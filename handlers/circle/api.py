"""身边服务 for the mini-program: what is a walk away from here, and whether it is open."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.channels.api import Api
from app.channels.api.schemas import Body, Shown, Time, left_out, line
from models.circle import home_services
from models.circle_places import Near, Point, around, landmark_in
from models.identity import Actor
from models.plans import open_services
from models.refusal import Refusal

api = Api("circle", "身边服务")


class NearAsked(Body):
    """Where one is: a point in GCJ-02, or the name of a place. It is used for this answer and kept nowhere."""

    lat: Annotated[float, Field(ge=-90, le=90, examples=[36.618])] = left_out()
    lng: Annotated[float, Field(ge=-180, le=180, examples=[101.7921])] = left_out()
    place: Annotated[str, line(30, "东府佳苑")] = left_out()


class NearShown(Shown):
    """A service. `metres` and `minutes` (on foot) are null when its place is not known; `within` is a quarter of an
    hour. `open_until` when it is open now, `opens` when it opens next."""

    service_id: int
    name: str = Field(examples=["理发"])
    place: str
    phone: str
    metres: int | None
    minutes: int | None
    within: bool
    open_now: bool
    open_until: Time | None
    opens: Time | None
    comes_home: bool


class NearList(Shown):
    """The nearest first."""

    items: list[NearShown]


@api.writes("/circle/near", method="PUT", takes=NearAsked, gives=NearList, refuses=("circle.no_such_place",))
def near(by: Actor, said: NearAsked) -> NearList:
    """What is a walk away"""
    services = by.session.scalars(open_services("circle")).all()
    comes = {one.id for one in by.session.scalars(home_services())}
    return NearList(items=[_shown(one, comes) for one in around(by.session, services, _point(by, said))])


def _point(by: Actor, said: NearAsked) -> Point | None:
    if said.told("lat") and said.told("lng"):
        return Point(said.lat, said.lng)
    if not said.told("place"):
        return None
    landmark = landmark_in(by.session, said.place)
    if landmark is None:
        raise Refusal("circle.no_such_place")
    return Point(landmark.lat, landmark.lng)


def _shown(one: Near, comes: set[int]) -> NearShown:
    return NearShown(
        service_id=one.service.id,
        name=one.service.name,
        place=one.service.place,
        phone=one.service.phone,
        metres=one.metres,
        minutes=one.minutes,
        within=one.is_within,
        open_now=one.opening.is_now,
        open_until=one.opening.until,
        opens=one.opening.opens,
        comes_home=one.service.id in comes,
    )
