"""A Monday morning in a town whose forms lie ready, and a neighbour who has one to fill in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.forms.loading import install
from handlers.people import actions as people
from models.forms import Form, FormDraft, every_draft_has_its_version, form_with_key, nothing_is_kept_too_long
from models.outbox import OutboxRow
from tests.neighbours import Phone, Town, frozen

# Twelve fields, nothing but digits; the first is the name that we know already.
DIGITS = ("1", "1", "19410307", "1", "1", "20080601", "3", "2", "1850", "2", "1", "1")


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    """Monday the 23rd of November 2026, nine o'clock; nothing moves but by hand."""
    with frozen("2026-11-23 09:00") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, monday: Any) -> Phone:
    return joined(sqlite_town)


def joined(town: Town, name: str = "马秀兰", phone: str = "13900000001") -> Phone:
    """A neighbour on file, and the forms that every installation has."""
    one = town.phone(name)

    def unit(session: Session) -> None:
        install(session)
        people.join(one.actor(session), name=name, phone=phone)

    town.writing(unit)
    return one


def form(session: Session, key: str = "gaoling") -> Form:
    found = form_with_key(session, key)
    assert found is not None
    return found


def draft(town: Town, number: int | None = None) -> FormDraft:
    """This one, or the newest, to be read when the session is gone."""
    with town.reading() as session:
        rows = select(FormDraft).order_by(FormDraft.id.desc()).limit(1)
        found = session.get_one(FormDraft, number) if number else session.scalars(rows).one()
        _ = found.form.versions, found.person, found.staff
        session.expunge_all()
        return found


def drafts(town: Town) -> int:
    with town.reading() as session:
        return len(session.scalars(select(FormDraft.id)).all())


def sent(town: Town) -> list[str]:
    """The kinds of what went out, oldest first."""
    with town.reading() as session:
        return list(session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))


def sound(town: Town) -> bool:
    with town.reading() as session:
        broken = [*every_draft_has_its_version(session), *nothing_is_kept_too_long(session)]
    assert not broken, broken
    return True


def laid_down(town: Town) -> int:
    """The id of the form with twelve fields, which lies ready with the others."""

    def unit(session: Session) -> int:
        install(session)
        return form(session).id

    return town.writing(unit)
