"""Where a phone said it was when it checked in: told by choice, sealed, and gone after a day (C3).

What stays is one of three words on the scan: near, far, or odd. A position is no proof of anything, since whoever wants
to may have a phone say any place; it only tells a leader whom to look for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, Select, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock, privacy
from models.activities import ActivitySession
from models.base import Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.plans import metres_between

KEPT = timedelta(hours=24)
FENCE_METRES = 500
BLUR_METRES = 1000
FASTEST_KMH = 150
MANY = 3
EXACT_METRES = 1.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as a phone tells it, in GCJ-02; `accuracy` in metres, `at` when the phone measured it."""

    lat: float
    lng: float
    accuracy: float
    at: datetime | None = None

    def metres_to(self, lat: float, lng: float) -> float:
        return metres_between(self.lat, self.lng, lat, lng)

    @property
    def words(self) -> str:
        return f"{self.lat:.6f},{self.lng:.6f}"


class CheckinSpot(RowKey, Base):
    """The position that came with one scan. `spot_index` finds the same six decimals at the same session again."""

    __tablename__ = "checkin_spot"

    id: Mapped[int] = mapped_column(primary_key=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id", ondelete="CASCADE"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    spot_index: Mapped[str] = mapped_column(String(64), index=True)
    _spot: Mapped[bytes] = mapped_column("spot", LargeBinary)

    spot = RowSealed[str]("checkin_spot.spot")


def spot_index(held: ActivitySession, spot: Spot) -> str:
    return privacy.keyring().blind("checkin_spot", f"{held.id}:{spot.words}")


def people_at(session: Session, held: ActivitySession, spot: Spot, but: Person) -> int:
    """How many others told the very same six decimals at this session."""
    same = CheckinSpot.spot_index == spot_index(held, spot), CheckinSpot.person_id != but.id
    return session.scalar(select(func.count(CheckinSpot.person_id.distinct())).where(*same)) or 0


def last_spot(session: Session, person: Person) -> CheckinSpot | None:
    mine = select(CheckinSpot).where(CheckinSpot.person_id == person.id, CheckinSpot.at > clock.now() - KEPT)
    return session.scalar(mine.order_by(CheckinSpot.at.desc(), CheckinSpot.id.desc()).limit(1))


def spots_to_go() -> Select[CheckinSpot]:
    return select(CheckinSpot).where(CheckinSpot.at <= clock.now() - KEPT).order_by(CheckinSpot.at)


def place_flags(held: ActivitySession, spot: Spot, before: CheckinSpot | None, same: int) -> list[str]:
    """One of near and far, and odd when no real phone says such a thing. Nothing where the activity has no place."""
    lat, lng = held.activity.lat, held.activity.lng
    if lat is None or lng is None:
        return []
    metres = spot.metres_to(lat, lng)
    near = metres - min(spot.accuracy, BLUR_METRES) <= FENCE_METRES
    odd = any(_oddities(spot, metres, before, same))
    if odd:
        return ["place_odd"] if near else ["place_far", "place_odd"]
    return ["place_near"] if near else ["place_far"]


def _oddities(spot: Spot, metres: float, before: CheckinSpot | None, same: int) -> Iterable[bool]:
    yield metres < EXACT_METRES  # the very point that the plan names
    yield spot.accuracy <= 0
    yield same + 1 >= MANY
    yield spot.at is not None and clock.now() - spot.at > timedelta(minutes=2)
    yield before is not None and _faster_than_any_bus(spot, before)


def _faster_than_any_bus(spot: Spot, before: CheckinSpot) -> bool:
    lat, lng = (float(part) for part in before.spot.split(","))
    hours = max((clock.now() - before.at).total_seconds(), 1.0) / 3600
    kilometres = spot.metres_to(lat, lng) / 1000
    return kilometres > 1 and kilometres / hours > FASTEST_KMH
