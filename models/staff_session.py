"""Sessions of the console: kept here and not in the browser, so that one can be ended at once; and wrong sign-ins.

Wrong sign-ins are counted per account and address, also for accounts that do not exist: how the door behaves tells
nobody which names are real, and nobody can lock a colleague out from elsewhere.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Select, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.base import FLAT, Base, Instant, Sealed, insert_once
from models.staff import StaffMember

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
FRESH = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)
MOST_FAILURES = 5
MOST_FROM_ADDRESS = 40  # all accounts together: an office behind one router errs less, who sprays errs more
ANY_ACCOUNT = "\n"  # no login reads so
LOCKED_FOR = timedelta(minutes=15)


class StaffSession(Base):
    """One browser in which somebody signed in. `key_index` is a keyed hash of what the cookie holds. `possession` says
    that a phone vouched for it, by a code or a scan: real use asks that of every session."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    key_index: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str | None] = mapped_column(Sealed("staff_session.address"))
    browser: Mapped[str] = mapped_column(String(80), default="")
    started_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    proved_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    possession: Mapped[bool] = mapped_column(default=False)

    staff: Mapped[StaffMember] = relationship(lazy="joined", innerjoin=FLAT)

    @property
    def is_live(self) -> bool:
        """Neither ended, nor idle for half an hour, nor older than a working day, nor of somebody who left."""
        now = clock.now()
        fresh = now - self.seen_at <= IDLE and now - self.started_at <= LONGEST
        return self.ended_at is None and fresh and self.staff.active

    @property
    def is_fresh(self) -> bool:
        """Whether a password, a code or a scan has proved lately who sits there."""
        return clock.now() - self.proved_at <= FRESH


class WrongSignIns(Base):
    """How often an account was tried in vain from one address, since the last success or lock."""

    __tablename__ = "wrong_sign_ins"

    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)


# ---- sessions ------------------------------------------------------------------------------------------------------


def begin(
    session: Session, member: StaffMember, address: str, browser: str, *, possession: bool
) -> tuple[StaffSession, str]:
    """A new session and the secret for its cookie."""
    key = secrets.token_urlsafe(32)
    row = StaffSession(staff=member, key_index=_index(key), address=address, browser=browser[:80])
    row.possession = possession
    session.add(row)
    session.flush()
    return row, key


def session_of(session: Session, key: str) -> StaffSession | None:
    """The session of a cookie, if it is still good."""
    row = session.scalar(select(StaffSession).where(StaffSession.key_index == _index(key)))
    return row if row is not None and row.is_live else None


def note_seen(session: Session, number: int) -> None:
    """Somebody works in it: the idle half hour begins again."""
    seen = update(StaffSession).where(StaffSession.id == number, StaffSession.ended_at.is_(None))
    session.execute(seen.values(seen_at=clock.now()))


def note_proof(session: Session, number: int, *, possession: bool) -> None:
    """It was proved again who works in it; with a phone, or only by what they know."""
    proved = update(StaffSession).where(StaffSession.id == number, StaffSession.ended_at.is_(None))
    session.execute(proved.values({"proved_at": clock.now()} | ({"possession": True} if possession else {})))


def live_sessions(member: StaffMember | None = None) -> Select[StaffSession]:
    """Browsers that are signed in now, the latest first."""
    now = clock.now()
    live = (
        StaffSession.ended_at.is_(None),
        StaffSession.seen_at >= now - IDLE,
        StaffSession.started_at >= now - LONGEST,
    )
    found = select(StaffSession).where(*live).order_by(StaffSession.seen_at.desc())
    return found if member is None else found.where(StaffSession.staff_id == member.id)


def end(session: Session, number: int) -> None:
    one = update(StaffSession).where(StaffSession.id == number, StaffSession.ended_at.is_(None))
    session.execute(one.values(ended_at=clock.now()))


def end_all(session: Session, member: StaffMember, but: int | None = None) -> int:
    """Sign somebody out everywhere (but here); how many sessions that ended."""
    theirs = update(StaffSession).where(StaffSession.staff_id == member.id, StaffSession.ended_at.is_(None))
    if but is not None:
        theirs = theirs.where(StaffSession.id != but)
    return len(session.execute(theirs.values(ended_at=clock.now()).returning(StaffSession.id)).all())


def forget_old_sessions(session: Session, before: datetime) -> int:
    old = delete(StaffSession).where(StaffSession.started_at < before).returning(StaffSession.id)
    return len(session.execute(old).all())


def _index(key: str) -> str:
    return privacy.keyring().blind("staff_session.key", key)


# ---- wrong sign-ins ------------------------------------------------------------------------------------------------


def is_locked(session: Session, login: str, address: str) -> bool:
    """Whether this account from this address, or this address altogether, has to wait."""
    return _waits(session, _who(login, address)) or is_shut_out(session, address)


def is_shut_out(session: Session, address: str) -> bool:
    """Whether this address has to wait whatever account it names: then nothing is hashed for it and nothing written."""
    return _waits(session, _who(ANY_ACCOUNT, address))


def count_failure(session: Session, login: str, address: str) -> bool:
    """One more in vain, for the account and for the address; True when this one locks."""
    locks = _count(session, _who(login, address), MOST_FAILURES)
    return _count(session, _who(ANY_ACCOUNT, address), MOST_FROM_ADDRESS) or locks


def count_locked(session: Session, address: str) -> bool:
    """One more while the account has to wait: it counts for the address, so that knocking on has an end."""
    return _count(session, _who(ANY_ACCOUNT, address), MOST_FROM_ADDRESS)


def count_try(session: Session, who: str, most: int) -> bool:
    """One more guess in vain of somebody who is no account: of a phone that types digits; True when this one locks."""
    return _count(session, _guesser(who), most)


def is_barred(session: Session, who: str) -> bool:
    return _waits(session, _guesser(who))


def _waits(session: Session, who: str) -> bool:
    locked = select(WrongSignIns.who).where(WrongSignIns.who == who, WrongSignIns.locked_until > clock.now())
    return session.scalar(locked) is not None


def _guesser(who: str) -> str:
    return privacy.keyring().blind("wrong_sign_ins.guesser", who)


def _count(session: Session, who: str, most: int) -> bool:
    """Counted by the database; a series of long ago is forgotten first."""
    now = clock.now()
    insert_once(session, WrongSignIns, who=who, count=0, last_at=now)
    stale = update(WrongSignIns).where(WrongSignIns.who == who, WrongSignIns.last_at < now - LOCKED_FOR)
    session.execute(stale.values(count=0))
    more = update(WrongSignIns).where(WrongSignIns.who == who)
    counted = more.values(count=WrongSignIns.count + 1, last_at=now).returning(WrongSignIns.count)
    if (session.scalar(counted) or 0) < most:
        return False
    session.execute(more.values(count=0, locked_until=now + LOCKED_FOR))
    return True


def forgive(session: Session, login: str, address: str) -> None:
    session.execute(delete(WrongSignIns).where(WrongSignIns.who == _who(login, address)))


def forget_old_failures(session: Session, before: datetime) -> int:
    old = delete(WrongSignIns).where(WrongSignIns.last_at < before).returning(WrongSignIns.who)
    return len(session.execute(old).all())


def _who(login: str, address: str) -> str:
    return privacy.keyring().blind("wrong_sign_ins.who", f"{login}\n{address}")
