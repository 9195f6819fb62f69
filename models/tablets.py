"""Tablets that hang in a room and show the code of whatever is on there: made by staff, bound to one device by a code
that opens once, shut off at once.

A tablet knows nothing but its place: what it shows is looked up each time.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Select, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock, privacy
from models.activities import EARLY, LIVE, Activity, ActivitySession, under_way
from models.base import Base, Instant

CODE_LIVES = timedelta(minutes=30)
SILENT_AFTER = timedelta(minutes=5)
SEEN_EVERY = timedelta(seconds=30)
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10
AHEAD = timedelta(days=7)
NEWEST = 500  # activities and times whose places are offered
MOST_MISSES, MISSES_WITHIN = 5, timedelta(minutes=15)  # as for every secret that is short (trust B19)


SHOWS = ("codes", "line", "numbers")


class WallTablet(Base):
    """`shows`: the check-in codes of its place, the hall's line, or buttons that give numbers. `code_index` is there
    until the device is bound, `device_index` from then on. `seen_at`: when it last asked. `misses` wrong numbers were
    typed at it since `misses_since`."""

    __tablename__ = "wall_tablet"
    __table_args__ = (
        CheckConstraint("shows IN ('codes', 'line', 'numbers')", name="shows"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(40))
    shows: Mapped[str] = mapped_column(String(8), default="codes", server_default="codes")
    code_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    code_until: Mapped[datetime | None] = mapped_column(Instant)
    device_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    misses: Mapped[int | None]
    misses_since: Mapped[datetime | None] = mapped_column(Instant)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    @property
    def is_silent(self) -> bool:
        return self.seen_at is not None and self.seen_at < clock.now() - SILENT_AFTER

    @property
    def rests_until(self) -> datetime | None:
        """Too many wrong numbers of late: until then it takes none, right or wrong, and is never shut for longer."""
        until = (self.misses_since or self.made_at) + MISSES_WITHIN
        return until if (self.misses or 0) >= MOST_MISSES and until > clock.now() else None

    def has_missed(self) -> None:
        """One wrong number more, behind the lock of the tablet."""
        if self.misses_since is None or self.misses_since + MISSES_WITHIN <= clock.now():
            self.misses, self.misses_since = 0, clock.now()
        self.misses = (self.misses or 0) + 1

    def has_asked(self) -> None:
        """Written down at most twice a minute."""
        if self.seen_at is None or self.seen_at < clock.now() - SEEN_EVERY:
            self.seen_at = clock.now()


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def code_index(code: str) -> str:
    return privacy.keyring().blind("wall_tablet.code", code)


def device_index(mark: str) -> str:
    return privacy.keyring().blind("wall_tablet.device", mark)


def by_code(session: Session, code: str) -> WallTablet | None:
    return session.scalar(select(WallTablet).where(WallTablet.code_index == code_index(code)))


def by_device(session: Session, mark: str) -> WallTablet | None:
    """The tablet of this device, unless it was shut off."""
    mine = WallTablet.device_index == device_index(mark), WallTablet.revoked_at.is_(None)
    return session.scalar(select(WallTablet).where(*mine))


def lock(session: Session, tablet: WallTablet) -> None:
    """What is typed at one tablet is counted one after the other."""
    session.refresh(tablet, with_for_update={"key_share": True})


def bind(session: Session, tablet: WallTablet, mark: str) -> bool:
    """The code is spent by the first device that sends it; False for every other one."""
    bound = (
        update(WallTablet)
        .where(
            WallTablet.id == tablet.id,
            WallTablet.code_index == tablet.code_index,
            WallTablet.code_until > clock.now(),
            WallTablet.device_index.is_(None),
            WallTablet.revoked_at.is_(None),
        )
        .values(
            device_index=device_index(mark),
            code_until=None,
            opened_at=clock.now(),
            seen_at=clock.now(),
        )
        .returning(WallTablet.id)
        .execution_options(synchronize_session=False)
    )
    done = session.execute(bound).first() is not None
    session.refresh(tablet)
    return done


def tablets() -> Select[WallTablet]:
    return select(WallTablet).where(WallTablet.revoked_at.is_(None)).order_by(WallTablet.place, WallTablet.id)


# ---- what is on at a place -----------------------------------------------------------------------------------


def on_now(session: Session, place: str) -> list[ActivitySession]:
    """Sessions at this place whose code may be shown now; what began earlier first."""
    return [held for held in session.scalars(under_way()) if held.place.strip() == place.strip()]


def next_at(session: Session, place: str) -> ActivitySession | None:
    """The next session at this place that is on a public list, within a week."""
    now = clock.now()
    ahead = (
        select(ActivitySession)
        .join(ActivitySession.activity)
        .where(
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts > now + EARLY,
            ActivitySession.starts < now + AHEAD,
            Activity.listed,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )
    return next((held for held in session.scalars(ahead) if held.place.strip() == place.strip()), None)


def silent_tablets(session: Session, since: datetime | None = None) -> list[WallTablet]:
    """Bound tablets that have not asked for five minutes although something is on where they hang. `since`: only
    those that fell silent after it."""
    quiet = tablets().where(
        WallTablet.shows == "codes",
        WallTablet.device_index.is_not(None),
        WallTablet.seen_at < clock.now() - SILENT_AFTER,
    )
    if since is not None:
        quiet = quiet.where(WallTablet.seen_at > since - SILENT_AFTER)
    found = session.scalars(quiet).all()
    busy = {held.place.strip() for held in session.scalars(under_way())} if found else set()
    return [tablet for tablet in found if tablet.place.strip() in busy]


def places_known(session: Session) -> list[str]:
    """Where activities are held, for the staff to choose from."""
    of_kinds = select(Activity.place).order_by(Activity.id.desc()).limit(NEWEST)
    own = select(ActivitySession.own_place).order_by(ActivitySession.id.desc()).limit(NEWEST)
    return sorted({place for asked in (of_kinds, own) for place in session.scalars(asked) if place})
