"""Going live: which of the account's templates speaks for which of our messages, files by which WeChat knows our
domain, what a person has confirmed, and what the last examination found."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.staff import StaffMember

# MP_verify_….txt of the account, and the shorter names that mini-program domains ask for.
VERIFY_NAME = re.compile(r"[A-Za-z0-9_]{6,60}\.txt")
LONGEST_VERIFY = 200
FIELD = re.compile(r"([a-z_]+?)(\d+)")
PLACED = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")


class TemplateMap(Base):
    """Our template `ours` (templates/*/messages.toml) is `template_id` in this account, or for the road "mini" in this
    mini-program; `fields` says into which of its fields each of ours goes. A subscription notice (roads "notice" and
    "mini") is allowed once for each message, or for long (`lasting`)."""

    __tablename__ = "template_map"
    __table_args__ = (UniqueConstraint("account", "road", "ours"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(16))
    road: Mapped[str] = mapped_column(String(8), default="template")
    ours: Mapped[str] = mapped_column(String(40))
    template_id: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(60), default="")
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    lasting: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, onupdate=clock.now)


class VerifyFile(Base):
    """A small text that WeChat fetches from the root of our domain."""

    __tablename__ = "verify_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(70), unique=True)
    content: Mapped[str] = mapped_column(String(LONGEST_VERIFY))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class LaunchTick(Base):
    """Something that only a person can see at WeChat's own console, and who has seen it."""

    __tablename__ = "launch_tick"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember] = relationship()


class Examination(Base):
    """What was found, at one moment: [{"key", "state", "words", "todo"}]. The newest one counts."""

    __tablename__ = "examination"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    templates: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


def last_examination(session: Session) -> Examination | None:
    return session.scalars(select(Examination).order_by(Examination.id.desc()).limit(1)).first()


def template_maps(account: str, road: str = "template") -> Select[TemplateMap]:
    here = TemplateMap.account == account, TemplateMap.road == road
    return select(TemplateMap).where(*here).order_by(TemplateMap.ours)


def map_of(session: Session, account: str, ours: str | None, road: str = "template") -> TemplateMap | None:
    """The template that speaks for ours in this account, if the staff have chosen one."""
    if ours is None:
        return None
    return session.scalar(template_maps(account, road).where(TemplateMap.ours == ours))


def is_lasting(session: Session, template_id: str) -> bool:
    """Whether one yes to this subscription notice is for many messages."""
    same = TemplateMap.template_id == template_id, TemplateMap.lasting.is_(True)
    return session.scalar(select(TemplateMap.id).where(*same).limit(1)) is not None


def fields_in(content: str) -> list[str]:
    """The fields of an account's template, as its text names them ("{{thing1.DATA}}"), in order."""
    return list(dict.fromkeys(PLACED.findall(content)))


def kind_of(field: str) -> str:
    """ "thing" of "thing12"."""
    found = FIELD.fullmatch(field)
    return found[1] if found else field


def fitting_fields(ours: list[str], theirs: list[str]) -> dict[str, str]:
    """Which of their fields each of ours goes into when nobody has chosen: the same kind, in the same order."""
    free, chosen = list(theirs), {}
    for field in ours:
        match = next((one for one in free if kind_of(one) == kind_of(field)), None)
        if match is not None:
            chosen[field] = match
            free.remove(match)
    return chosen


def faults_of(fields: dict[str, str], ours: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    """(code, field): `kind` a field of ours goes into one of another kind, `unknown` into none of theirs, `twice` two
    go into the same, `empty` one of theirs would stay empty, which WeChat refuses (47003)."""
    found = [("unknown", one) for one in fields.values() if one not in theirs]
    found += [
        ("kind", one) for one, other in fields.items() if other in theirs and kind_of(one) != kind_of(other)
    ]
    found += [("twice", one) for one in set(fields.values()) if list(fields.values()).count(one) > 1]
    found += [("empty", one) for one in theirs if one not in fields.values()]
    return found + [("foreign", one) for one in fields if one not in ours]
