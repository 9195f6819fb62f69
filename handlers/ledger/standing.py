"""Who may move what: the staff, whose request it is, whose hand it is."""

from __future__ import annotations

from models.exchange import Exchange, ExchangeHand
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember
from models.staff_wechat import wechat_person


def must_be_staff(by: Actor) -> StaffMember | None:
    """The house itself (a job) stands for the staff."""
    if by.staff is None and by.channel != "job":
        raise Refusal("ledger.staff_only")
    return by.staff


def must_not_be_own(by: Actor, *persons: int | None) -> None:
    """Nobody of the staff gives hours to themselves: a resident with that WeChat is who they are at home."""
    own = wechat_person(by.session, by.staff) if by.staff is not None else None
    if own is not None and own.id in persons:
        raise Refusal("ledger.own_account")


def must_be_asker(by: Actor, exchange: Exchange) -> None:
    own = by.person is not None and by.person.id == exchange.asker_id
    if not own and by.staff is None and not (by.channel == "job" and by.person is None):
        raise Refusal("ledger.not_yours")


def must_be_hand(by: Actor, hand: ExchangeHand) -> None:
    own = by.person is not None and by.person.id == hand.person_id
    if not own and by.staff is None and not (by.channel == "job" and by.person is None):
        raise Refusal("ledger.not_yours")


def must_be_joined(by: Actor) -> None:
    """Neighbours who come to somebody's door, or ask somebody to theirs, are on file."""
    if by.me.joined_at is None:
        raise Refusal("ledger.join_first")
