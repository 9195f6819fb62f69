"""What registers keep of one person: that they were taken in from a sheet, and the day on their paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.words import day_words
from models.identity import Actor, Person
from models.registers import RegisterLine


def kept_of(session: Session, person: Person) -> Mapping[str, Any]:
    lines = session.scalars(select(RegisterLine).where(RegisterLine.person_id == person.id))
    return {"从纸质表格登记": [_words(line) for line in lines]}


def _words(line: RegisterLine) -> dict[str, str]:
    signed = {"签字日期": day_words(line.agreed_on)} if line.agreed_on else {}
    return {"登记日期": day_words(line.at), **signed}


def forget(by: Actor, person: Person) -> None:
    """The line stays as a count; the day on the paper goes."""
    lines = update(RegisterLine).where(RegisterLine.person_id == person.id)
    by.session.execute(lines.values(agreed_on=None))
