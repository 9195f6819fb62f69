"""Messages as they must be known before WeChat is asked: plain values, because no transaction is open meanwhile.

They are read for a whole batch in few statements.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import structlog
from sqlalchemy import LargeBinary, Row, Select, bindparam, select, type_coerce
from sqlalchemy.orm import Session

from app import privacy
from app.cards import Card, all_maps, card_for
from app.site import Site
from app.words import MessageForm, Words
from models.allowance import words_left
from models.broadcasts import Broadcast
from models.dispatch import Claimed
from models.grants import Grant
from models.identity import Identity, Person
from models.outbox import BROADCAST, PERSONAL, OutboxRow
from models.topics import TopicChoice

log = structlog.get_logger()
CARDS = {"oa": ("template", "notice"), "mini": ("mini",)}
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Letter:
    """`road` and `first_sent_at` are those of an earlier try of which nobody knows whether it arrived; None when there
    was none. `readers` are the person's accounts, the best of each kind, the best first. `bundle` is what it belongs
    to; `allowed` the only roads that it may take (None: any). `unwanted`: its topic was switched off since the list of
    people was made. `made` is what letters of the same kind with the same facts share."""

    id: int
    form: MessageForm
    facts: dict[str, Any]
    client_id: str
    tries: int
    useful_until: datetime | None
    road: str | None
    first_sent_at: datetime | None
    readers: tuple[Reader, ...]
    erased: bool
    rank: int = PERSONAL
    bundle: str | None = None
    allowed: tuple[str, ...] | None = None
    unwanted: bool = False
    made: dict[object, Any] = field(default_factory=dict)

    def once(self, key: object, make: Callable[[], Made]) -> Made:
        """What is the same in all letters of this kind with these facts."""
        if key not in self.made:
            self.made[key] = make()
        found: Made = self.made[key]
        return found

    def fill(self, words: Words, source: str) -> str:
        """A piece of a form with the facts filled in."""
        return self.once(source, lambda: words.fill(source, self.facts))

    @property
    def reader(self) -> Reader | None:
        return self.readers[0] if self.readers else None

    def may_go_by(self, road: str) -> bool:
        return self.allowed is None or road in self.allowed


@dataclass(frozen=True, slots=True)
class Reader:
    """One of a person's accounts; `app` is "oa:main" or "mini:main". `left`: they followed and follow no more.
    `cards` are the templates for this message by road; by "notice" and "mini" only those that they still allow.
    `words_left`: so many words of customer service WeChat still takes (only known for broadcasts)."""

    identity_id: int
    app: str
    openid: str
    following: bool
    left: bool
    spoke_at: datetime | None
    cards: Mapping[str, Card]
    words_left: int = 0


def read(site: Site, claimed: Sequence[Claimed]) -> list[tuple[Claimed, Letter | None]]:
    """Each with its letter, None where none can be made; a row that another claim has overtaken is left out."""
    if not claimed:
        return []
    with site.database.reading() as session:
        rows = session.connection().execute(_rows(), {"ids": [one.id for one in claimed]}).all()
        known = {row.id: row for row in rows}
        mine = [
            (one, known[one.id]) for one in claimed if one.id in known and known[one.id].tries == one.tries
        ]
        shelf = _Shelf(site, session, [row for _, row in mine])
        return [(one, shelf.letter(row)) for one, row in mine]


COLUMNS = (
    OutboxRow.id,
    OutboxRow.tries,
    OutboxRow.kind,
    OutboxRow.person_id,
    # Sealed as it is: a value that does not open must not spoil the batch.
    type_coerce(OutboxRow.facts, LargeBinary).label("sealed"),
    OutboxRow.client_id,
    OutboxRow.useful_until,
    OutboxRow.road,
    OutboxRow.first_sent_at,
    OutboxRow.rank,
    OutboxRow.bundle,
    OutboxRow.roads,
    Person.erased_at,
)
Found = Row[*tuple[Any, ...]]
ACCOUNT = (
    Identity.id,
    Identity.person_id,
    Identity.kind,
    Identity.app,
    Identity.openid,
    Identity.following,
    Identity.follow_changed_at,
    Identity.spoke_at,
)


@cache
def _rows() -> Select[*tuple[Any, ...]]:
    return select(*COLUMNS).join(Person).where(OutboxRow.id.in_(bindparam("ids", expanding=True)))


@cache
def _accounts_of() -> Select[*tuple[Any, ...]]:
    """The account before the mini-program, the one that follows before one that left, the latest heard of."""
    order = (Identity.following.desc(), Identity.kind.desc(), Identity.spoke_at.desc().nulls_last())
    mine = Identity.person_id.in_(bindparam("people", expanding=True))
    return select(*ACCOUNT).where(mine).order_by(*order, Identity.id)


class _Shelf:
    """What the letters of one batch have in common is looked up once."""

    def __init__(self, site: Site, session: Session, rows: Sequence[Found]) -> None:
        self._site = site
        self._maps = all_maps(session)
        self._people = _accounts(site, session, {row.person_id for row in rows})
        accounts = [one for own in self._people.values() for one in own]
        self._allowed = _allowed(session, accounts)
        to_many = [row for row in rows if row.rank == BROADCAST]
        people = {row.person_id for row in to_many}
        self._words_left = words_left(session, [one.id for one in accounts if one.person_id in people])
        self._unwanted = _unwanted(session, to_many)
        self._facts: dict[tuple[str, bytes], tuple[dict[str, Any], dict[object, Any]]] = {}
        self._cards: dict[tuple[str, str, str | None], Card | None] = {}

    def letter(self, row: Found) -> Letter | None:
        """A fault in one row is that row's own."""
        try:
            return self._letter(row)
        except Exception:
            log.exception("letter_fault", row=row.id)
            return None

    def _letter(self, row: Found) -> Letter:
        form = self._site.words.form(row.kind)
        begun = row.road if row.first_sent_at else None
        readers = tuple(self._reader(one, form, begun) for one in self._people.get(row.person_id, ()))
        self._count(row.person_id)
        facts, made = self._same_facts(row)
        return Letter(
            id=row.id,
            form=form,
            facts=facts,
            made=made,
            client_id=row.client_id,
            tries=row.tries,
            useful_until=row.useful_until,
            road=begun,
            first_sent_at=row.first_sent_at,
            readers=readers,
            erased=row.erased_at is not None,
            rank=row.rank,
            bundle=row.bundle,
            allowed=None if row.roads is None else tuple(row.roads),
            unwanted=(row.bundle, row.person_id) in self._unwanted,
        )

    def _same_facts(self, row: Found) -> tuple[dict[str, Any], dict[object, Any]]:
        """The facts, and what is made of them: one for all messages of a broadcast."""
        plain = privacy.unseal("outbox.facts", bytes(row.sealed))
        key = row.kind, plain
        if key not in self._facts:
            self._facts[key] = json.loads(plain), {}
        return self._facts[key]

    def _reader(self, one: Found, form: MessageForm, begun: str | None) -> Reader:
        found = {road: self._card(one, road, form, begun) for road in CARDS[one.kind]}
        return Reader(
            identity_id=one.id,
            app=one.app,
            openid=one.openid,
            following=one.following,
            left=not one.following and one.follow_changed_at is not None,
            spoke_at=one.spoke_at,
            cards={road: card for road, card in found.items() if card is not None},
            words_left=self._words_left.get(one.id, 0),
        )

    def _card(self, one: Found, road: str, form: MessageForm, begun: str | None) -> Card | None:
        """What has begun by this road has paid already."""
        key = one.app, road, form.template if road == "template" else form.notice
        if key not in self._cards:
            self._cards[key] = card_for(self._site.settings, self._maps, *key)
        card = self._cards[key]
        free = card is None or road in ("template", begun)
        return card if free or (card and (one.id, card.template_id) in self._allowed) else None

    def _count(self, person_id: int) -> None:
        """The next message of this batch to the same person finds one word less."""
        for one in self._people.get(person_id, ()):
            if one.id in self._words_left:
                self._words_left[one.id] -= 1


def _accounts(site: Site, session: Session, people: Iterable[int]) -> dict[int, list[Found]]:
    """The best of each kind, the best first. A trial knows its testers only."""
    testers = frozenset(site.settings.testers) if site.settings.mode == "trial" else None
    found: dict[int, list[Found]] = {}
    for one in session.connection().execute(_accounts_of(), {"people": list(people)}).all():
        own = found.setdefault(one.person_id, [])
        if (testers is None or one.openid in testers) and all(other.kind != one.kind for other in own):
            own.append(one)
    return found


def _allowed(session: Session, accounts: Sequence[Found]) -> frozenset[tuple[int, str]]:
    """(account, template) of what may still be sent."""
    found = session.connection().execute(_grants(), {"ids": [one.id for one in accounts]})
    return frozenset((account, template) for account, template in found)


@cache
def _grants() -> Select[int, str]:
    mine = Grant.identity_id.in_(bindparam("ids", expanding=True)), Grant.left > 0
    return select(Grant.identity_id, Grant.template_id).where(*mine)


def _unwanted(session: Session, rows: Sequence[Found]) -> frozenset[tuple[str | None, int]]:
    """(bundle, person) of those who do not want its topic. What is urgent, and a correction, comes all the same."""
    numbers = {row.bundle: _number(row.bundle) for row in rows}
    wanted = [number for number in numbers.values() if number is not None]
    if not wanted:
        return frozenset()
    broadcasts = session.scalars(select(Broadcast).where(Broadcast.id.in_(wanted)))
    topics = {one.id: one.topic for one in broadcasts if not one.goes_to_all}
    people = TopicChoice.person_id.in_({row.person_id for row in rows})
    choices = session.execute(select(TopicChoice.person_id, TopicChoice.topic).where(people))
    against = {(person, topic) for person, topic in choices}
    found = ((row, topics.get(numbers[row.bundle] or 0)) for row in rows)
    return frozenset((row.bundle, row.person_id) for row, topic in found if (row.person_id, topic) in against)


def _number(bundle: str | None) -> int | None:
    """7 of "broadcast:7"."""
    name, _, number = (bundle or "").partition(":")
    return int(number) if name == "broadcast" and number.isdecimal() else None
