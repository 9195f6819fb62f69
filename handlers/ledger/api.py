"""The time bank for the mini-program: one's own hours and book, requests to promise, and each next step."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Strict

from app.channels.api import Api, Problem, found
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Day, Page, PageQuery, Shown, Time, as_whole, left_out, line
from handlers.ledger import actions, contact
from handlers.ledger.rights import what_of
from models.exchange import CATEGORIES, LONGEST, MOST_HANDS, SHORTEST, Exchange, ExchangeHand
from models.identity import Actor
from models.ledger import TimePosting, account_of, terms
from models.ledger_lists import entries_of, hands_of, open_requests, requests_of

Category = Literal["小修", "陪诊", "理发", "读报", "辅导", "打扫", "买菜", "搬东西", "手机电脑", "其他"]
State = Literal["asked", "matched", "done", "paid", "disputed", "cancelled", "expired"]
HandState = Literal["promised", "done", "paid", "withdrawn"]
assert set(Category.__args__) == set(CATEGORIES)  # type: ignore[attr-defined]  # noqa: S101 (one list, said twice)

api = Api("ledger", "时间银行")


class Hours(Shown):
    """My account, in minutes. `free` is what may still be spent, credit included; `points` are 幸福指数."""

    balance: int
    held: int
    free: int
    points: float


class Entry(Shown):
    """One line of my book: minutes in (above zero) or out, and the balance after it."""

    id: int
    what: str
    minutes: int
    balance: int
    at: Time


class EntryPage(Page):
    """The newest first."""

    items: list[Entry]


class Request(Shown):
    """What everybody may read: the kind of help, the day, the minutes for each helper."""

    id: int
    category: Category
    minutes: int
    hands: int
    wanted_on: date
    state: State


class RequestPage(Page):
    """Who has waited longest stands first."""

    items: list[Request]


class Neighbour(Shown):
    """The other side of a promise: shown to the two of them, from the asker's word until a day after it was done."""

    name: str
    phone: str
    place: str


class Neighbours(Shown):
    """Who comes."""

    items: list[Neighbour]


class OwnRequest(Request):
    """What I asked for; who comes is asked for by itself, since that it was looked at is written down."""

    text: str | None
    asked_at: Time


class OwnRequestPage(Page):
    """The newest first."""

    items: list[OwnRequest]


class Hand(Shown):
    """What I promised; where to go is asked for by itself, once the asker has `agreed`."""

    id: int
    request: Request
    state: HandState
    agreed: bool


class Whereto(Shown):
    """Where to go and whom to call; nothing before the asker has agreed, and a day after it was done."""

    asker: Neighbour | None
    text: str | None


class HandPage(Page):
    """The newest first."""

    items: list[Hand]


class Asking(Body):
    """Minutes in steps of five; `text` is read by the staff and by whoever promises."""

    category: Category
    minutes: Annotated[
        int,
        Field(ge=SHORTEST, le=LONGEST, multiple_of=5, examples=[60]),
        BeforeValidator(as_whole),
    ]
    wanted_on: Annotated[Day, Strict(False)]
    hands: Annotated[int, Field(ge=1, le=MOST_HANDS), BeforeValidator(as_whole)] = left_out()
    text: Annotated[str, line(160, "水龙头漏水")] = left_out()


class Why(Body):
    """What is not as agreed: the staff ask both sides."""

    reason: Annotated[str, line(160, "只修了一半")]


# ---- reading -------------------------------------------------------------------------------------------------------


@api.reads("/time", gives=Hours)
def hours(by: Actor) -> Hours:
    """My hours"""
    account, by_terms = account_of(by.session, by.me), terms(by.session)
    if account is None:
        return Hours(balance=0, held=0, free=by_terms.credit, points=0)
    points = round(account.balance / by_terms.minutes_per_point, 2)
    return Hours(balance=account.balance, held=account.held, free=account.free, points=points)


@api.reads("/time/entries", asks=PageQuery, gives=EntryPage)
def entries(by: Actor, asked: PageQuery) -> EntryPage:
    """My book"""
    account = account_of(by.session, by.me)
    if account is None:
        return EntryPage(items=[], next=None)
    place = (TimePosting.account_id, TimePosting.id)
    rows, following = page(
        by.session, entries_of(account), asked, place, lambda row: (row.account_id, row.id), newest_first=True
    )
    return EntryPage(items=[_entry(row) for row in rows], next=following)


@api.reads("/time/requests", asks=PageQuery, gives=RequestPage)
def station(by: Actor, asked: PageQuery) -> RequestPage:
    """What neighbours want done, and nobody has promised"""
    place = (Exchange.asked_at, Exchange.id)
    rows, following = page(by.session, open_requests(by.me), asked, place, lambda row: (row.asked_at, row.id))
    return RequestPage(items=[_request(row) for row in rows], next=following)


@api.reads("/time/requests/mine", asks=PageQuery, gives=OwnRequestPage)
def mine(by: Actor, asked: PageQuery) -> OwnRequestPage:
    """What I asked for"""
    place = (Exchange.asked_at, Exchange.id)
    rows, following = page(
        by.session, requests_of(by.me), asked, place, lambda row: (row.asked_at, row.id), newest_first=True
    )
    return OwnRequestPage(items=[own_request(row) for row in rows], next=following)


@api.reads("/time/promises", asks=PageQuery, gives=HandPage)
def promises(by: Actor, asked: PageQuery) -> HandPage:
    """What I promised"""
    place = (ExchangeHand.at, ExchangeHand.id)
    rows, following = page(
        by.session, hands_of(by.me), asked, place, lambda row: (row.at, row.id), newest_first=True
    )
    return HandPage(items=[_hand(row) for row in rows], next=following)


# ---- asking --------------------------------------------------------------------------------------------------------


@api.writes(
    "/time/requests",
    takes=Asking,
    gives=OwnRequest,
    status=201,
    refuses=(
        "ledger.short",
        "ledger.join_first",
        "ledger.no_such_day",
        "ledger.too_many_asked",
        "ledger.too_long",
    ),
)
def ask(by: Actor, said: Asking) -> OwnRequest:
    """Ask for help: the minutes are set aside"""
    more: dict[str, Any] = {"hands": said.hands} if said.told("hands") else {}
    more |= {"text": said.text} if said.told("text") else {}
    return own_request(actions.ask(by, said.category, said.minutes, said.wanted_on, **more))


@api.writes("/time/requests/<int:exchange>/confirm", gives=OwnRequest, refuses=("ledger.not_now",))
def confirm(by: Actor, exchange: int) -> OwnRequest:
    """It was done: paid when the helpers have said so too"""
    return own_request(actions.confirm(by, my_request(by, exchange)))


@api.writes("/time/requests/<int:exchange>/cancel", gives=OwnRequest, refuses=("ledger.not_now",))
def cancel(by: Actor, exchange: int) -> OwnRequest:
    """Take my request back: the minutes are free again"""
    return own_request(actions.cancel(by, my_request(by, exchange)))


@api.writes(
    "/time/requests/<int:exchange>/dispute",
    takes=Why,
    gives=OwnRequest,
    refuses=("ledger.not_now", "ledger.reason_needed", "ledger.too_long"),
)
def dispute(by: Actor, said: Why, exchange: int) -> OwnRequest:
    """It is not as agreed: the staff ask both sides"""
    return own_request(actions.dispute(by, my_request(by, exchange), said.reason))


# ---- helping -------------------------------------------------------------------------------------------------------


@api.writes(
    "/time/requests/<int:exchange>/promise",
    gives=Hand,
    status=201,
    refuses=(
        "ledger.taken",
        "ledger.own_request",
        "ledger.too_many_promised",
        "ledger.too_many_lately",
        "ledger.join_first",
    ),
)
def promise(by: Actor, exchange: int) -> Hand:
    """Promise to help"""
    row = found(by.session, Exchange, exchange)
    if row.asker_id != by.me.id and row.state != "asked":
        raise Problem(404, "not_found")
    return _hand(actions.promise(by, row))


@api.writes("/time/promises/<int:hand>/done", gives=Hand, refuses=("ledger.not_now", "ledger.not_agreed"))
def done(by: Actor, hand: int) -> Hand:
    """I have done it; the asker is asked"""
    row = _promised(by, hand)
    actions.mark_done(by, row)
    return _hand(row)


@api.writes("/time/promises/<int:hand>/withdraw", gives=Hand, refuses=("ledger.not_now",))
def withdraw(by: Actor, hand: int) -> Hand:
    """I cannot come: somebody else may"""
    row = _promised(by, hand)
    actions.withdraw_hand(by, row)
    return _hand(row)


@api.writes("/time/promises/<int:hand>/contact", gives=Whereto)
def contact_of(by: Actor, hand: int) -> Whereto:
    """Where to go; that it was looked at is written down"""
    row = _promised(by, hand)
    seen = contact.of_asker(by, row)
    text = row.exchange.text if seen else None
    return Whereto(asker=Neighbour(**seen._asdict()) if seen else None, text=text)


@api.writes("/time/requests/<int:exchange>/helpers", gives=Neighbours)
def helpers_of(by: Actor, exchange: int) -> Neighbours:
    """Who comes; that it was looked at is written down"""
    seen = contact.of_helpers(by, my_request(by, exchange))
    return Neighbours(items=[Neighbour(**one._asdict()) for one in seen])


# ---- rows ------------------------------------------------------------------------------------------------------------


def my_request(by: Actor, number: int) -> Exchange:
    row = found(by.session, Exchange, number)
    if row.asker_id != by.me.id:
        raise Problem(404, "not_found")
    return row


def _promised(by: Actor, number: int) -> ExchangeHand:
    row = found(by.session, ExchangeHand, number)
    if row.person_id != by.me.id:
        raise Problem(404, "not_found")
    return row


def _entry(row: TimePosting) -> Entry:
    facts = {"id": row.id, "what": what_of(row), "minutes": row.minutes, "balance": row.after}
    return Entry.model_validate(facts | {"at": row.transfer.at})


def _request(row: Exchange) -> Request:
    return Request.model_validate({name: getattr(row, name) for name in Request.model_fields})


def own_request(row: Exchange) -> OwnRequest:
    return OwnRequest.model_validate({name: getattr(row, name) for name in OwnRequest.model_fields})


def _hand(row: ExchangeHand) -> Hand:
    facts = {"id": row.id, "request": _request(row.exchange), "state": row.state}
    return Hand.model_validate(facts | {"agreed": row.agreed_at is not None})
