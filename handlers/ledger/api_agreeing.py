"""Who may come, for the mini-program: those who said yes, and the asker's word on each."""

from __future__ import annotations

from app.channels.api import Problem, found
from app.channels.api.schemas import Shown
from handlers.ledger import actions, contact
from handlers.ledger.api import OwnRequest, api, my_request, own_request
from models.exchange import ExchangeHand
from models.identity import Actor


class Candidate(Shown):
    """Who said yes and waits for my word: `known` when the community has them in a household's register."""

    hand: int
    name: str
    area: str
    known: bool


class Candidates(Shown):
    """No phone and no door before I have agreed."""

    items: list[Candidate]


@api.writes("/time/requests/<int:exchange>/candidates", gives=Candidates)
def candidates_of(by: Actor, exchange: int) -> Candidates:
    """Who says that they can come; that it was looked at is written down"""
    seen = contact.candidates(by, my_request(by, exchange))
    return Candidates(items=[Candidate(**(one._asdict() | {"hand": one.hand.id})) for one in seen])


@api.writes("/time/candidates/<int:hand>/agree", gives=OwnRequest, refuses=("ledger.not_now",))
def agree(by: Actor, hand: int) -> OwnRequest:
    """Let them come: now both see each other's phone"""
    return own_request(actions.agree(by, _candidate(by, hand)).exchange)


@api.writes("/time/candidates/<int:hand>/decline", gives=OwnRequest, refuses=("ledger.not_now",))
def decline(by: Actor, hand: int) -> OwnRequest:
    """Somebody else, please"""
    return own_request(actions.decline(by, _candidate(by, hand)))


def _candidate(by: Actor, number: int) -> ExchangeHand:
    row = found(by.session, ExchangeHand, number)
    if row.exchange.asker_id != by.me.id:
        raise Problem(404, "not_found")
    return row
