"""What goes out about a wish: to the wisher when somebody moves it on, to the claimer before and after the last day.

A message carries the number and the public words only: a lock screen shows what everybody may read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from models import outbox
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.wish_partners import WishPartner
from models.wish_words import WishWord
from models.wishes import Claim, Wish

USEFUL = timedelta(days=14)
KINDS = tuple(
    f"wishes.{kind}"
    for kind in (
        "published",
        "refused",
        "claimed",
        "matched",
        "returned",
        "done",
        "overdue",
        "withdrawn",
        "not_yet",
        "confirmed",
        "thanks",
        "became_matter",
    )
)


def tell(by: Actor, wish: Wish, to: Person | None, kind: str, **facts: Any) -> None:
    """A message of the kind "wishes.key", once for every change of the wish; nobody is told when `to` was erased."""
    if to is None:
        return
    by.session.flush()
    outbox.put(
        by.session,
        to=to,
        kind=kind,
        once=_key(wish, kind),
        facts=_facts(wish) | facts,
        useful_until=clock.now() + USEFUL,
    )


def take_back(by: Actor, wish: Wish, kind: str) -> bool:
    """Stop the message of the last change; False when it has left."""
    return outbox.cancel(by.session, _key(wish, kind))


def remind(by: Actor, claim: Claim) -> bool:
    """A word on the day before the last; once for each last day. False when it was written before."""
    if claim.person is None:
        return False
    return outbox.put(
        by.session,
        to=claim.person,
        kind="wishes.reminder",
        once=f"wishes.reminder:{claim.id}:{claim.due.isoformat()}",
        facts=_facts(claim.wish) | {"due": claim.due.isoformat(), "can_renew": claim.can_be_renewed},
        useful_until=clock.now() + timedelta(days=1),
    )


def nudge(by: Actor, claim: Claim) -> bool:
    """A word from the staff to who promised; once a day. False when it was written before, or nobody is there."""
    if claim.person is None:
        return False
    return outbox.put(
        by.session,
        to=claim.person,
        kind="wishes.nudge",
        once=f"wishes.nudge:{claim.id}:{clock.today().isoformat()}",
        facts=_facts(claim.wish) | {"due": claim.due.isoformat(), "can_renew": claim.can_be_renewed},
        useful_until=clock.now() + timedelta(days=1),
    )


def tell_of_word(by: Actor, word: WishWord, kind: str, *, to_author: bool = False) -> None:
    """The other side (or who wrote it) is told that there is a word; what it says is read where only they can."""
    to = word.wish.wisher if word.from_wisher == to_author else word.claim.person
    if to is None:
        return
    by.session.flush()
    outbox.put(
        by.session,
        to=to,
        kind=kind,
        once=f"{kind}:{word.id}",
        facts=_facts(word.wish) | {"promised": word.from_wisher != to_author},
        useful_until=clock.now() + USEFUL,
    )


def take_back_word(by: Actor, word: WishWord) -> bool:
    """Stop the message of a word; False when it has left."""
    return outbox.cancel(by.session, f"wishes.word:{word.id}")


def ask_partner(by: Actor, unit: WishPartner, count: int) -> None:
    """Who speaks for a unit is told how many wishes it may look at; once a day."""
    if unit.person is None:
        return
    outbox.put(
        by.session,
        to=unit.person,
        kind="wishes.partner",
        once=f"wishes.partner:{unit.id}:{clock.today().isoformat()}",
        facts={"unit": unit.name, "count": count, "at": clock.now().isoformat()},
        useful_until=clock.now() + timedelta(days=7),
    )


def sent_about(session: Session, wish: Wish, claims: Sequence[Claim]) -> Sequence[OutboxRow]:
    """What has gone out about this wish, oldest first: found by the keys that the messages carry."""
    days = [clock.today() - timedelta(days=back) for back in range(USEFUL.days)]
    keys = [f"{kind}:{wish.id}:{turn}" for kind in KINDS for turn in range(wish.revision + 1)]
    keys += [f"wishes.nudge:{claim.id}:{day.isoformat()}" for claim in claims for day in days]
    keys += [f"wishes.reminder:{claim.id}:{claim.due.isoformat()}" for claim in claims]
    return session.scalars(select(OutboxRow).where(OutboxRow.once.in_(keys)).order_by(OutboxRow.id)).all()


def _key(wish: Wish, kind: str) -> str:
    return f"{kind}:{wish.id}:{wish.revision}"


def _facts(wish: Wish) -> dict[str, Any]:
    return {"number": wish.number, "title": wish.title, "at": clock.now().isoformat()}
