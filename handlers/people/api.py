"""People for the mini-program: log in by WeChat's code, see and correct one's own record, join.

The code of wx.login and the code of the phone button are exchanged with WeChat before any unit of work begins.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

import structlog
from pydantic import Field
from sqlalchemy.orm import Session

from app.channels.api import Api, Problem, caller, current_site, found
from app.channels.api.schemas import Body, Done, Id, Query, QueryId, Shown, Time, Whole, left_out, line
from app.database import run_in_savepoint
from app.wechat.client import WeChat
from app.wechat.errcodes import Handling
from app.wechat.errors import NotWeChat, WeChatError
from app.wechat.mini import MiniLogin
from handlers.people import actions
from handlers.people.policies import policies
from models import api_session
from models.identity import Actor, Identity, Person, find_identity
from models.people import Purpose
from models.places import Place, committees, inside
from models.refusal import Refusal

HIGH_RISK = 40226
JOINING = ("people.service_needed", "people.bad_name", "people.bad_phone")

api = Api("people", "我的")
log = structlog.get_logger()


# ---- logging in ------------------------------------------------------------------------------------------------


class Login(Body):
    """`app` is the name of the mini-program in our settings, `code` what wx.login gave."""

    app: Annotated[str, line(16, "main")]
    code: Annotated[str, line(128, "0b1Xy2…")]


class Token(Shown):
    """Send the token as `Authorization: Bearer …`. It ends after `expires_in` seconds, or after 7 days without use."""

    token: str = Field(examples=["kq4v…"])
    expires_in: int = Field(examples=[2592000])
    joined: bool


@api.opens("/login", takes=Login, gives=Token)
def login(said: Login) -> Token:
    """Log in with the code of wx.login"""
    site = current_site()
    if said.app not in {program.name for program in site.settings.miniprograms}:
        raise Problem(404, "not_found")
    proved = _ask_wechat(site.wechat("mini", said.app), said.code)
    token = secrets.token_urlsafe(32)
    joined = site.database.writing(lambda session: _let_in(session, said.app, proved, token))
    return Token(token=token, expires_in=int(api_session.LIVES.total_seconds()), joined=joined)


def _ask_wechat(wechat: WeChat, code: str) -> MiniLogin:
    try:
        return wechat.mini.login(code)
    except WeChatError as fault:
        if fault.errcode == HIGH_RISK:
            raise Problem(403, "login_blocked") from fault
        if fault.handling is Handling.LOGIN:
            raise Problem(401, "login_refused") from fault
        raise _away(fault) from fault
    except NotWeChat as fault:
        raise _away(fault) from fault


def _away(fault: Exception) -> Problem:
    log.warning("wechat_not_asked", reason=str(fault))
    return Problem(503, "wechat_away", headers={"Retry-After": "5"})


def _let_in(session: Session, app: str, proved: MiniLogin, token: str) -> bool:
    """Whoever comes for the first time is a person with nothing but an id, as in the chat."""
    name = f"mini:{app}"
    identity = find_identity(session, name, proved.openid)
    if identity is None:
        identity = Identity(kind="mini", app=name, openid=proved.openid, person=Person())
        session.add(identity)
        session.flush()
    if proved.unionid:
        _note_unionid(session, identity, proved.unionid)
    api_session.begin(session, identity, token, proved.session_key)
    return identity.person.joined_at is not None


def _note_unionid(session: Session, identity: Identity, unionid: str) -> None:
    """What stands against making two records one must not stand against logging in."""
    by = Actor(session, identity.person, identity, channel="api")
    try:
        run_in_savepoint(session, lambda: actions.note_unionid(by, unionid))
    except Refusal as why:
        log.info("unionid_not_noted", code=why.code)


@api.writes("/logout", gives=Done)
def logout(by: Actor) -> Done:
    """End this login"""
    session_id = caller().session_id
    if session_id is not None:
        api_session.end(by.session, session_id)
    return Done(done=True)


# ---- one's own record ------------------------------------------------------------------------------------------


class PlaceShown(Shown):
    """A node of 居委会 → 小区/院 → 楼栋 → 单元; `full_name` reads like an address."""

    id: int
    kind: Literal["committee", "estate", "building", "unit"]
    name: str = Field(examples=["3号楼"])
    full_name: str = Field(examples=["东府佳苑3号楼"])


class Places(Shown):
    """All places that lie directly under one."""

    items: list[PlaceShown]


class Me(Shown):
    """What is kept of the one who asks; nothing but `joined: false` before they join."""

    joined: bool
    joined_at: Time | None
    name: str | None = Field(examples=["马秀兰"])
    phone: str | None = Field(examples=["13900000001"])
    place: PlaceShown | None


class Agreed(Body):
    """Agreement to one purpose in the words of one version, as it was shown."""

    purpose: Purpose
    version: Whole = Field(ge=1, le=9999, examples=[1])


class Joining(Body):
    """Who joins says name and phone, and agrees to each purpose by itself; `service` is needed."""

    name: Annotated[str, line(30, "马秀兰")]
    phone: Annotated[str, line(30, "13900000001")]
    place_id: Id = left_out()
    consents: list[Agreed] = Field(min_length=1, max_length=3)


class Correction(Body):
    """Only what is to change; `place_id: null` forgets where they live."""

    name: Annotated[str, line(30, "马秀兰")] = left_out()
    phone: Annotated[str, line(30, "13900000001")] = left_out()
    place_id: Id | None = left_out()


@api.reads("/me", gives=Me)
def me(by: Actor) -> Me:
    """What is kept of me"""
    return _shown(by.me)


@api.writes("/me/join", takes=Joining, gives=Me, refuses=JOINING)
def join(by: Actor, said: Joining) -> Me:
    """Join: name, phone, place, and a consent for each purpose"""
    for consent in said.consents:
        check_version(consent)
    place = found(by.session, Place, said.place_id) if said.told("place_id") else None
    purposes = [consent.purpose for consent in said.consents]
    return _shown(actions.join(by, name=said.name, phone=said.phone, place=place, purposes=purposes))


@api.writes("/me", method="PATCH", takes=Correction, gives=Me, refuses=("people.not_joined", *JOINING[1:]))
def correct(by: Actor, said: Correction) -> Me:
    """Correct what is kept of me"""
    if said.told("name"):
        actions.correct_name(by, said.name)
    if said.told("phone"):
        actions.correct_phone(by, said.phone)
    if said.told("place_id"):
        known = None if said.place_id is None else found(by.session, Place, said.place_id)
        actions.correct_place(by, known)
    return _shown(by.me)


def check_version(consent: Agreed) -> None:
    """Agreeing to words that have changed meanwhile is no agreement. Raises Problem 409."""
    if consent.version != policies()[consent.purpose].version:
        raise Problem(409, "other_version")


def _shown(person: Person) -> Me:
    place = _place(person.place) if person.place else None
    joined_at = person.joined_at
    return Me(
        joined=joined_at is not None, joined_at=joined_at, name=person.name, phone=person.phone, place=place
    )


# ---- the phone button --------------------------------------------------------------------------------------------


class PhoneCode(Body):
    """What `button open-type="getPhoneNumber"` gave."""

    code: Annotated[str, line(256, "e31968…")]


class Phone(Shown):
    """`kept`: it now stands in the record. Before somebody joins it is only shown, to fill in the form."""

    phone: str = Field(examples=["13900000001"])
    kept: bool


def _ask_for_phone(said: PhoneCode) -> str:
    site = current_site()
    with site.database.reading() as session:
        app = session.get_one(Identity, caller().proved).app
    try:
        return site.wechat("mini", app.partition(":")[2]).mini.phone(said.code)
    except WeChatError as fault:
        if fault.handling is Handling.LOGIN:
            raise Problem(409, "phone_refused") from fault
        raise _away(fault) from fault
    except NotWeChat as fault:
        raise _away(fault) from fault


@api.writes(
    "/me/phone", takes=PhoneCode, gives=Phone, ask_first=_ask_for_phone, refuses=("people.bad_phone",)
)
def phone(by: Actor, said: PhoneCode, found_out: str) -> Phone:
    """Take the phone number from WeChat: contact data, which proves nothing"""
    if by.me.joined_at is None:
        return Phone(phone=found_out, kept=False)
    actions.correct_phone(by, found_out)
    return Phone(phone=by.me.phone or found_out, kept=True)


# ---- places ------------------------------------------------------------------------------------------------------


class PlacesQuery(Query):
    """Which place to look into; the committees without it."""

    inside: QueryId = left_out()


@api.reads("/places", asks=PlacesQuery, gives=Places, who="everyone")
def places(by: Actor, asked: PlacesQuery) -> Places:
    """Where people live: what lies directly inside a place"""
    under = inside(found(by.session, Place, asked.inside)) if asked.told("inside") else committees()
    return Places(items=[_place(place) for place in by.session.scalars(under)])


def _place(place: Place) -> PlaceShown:
    facts = {"id": place.id, "kind": place.kind, "name": place.name, "full_name": place.full_name}
    return PlaceShown.model_validate(facts)
