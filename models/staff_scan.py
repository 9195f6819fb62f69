"""A browser at the console that asks a phone who sits there: by a code to scan, or six digits to type in the chat.

It works once, for three minutes, in the browser that showed it. `enter` signs in and `prove` proves it again: the phone
picks, of three numbers, the one on the computer's screen, so that nobody lets a stranger's computer in by habit. `bind`
goes the other way round: the phone shows the number and whoever is signed in types it, so that nobody's phone is bound
to an account by looking over a shoulder or guessing digits.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.base import Base, Instant, Sealed
from models.identity import Identity
from models.staff import StaffMember

Purpose = Literal["enter", "prove", "bind"]
LIVES = timedelta(minutes=3)
MOST_FROM_ADDRESS = 10  # waiting at the same time: an office behind one router on a Monday morning
MOST_MADE = 30  # within LIVES, also those that a newer one of the same browser made void: each leaves a row and a line
NUMBERS = 3
TRIES_FOR_DIGITS = 20


class StaffScan(Base):
    """`asked → matched → approved → used`, or `refused`. What the code, the digits and the browser's cookie hold is
    kept as keyed hashes. `staff_id` is who is signed in (prove, bind) or who approved (enter)."""

    __tablename__ = "staff_scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8))
    key_index: Mapped[str] = mapped_column(String(64), unique=True)
    digits_index: Mapped[str] = mapped_column(String(64), index=True)
    browser_index: Mapped[str] = mapped_column(String(64), index=True)
    address_index: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str] = mapped_column(Sealed("staff_scan.address"))
    browser: Mapped[str] = mapped_column(String(80), default="")
    number: Mapped[int]
    choices: Mapped[list[int]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="asked")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("staff_session.id", ondelete="CASCADE"))
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)

    staff: Mapped[StaffMember | None] = relationship()
    identity: Mapped[Identity | None] = relationship()

    @property
    def is_live(self) -> bool:
        return self.state in ("asked", "matched", "approved") and clock.now() < self.expires_at


def begin(
    session: Session,
    purpose: Purpose,
    *,
    address: str,
    browser: str,
    staff_id: int | None = None,
    session_id: int | None = None,
) -> str:
    """A new code; the secret for the browser's cookie, from which it draws the code and the digits again."""
    cookie = _new_cookie(session)
    choices = secrets.SystemRandom().sample(range(10, 100), NUMBERS)
    row = StaffScan(
        purpose=purpose,
        key_index=_index("key", key_of(cookie)),
        digits_index=_index("digits", digits_of(cookie)),
        browser_index=_index("browser", cookie),
        address_index=_index("address", address),
        address=address,
        browser=browser[:80],
        number=secrets.choice(choices),
        choices=choices,
        staff_id=staff_id,
        session_id=session_id,
        expires_at=clock.now() + LIVES,
    )
    session.add(row)
    session.flush()
    return cookie


def key_of(cookie: str) -> str:
    """What the code to scan says; it tells nothing of the cookie."""
    return privacy.keyring().blind("staff_scan.shown_key", cookie)[:40]


def digits_of(cookie: str) -> str:
    """The six digits to type in the chat."""
    return f"{int(privacy.keyring().blind('staff_scan.shown_digits', cookie), 16) % 1_000_000:06d}"


def _new_cookie(session: Session) -> str:
    """One whose digits no other code shows at this moment."""
    for _ in range(TRIES_FOR_DIGITS):
        cookie = secrets.token_urlsafe(32)
        if by_digits(session, digits_of(cookie)) is None:
            return cookie
    raise RuntimeError("a million codes at once")


def has_too_many(session: Session, address: str) -> bool:
    """Whether no more codes of this address may be on screens, or be made, just now."""
    made = StaffScan.address_index == _index("address", address), StaffScan.expires_at > clock.now()
    counted = select(func.count(), func.count().filter(_live())).select_from(StaffScan).where(*made)
    all_of_them, waiting = session.execute(counted).one()
    return all_of_them >= MOST_MADE or waiting >= MOST_FROM_ADDRESS


def by_key(session: Session, key: str) -> StaffScan | None:
    return session.scalar(select(StaffScan).where(StaffScan.key_index == _index("key", key)))


def by_digits(session: Session, digits: str) -> StaffScan | None:
    """The code that shows these digits now."""
    return session.scalar(
        select(StaffScan).where(StaffScan.digits_index == _index("digits", digits), _live())
    )


def of_browser(session: Session, cookie: str) -> StaffScan | None:
    """What this browser showed last."""
    mine = select(StaffScan).where(StaffScan.browser_index == _index("browser", cookie))
    return session.scalar(mine.order_by(StaffScan.id.desc()).limit(1)) if cookie else None


def move(session: Session, number: int, before: str, after: str, **values: int) -> bool:
    """One step of a live code, by one counted UPDATE: of two who take it at once, one does."""
    one = update(StaffScan).where(StaffScan.id == number, StaffScan.state == before, _live())
    moved = one.values(state=after, **values).returning(StaffScan.id)
    return session.execute(moved.execution_options(synchronize_session=False)).first() is not None


def forget_browser(session: Session, cookie: str) -> None:
    """A new code in the same browser: the older one is void."""
    older = StaffScan.browser_index == _index("browser", cookie), _live()
    session.execute(update(StaffScan).where(*older).values(state="refused"))


def forget_old_scans(session: Session, before: datetime) -> int:
    old = delete(StaffScan).where(StaffScan.expires_at < before).returning(StaffScan.id)
    return len(session.execute(old).all())


def _live() -> ColumnElement[bool]:
    return StaffScan.state.in_(("asked", "matched", "approved")) & (StaffScan.expires_at > clock.now())


def _index(part: str, secret: str) -> str:
    return privacy.keyring().blind(f"staff_scan.{part}", secret)
