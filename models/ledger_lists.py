"""Which accounts, entries, requests and promises are whose: what one person sees, and what the desk must look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import Session

from app import clock
from models.exchange import ANSWER_WITHIN, NOD_WITHIN, OPEN, Exchange, ExchangeHand, TimeOffer
from models.identity import Person
from models.ledger import KINDS, TimeAccount, TimePosting, TimeTransfer, TimeWords
from models.time_desk import TimeOrder

SOON = timedelta(days=1)

# ---- one account -------------------------------------------------------------------------------------------


def entries_of(account: TimeAccount) -> Select[TimePosting]:
    """Its postings, the newest first."""
    return select(TimePosting).where(TimePosting.account_id == account.id).order_by(TimePosting.id.desc())


def entries_between(account: TimeAccount, begins: datetime, ends: datetime) -> Select[TimePosting]:
    """In the order of the book."""
    within = TimeTransfer.at >= begins, TimeTransfer.at < ends
    mine = TimePosting.account_id == account.id
    return select(TimePosting).join(TimePosting.transfer).where(mine, *within).order_by(TimePosting.id)


def balance_before(session: Session, account: TimeAccount, instant: datetime) -> int:
    earlier = (
        select(TimePosting.after)
        .join(TimePosting.transfer)
        .where(TimePosting.account_id == account.id, TimeTransfer.at < instant)
        .order_by(TimePosting.id.desc())
        .limit(1)
    )
    return session.scalar(earlier) or 0


def reversed_among(session: Session, transfers: Sequence[int]) -> set[int]:
    """Which of these transfers have been reversed."""
    found = select(TimeTransfer.reverses_id).where(TimeTransfer.reverses_id.in_(transfers))
    return {number for number in session.scalars(found) if number is not None}


def words_of(session: Session, transfers: Sequence[int]) -> dict[int, str]:
    rows = session.scalars(select(TimeWords).where(TimeWords.transfer_id.in_(transfers)))
    return {row.transfer_id: row.text for row in rows}


# ---- one person's help -------------------------------------------------------------------------------------


def requests_of(person: Person) -> Select[Exchange]:
    """What this person asked for: what waits for their word first, then what is open, then the newest."""
    asks = case((Exchange.state == "done", 0), (Exchange.state.in_(OPEN), 1), else_=2)
    return select(Exchange).where(Exchange.asker_id == person.id).order_by(asks, Exchange.id.desc())


def to_confirm(person: Person) -> Select[Exchange]:
    return requests_of(person).where(Exchange.state.in_(("done", "matched")))


def hands_of(person: Person) -> Select[ExchangeHand]:
    """What this person promised, open ones first."""
    open_first = case((ExchangeHand.state == "promised", 0), (ExchangeHand.state == "done", 1), else_=2)
    mine = ExchangeHand.person_id == person.id, ExchangeHand.state != "withdrawn"
    return select(ExchangeHand).where(*mine).order_by(open_first, ExchangeHand.id.desc())


def open_hands(person: Person) -> Select[ExchangeHand]:
    return hands_of(person).where(ExchangeHand.state == "promised")


def hands_waiting(person: Person) -> Select[ExchangeHand]:
    """What they say to have done, and nobody has paid yet."""
    unpaid = ExchangeHand.exchange.has(Exchange.state.in_(OPEN))
    return hands_of(person).where(ExchangeHand.state == "done", unpaid)


def open_requests(person: Person | None = None) -> Select[Exchange]:
    """What anybody may promise, the earliest day first; not this person's own, nor what they have promised."""
    found = select(Exchange).where(Exchange.state == "asked", Exchange.wanted_on >= clock.today())
    if person is not None:
        held = select(ExchangeHand.exchange_id).where(
            ExchangeHand.person_id == person.id, ExchangeHand.state.in_(("promised", "done"))
        )
        own = or_(Exchange.asker_id.is_(None), Exchange.asker_id != person.id)
        found = found.where(own, Exchange.id.not_in(held))
    return found.order_by(Exchange.wanted_on, Exchange.id)


def offers_of(person: Person) -> Select[TimeOffer]:
    mine = TimeOffer.person_id == person.id, TimeOffer.state == "open"
    return select(TimeOffer).where(*mine).order_by(TimeOffer.id)


# ---- the desk's lists --------------------------------------------------------------------------------------


def to_match() -> Select[Exchange]:
    """Requests without enough hands, the earliest day first."""
    return select(Exchange).where(Exchange.state == "asked").order_by(Exchange.wanted_on, Exchange.id)


def disputed() -> Select[Exchange]:
    return select(Exchange).where(Exchange.state == "disputed").order_by(Exchange.changed_at, Exchange.id)


def unanswered() -> Select[Exchange]:
    """Said to be done 72 hours ago or more, and the asker has not answered: the desk asks and decides."""
    late = Exchange.state == "done", Exchange.done_at <= clock.now() - ANSWER_WITHIN
    return select(Exchange).where(*late).order_by(Exchange.done_at, Exchange.id)


def unagreed() -> Select[Exchange]:
    """Somebody said yes a day ago, or the day has nearly come, and the asker has not said whether they may come."""
    late = or_(ExchangeHand.at <= clock.now() - NOD_WITHIN, Exchange.wanted_on <= clock.today() + SOON)
    waits = ExchangeHand.state == "promised", ExchangeHand.agreed_at.is_(None), late
    found = select(ExchangeHand.exchange_id).join(ExchangeHand.exchange).where(*waits)
    rows = select(Exchange).where(Exchange.id.in_(found), Exchange.state.in_(("asked", "matched")))
    return rows.order_by(Exchange.wanted_on, Exchange.id)


def hanging() -> Select[Exchange]:
    """Promised, the day is a week past, and nobody has said a word."""
    late = Exchange.state == "matched", Exchange.wanted_on < clock.today() - ANSWER_WITHIN * 2
    return select(Exchange).where(*late).order_by(Exchange.wanted_on, Exchange.id)


def lapsed() -> Select[Exchange]:
    """Asked, and nobody has come: those whose last day may have passed."""
    return select(Exchange).where(Exchange.state == "asked", Exchange.wanted_on < clock.today())


def offers_for(exchange: Exchange) -> Select[TimeOffer]:
    """Who offers this kind of help; whoever was told longest ago first."""
    fitting = TimeOffer.category == exchange.category, TimeOffer.state == "open"
    found = select(TimeOffer).where(*fitting, TimeOffer.person_id.is_not(None))
    if exchange.asker_id is not None:
        found = found.where(TimeOffer.person_id != exchange.asker_id)
    return found.order_by(TimeOffer.told_at.nulls_first(), TimeOffer.id)


def orders_waiting() -> Select[TimeOrder]:
    return select(TimeOrder).where(TimeOrder.state == "waiting").order_by(TimeOrder.id)


def named_accounts() -> Select[TimeAccount]:
    """The pool, the issue, teams and partners."""
    place = case(
        (TimeAccount.kind == "pool", 0),
        (TimeAccount.kind == "issue", 1),
        (TimeAccount.kind == "team", 2),
        else_=3,
    )
    groups = [kind for kind in KINDS if kind != "person"]
    return select(TimeAccount).where(TimeAccount.kind.in_(groups)).order_by(place, TimeAccount.name)
