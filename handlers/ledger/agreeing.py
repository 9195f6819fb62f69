"""Who asked says whom they want at their door. A yes is not enough: the phone that a stranger typed proves nothing
(decisions/0013). Behind the asker's word, or the desk's, both see each other's name and phone."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.ledger import messages
from handlers.ledger.standing import must_be_asker
from models.exchange import Exchange, ExchangeHand, go_to, hold_exchange
from models.identity import Actor, Person
from models.refusal import Refusal


def agree(by: Actor, hand: ExchangeHand) -> ExchangeHand:
    """The asker (or the desk, who called them) says: let them come. The helper is told; twice is once."""
    row = _waiting(by, hand)
    if hand.agreed_at is None:
        hand.agreed_at = clock.now()
        audit.note(by, "ledger.agree", hand, exchange=row.id)
        messages.tell(by, row, hand.person, "ledger.agreed", hand=hand.id)
    return hand


def decline(by: Actor, hand: ExchangeHand) -> Exchange:
    """Somebody else, please: the place is open again, and the helper hears thanks and no reason."""
    row = _waiting(by, hand)
    if hand.agreed_at is not None:
        raise Refusal("ledger.not_now", exchange=row)
    hand.state, hand.ended_at = "withdrawn", clock.now()
    if row.state == "matched":
        go_to(row, "asked")
    audit.note(by, "ledger.decline", hand, exchange=row.id)
    messages.tell(by, row, hand.person, "ledger.declined", hand=hand.id)
    return row


def _waiting(by: Actor, hand: ExchangeHand) -> Exchange:
    row = hold_exchange(by.session, hand.exchange)
    must_be_asker(by, row)
    if hand.state != "promised" or row.state not in ("asked", "matched"):
        raise Refusal("ledger.not_now", exchange=row)
    return row


def needs_no_word(session: Session, exchange: Exchange, person: Person) -> bool:
    """A team or partner asks through the desk; and who has helped, or was helped by, the same neighbour is known."""
    asker = exchange.asker_id
    if asker is None:
        return True
    before = (
        select(ExchangeHand.id)
        .join(ExchangeHand.exchange)
        .where(
            ExchangeHand.state == "paid",
            or_(
                and_(Exchange.asker_id == asker, ExchangeHand.person_id == person.id),
                and_(Exchange.asker_id == person.id, ExchangeHand.person_id == asker),
            ),
        )
    )
    return session.scalar(before.limit(1)) is not None
