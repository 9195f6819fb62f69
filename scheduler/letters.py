"""Messages as they must be known before WeChat is asked: plain values, because no transaction is open meanwhile.

They are read for a whole batch in few statements.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import LargeBinary, Row, select, type_coerce
from sqlalchemy.orm import Session

from app import privacy
from app.site import Site
from app.words import MessageForm
from models.dispatch import Claimed
from models.identity import Identity, Person
from models.launch import map_of
from models.outbox import PERSONAL, OutboxRow

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Letter:
    """`road` and `first_sent_at` are those of an earlier try of which nobody knows whether it arrived; None when there
    was none. `bundle` is what it belongs to; `allowed` the only roads that it may take (None: any)."""

    form: MessageForm
    facts: dict[str, Any]
    client_id: str
    tries: int
    useful_until: datetime | None
    road: str | None
    first_sent_at: datetime | None
    reader: Reader | None
    erased: bool
    template: ChosenTemplate | None = None
    rank: int = PERSONAL
    bundle: str | None = None
    allowed: tuple[str, ...] | None = None

    def may_go_by(self, road: str) -> bool:
        return self.allowed is None or road in self.allowed


@dataclass(frozen=True, slots=True)
class ChosenTemplate:
    """The account's template that the staff have chosen for ours, and which of its fields each of ours goes into."""

    template_id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """To which of their accounts a person is written; `app` is "oa:main" or "mini:main"."""

    app: str
    openid: str
    following: bool
    spoke_at: datetime | None


def read(site: Site, claimed: Sequence[Claimed]) -> list[tuple[Claimed, Letter | None]]:
    """Each with its letter, None where none can be made; a row that another claim has overtaken is left out."""
    if not claimed:
        return []
    with site.database.reading() as session:
        rows = session.execute(
            select(*COLUMNS).join(Person).where(OutboxRow.id.in_([one.id for one in claimed]))
        )
        known = {row.id: row for row in rows}
        readers = _readers(session, [one.person_id for one in claimed])
        shelf = _Shelf(site, session)
        mine = [
            (one, known[one.id]) for one in claimed if one.id in known and known[one.id].tries == one.tries
        ]
        return [(one, shelf.letter(row, readers.get(one.person_id))) for one, row in mine]


COLUMNS = (
    OutboxRow.id,
    OutboxRow.tries,
    OutboxRow.kind,
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


class _Shelf:
    """What the letters of one batch have in common is looked up once."""

    def __init__(self, site: Site, session: Session) -> None:
        self._site = site
        self._session = session
        self._templates: dict[tuple[str, str | None], ChosenTemplate | None] = {}

    def letter(self, row: Row[*tuple[Any, ...]], reader: Reader | None) -> Letter | None:
        """A fault in one row is that row's own."""
        try:
            return self._letter(row, reader)
        except Exception:
            log.exception("letter_fault", row=row.id)
            return None

    def _letter(self, row: Row[*tuple[Any, ...]], reader: Reader | None) -> Letter:
        form = self._site.words.form(row.kind)
        return Letter(
            form,
            json.loads(privacy.unseal("outbox.facts", bytes(row.sealed))),
            row.client_id,
            row.tries,
            row.useful_until,
            row.road if row.first_sent_at else None,
            row.first_sent_at,
            reader,
            row.erased_at is not None,
            self._chosen(reader, form.template),
            row.rank,
            row.bundle,
            None if row.roads is None else tuple(row.roads),
        )

    def _chosen(self, reader: Reader | None, ours: str | None) -> ChosenTemplate | None:
        if reader is None or ours is None:
            return None
        key = reader.app, ours
        if key not in self._templates:
            row = map_of(self._session, reader.app.partition(":")[2], ours)
            self._templates[key] = None if row is None else ChosenTemplate(row.template_id, row.fields)
        return self._templates[key]


def _readers(session: Session, people: Sequence[int]) -> dict[int, Reader]:
    """The account before the mini-program, the one that follows before one that left, the latest heard of."""
    columns = Identity.person_id, Identity.app, Identity.openid, Identity.following, Identity.spoke_at
    order = (Identity.following.desc(), Identity.kind.desc(), Identity.spoke_at.desc().nulls_last())
    found: dict[int, Reader] = {}
    mine = select(*columns).where(Identity.person_id.in_(people)).order_by(*order)
    for row in session.execute(mine):
        found.setdefault(row.person_id, Reader(row.app, row.openid, row.following, row.spoke_at))
    return found
