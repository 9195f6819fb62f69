"""The circle in chat: what is a walk away from here, from home or from a place by its name; open now or when."""

from __future__ import annotations

import re

from app.dialogue import Chat, Offer, Reply, Say
from app.wechat.messages import Location
from models.circle_places import (
    FAR_METRES,
    Landmark,
    Near,
    Point,
    around,
    landmark_in,
    landmark_of,
)
from models.identity import Actor
from models.plans import open_services

MOST, NEXT_PAGE = 5, 6
BOOK = "appointments.book"
_NEAR = re.compile(r"附近|旁边|周围|周边|身边|跟前|左近|生活圈")
_LONGEST_ASK = 24

chat = Chat("circle")


@chat.says("身边服务", "附近服务", "生活圈", "附近", "15分钟生活圈")
def here(resident: Actor) -> Reply:
    """From the estate where they live, when it is known; else everything, and how to say where one is."""
    home = landmark_of(resident.session, resident.me.place)
    return from_place(resident, home) if home else everything(resident)


@chat.receives("location")
def sent_place(resident: Actor, place: Location) -> Say:
    """A place that was sent is used for this answer and kept nowhere."""
    return _near(resident, Point(place.lat, place.lng))


@chat.listens("guides")
def named_place(resident: Actor, text: str) -> Reply:
    """ "东府佳苑附近有什么"."""
    if len(text) > _LONGEST_ASK or not _NEAR.search(text):
        return None
    found = landmark_in(resident.session, text)
    return from_place(resident, found) if found else None


def from_place(resident: Actor, landmark: Landmark) -> Say:
    return _near(resident, Point(landmark.lat, landmark.lng), landmark.name)


@chat.offered()
def everything(resident: Actor, page: int = 0) -> Say:
    """Without a place: in the order of the house."""
    found = resident.session.scalars(open_services("circle").offset(page * MOST).limit(MOST + 1)).all()
    rows = around(resident.session, found[:MOST], None)
    more = len(found) > MOST
    offers = _booking(rows)
    if more:
        offers[NEXT_PAGE] = everything.offer(page=page + 1)
    return Say("circle.everything", rows=rows, more=more, offers=offers)


def _near(resident: Actor, point: Point, name: str = "") -> Say:
    """What is within a quarter of an hour on foot; what lies beyond is said apart."""
    services = resident.session.scalars(open_services("circle")).all()
    placed = [one for one in around(resident.session, services, point) if one.metres is not None]
    if not placed or (placed[0].metres or 0) > FAR_METRES:
        return Say("circle.far_away", offers={1: everything.offer()})
    within = [one for one in placed if one.is_within][:MOST]
    beyond = [one for one in placed if not one.is_within][: MOST - len(within)]
    left = len(placed) > len(within) + len(beyond)
    offers = _booking([*within, *beyond])
    if left:
        offers[NEXT_PAGE] = everything.offer()
    return Say("circle.near", name=name, within=within, beyond=beyond, left=left, offers=offers)


def _booking(rows: list[Near]) -> dict[int, Offer]:
    return {n: Offer(BOOK, {"service": one.service}) for n, one in enumerate(rows, 1)}


chat.also_said("身边服务", "附近有什么", "周边服务", "家门口的服务", "附近的店", "附近有啥", "周围有什么服务")
