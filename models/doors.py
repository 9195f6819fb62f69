"""Doors at WeChat that are closed for a while: one process meets the closed door, all the others read it here.

A door is an app and a road ("oa:main template"), because they share a quota (trust F12, F15, F16).
"""

from datetime import datetime

from sqlalchemy import Select, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock
from models.base import Base, Instant, insert_once


class ClosedDoor(Base):
    """`reason` is for staff; `errcode` is WeChat's, None when it gave no valid answer."""

    __tablename__ = "closed_door"

    door: Mapped[str] = mapped_column(String(80), primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant)
    errcode: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    @property
    def app(self) -> str:
        return self.door.partition(" ")[0]


def close(session: Session, door: str, until: datetime, *, reason: str, errcode: int | None) -> None:
    """Nobody knocks before `until`; a door that stays closed for longer keeps its time."""
    told = {"until": until, "reason": reason, "errcode": errcode, "closed_at": clock.now()}
    if not insert_once(session, ClosedDoor, door=door, **told):
        sooner = or_(ClosedDoor.until < until, ClosedDoor.until <= clock.now())
        session.execute(update(ClosedDoor).where(ClosedDoor.door == door, sooner).values(**told))


def open_again(session: Session, door: str) -> None:
    session.execute(update(ClosedDoor).where(ClosedDoor.door == door).values(until=clock.now()))


def doors_of(session: Session, app: str, errcode: int) -> list[str]:
    """Those of this app that WeChat has closed for that reason."""
    return [one.door for one in session.scalars(closed_doors()) if one.errcode == errcode and one.app == app]


def closed_doors() -> Select[ClosedDoor]:
    """Those that are closed now."""
    return select(ClosedDoor).where(ClosedDoor.until > clock.now()).order_by(ClosedDoor.door)
