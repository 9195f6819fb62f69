"""One message as it must be known before WeChat is asked: plain values, because no transaction is open meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.site import Site
from app.words import MessageForm
from models.identity import Identity, Person
from models.launch import map_of
from models.outbox import Claimed, OutboxRow


@dataclass(frozen=True, slots=True)
class Letter:
    """`road` and `first_sent_at` are those of an earlier try of which nobody knows whether it arrived; None when there
    was none."""

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


def read(site: Site, claimed: Claimed) -> Letter | None:
    """None when another claim has overtaken this one."""
    with site.database.reading() as session:
        row = session.get(OutboxRow, claimed.id)
        if row is None or row.tries != claimed.tries:
            return None
        person = session.get_one(Person, row.person_id)
        form, reader = site.words.form(row.kind), _reader(session, person)
        return Letter(
            form,
            row.facts,
            row.client_id,
            row.tries,
            row.useful_until,
            row.road if row.first_sent_at else None,
            row.first_sent_at,
            reader,
            person.erased_at is not None,
            _chosen(session, reader, form.template),
        )


def _chosen(session: Session, reader: Reader | None, ours: str | None) -> ChosenTemplate | None:
    if reader is None:
        return None
    row = map_of(session, reader.app.partition(":")[2], ours)
    return None if row is None else ChosenTemplate(row.template_id, row.fields)


def _reader(session: Session, person: Person) -> Reader | None:
    """The account before the mini-program, the one that follows before one that left, the latest heard of."""
    mine = select(Identity).where(Identity.person_id == person.id)
    order = (Identity.following.desc(), Identity.kind.desc(), Identity.spoke_at.desc().nulls_last())
    found = session.scalar(mine.order_by(*order).limit(1))
    return None if found is None else Reader(found.app, found.openid, found.following, found.spoke_at)
