"""The leader's page that works without a network: a signed link of one session for one leader, bound to the first phone
that opens it; and who came without standing on the list, typed there, to be matched by the staff.

A link is `<id>.<proof>`; the proof is made with the session's own secret and stored nowhere. The phone's secret is kept
as a keyed hash. A link that was let go opens no list any more; what its phone had noted before that is still taken.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from app.understanding.numbers import number_in
from models import place_code
from models.activities import ActivitySession
from models.base import Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.staff import StaffMember

SYNCS_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)
_LIVE = text("let_go_at IS NULL")


class LeaderDevice(Base):
    """One link: for a resident who leads (`person_id`) or a member of the staff (`staff_id`). `secret_index` is empty
    until a phone has opened it. `roster_at`: when that phone's taking of the list was last written down."""

    __tablename__ = "leader_device"
    __table_args__ = (
        *(
            Index(
                f"uq_leader_device_live_{column}",
                "session_id",
                column,
                unique=True,
                postgresql_where=_LIVE,
                sqlite_where=_LIVE,
            )
            for column in ("person_id", "staff_id")
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    secret_index: Mapped[str | None] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    bound_at: Mapped[datetime | None] = mapped_column(Instant)
    roster_at: Mapped[datetime | None] = mapped_column(Instant)
    synced_at: Mapped[datetime | None] = mapped_column(Instant)
    let_go_at: Mapped[datetime | None] = mapped_column(Instant)

    session: Mapped[ActivitySession] = relationship(lazy="joined")
    person: Mapped[Person | None] = relationship()
    staff: Mapped[StaffMember | None] = relationship()

    @property
    def until(self) -> datetime:
        return until(self.session)

    @property
    def link(self) -> str:
        return f"{self.id}.{place_code.device_proof(self.session, self.id)}"


class UnlistedArrival(RowKey, Base):
    """Somebody who came and stands on no list: name and phone as the leader typed them, until the staff have found who
    it is ("matched", then `person_id`) or nobody ("dropped"); then both are taken away. Coming, leaving and taking back
    may arrive in any order, all under the first record's nonce."""

    __tablename__ = "unlisted_arrival"
    __table_args__ = (
        UniqueConstraint("device_id", "nonce"),
        CheckConstraint("state IN ('waiting', 'matched', 'dropped')", name="state"),
        Index("ix_unlisted_arrival_state_received_at", "state", "received_at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("activity_session.id"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("leader_device.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    nonce: Mapped[str] = mapped_column(String(64))
    _name: Mapped[bytes | None] = mapped_column("name", LargeBinary)
    _phone: Mapped[bytes | None] = mapped_column("phone", LargeBinary)
    came_at: Mapped[datetime | None] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    received_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    name = RowSealed[str | None]("unlisted_arrival.name")
    phone = RowSealed[str | None]("unlisted_arrival.phone")
    person: Mapped[Person | None] = relationship()


# ---- links and their phones ------------------------------------------------------------------------------------------


def until(held: ActivitySession) -> datetime:
    """So long its phones may bring what they have noted."""
    return held.shuts_at + SYNCS_FOR


def devices_of(held: ActivitySession) -> Select[LeaderDevice]:
    """The newest first."""
    return select(LeaderDevice).where(LeaderDevice.session_id == held.id).order_by(LeaderDevice.id.desc())


def devices_led_with(person: Person) -> Select[LeaderDevice]:
    """Links that this resident was given."""
    return select(LeaderDevice).where(LeaderDevice.person_id == person.id).order_by(LeaderDevice.id)


def live_device(
    session: Session, held: ActivitySession, person: Person | None, staff: StaffMember | None
) -> LeaderDevice | None:
    """The link of this leader that holds now: a member of the staff when there is one, else the resident."""
    mine = (
        LeaderDevice.staff_id == staff.id if staff else LeaderDevice.person_id == (person.id if person else 0)
    )
    return session.scalar(devices_of(held).where(mine, LeaderDevice.let_go_at.is_(None)))


def device_of_link(session: Session, held: int, link: str) -> LeaderDevice | None:
    """The row of a link of this session that was really made by us."""
    key, _, proof = link.partition(".")
    row = session.get(LeaderDevice, number_in(key) or 0)
    if row is None or row.session_id != held:
        return None
    return row if hmac.compare_digest(row.link.partition(".")[2].encode(), proof.encode()) else None


def secret_index(secret: str) -> str:
    return privacy.keyring().blind("leader_device.secret", secret)


def bind(session: Session, device: LeaderDevice, secret: str) -> bool:
    """Make this phone the link's one phone; False when another one was quicker."""
    free = LeaderDevice.id == device.id, LeaderDevice.secret_index.is_(None), LeaderDevice.let_go_at.is_(None)
    taken = (
        update(LeaderDevice)
        .where(*free)
        .values(secret_index=secret_index(secret), bound_at=clock.now())
        .returning(LeaderDevice.id)
        .execution_options(synchronize_session=False)
    )
    done = session.execute(taken).first() is not None
    session.refresh(device)
    return done


# ---- who stands on no list -------------------------------------------------------------------------------------------


def arrival_of(session: Session, device: LeaderDevice, nonce: str) -> UnlistedArrival | None:
    mine = UnlistedArrival.device_id == device.id, UnlistedArrival.nonce == nonce
    return session.scalar(select(UnlistedArrival).where(*mine))


def arrivals_waiting() -> Select[UnlistedArrival]:
    """Those who came and whom nobody has found yet; the first first. Whoever only left, as far as we know, waits for
    the other half."""
    waiting = UnlistedArrival.state == "waiting", UnlistedArrival.came_at.is_not(None)
    return select(UnlistedArrival).where(*waiting).order_by(UnlistedArrival.came_at, UnlistedArrival.id)


def arrivals_to_forget() -> Select[UnlistedArrival]:
    """Whom nobody has matched for a month: nobody will."""
    before = clock.now() - KEPT_FOR
    return select(UnlistedArrival).where(
        UnlistedArrival.received_at < before, UnlistedArrival.name.is_not(None)
    )
