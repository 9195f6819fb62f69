"""Opening a petition: written down in the common trail first, then for whoever asked, then read. And the way for who
has no part in it: one asks with a reason, another agrees, for a day, and that too is written down for whoever asked.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.petitions import lane, sentences
from handlers.petitions.standing import live_permit, must_see, note_view, role_for
from models import duty
from models.identity import Actor
from models.petitions import Petition, PetitionPermit
from models.refusal import Refusal
from models.staff import StaffMember

PERMIT_LIVES = timedelta(hours=24)
ASKERS = ("care", "desk", "approver")


def open_one(by: Actor, number: int) -> bool:
    """False when it is not there for them; that they tried stands in the trail."""
    staff = _staff(by)
    with lane.looking(by) as session:
        row = _there(session, number)
        role = role_for(by, row) if row is not None else None
    lane.note(by, "petitions.read" if role else "petitions.refused", number)
    if role is not None:
        lane.changing(by, number, lambda petition, _session: note_view(petition, staff, str(role)))
    return role is not None


def open_permitted(by: Actor, number: int) -> bool:
    """The same for who was permitted to."""
    staff = _staff(by)
    role = next((one for one in ASKERS if one in staff.roles), "")
    with lane.looking(by) as session:
        row = _there(session, number)
        may = row is not None and bool(role) and live_permit(session, row, staff) is not None
    lane.note(by, "petitions.read_permitted" if may else "petitions.refused", number)
    if may:
        lane.changing(by, number, lambda petition, _session: note_view(petition, staff, role))
    return may


def _there(session: Session, number: int) -> Petition | None:
    return session.scalar(select(Petition).where(Petition.id == number, Petition.state != "draft"))


def _staff(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("petitions.no_such")
    return by.staff


# ---- one asks, another agrees ------------------------------------------------------------------------------------


def ask_to_read(by: Actor, receipt: str, reason: str) -> None:
    """Whether there is such a number is not told: whoever receives petitions sees the request if there is."""
    staff, said = _staff(by), sentences.words_in(reason, 200)
    lane.note(by, "petitions.ask_to_read", 0)

    def unit(session: Session) -> None:
        row = session.scalar(select(Petition).where(Petition.receipt == receipt))
        if row is not None and staff.id not in row.excluded:
            session.add(PetitionPermit(petition_id=row.id, staff_id=staff.id, reason=said))

    lane.writing(by, unit)
    duty.ring(by.session, "petitions")


def decide(by: Actor, permit_id: int, *, agrees: bool) -> None:
    """Refuses with petitions.no_such, .not_now and, for who asked themselves, .two_people."""
    staff = _staff(by)

    def unit(session: Session) -> int:
        row = session.scalar(select(PetitionPermit).where(PetitionPermit.id == permit_id).with_for_update())
        if row is None:
            raise Refusal("petitions.no_such")
        must_see(by, row.petition)
        if row.staff_id == staff.id:
            raise Refusal("petitions.two_people")
        if row.agreed_by is not None or row.refused_by is not None:
            raise Refusal("petitions.not_now")
        if agrees:
            row.agreed_by, row.until = staff.id, clock.now() + PERMIT_LIVES
        else:
            row.refused_by = staff.id
        return row.petition_id

    number = lane.writing(by, unit)
    lane.note(by, "petitions.agree" if agrees else "petitions.disagree", number)


def waiting_permits(session: Session, number: int) -> list[PetitionPermit]:
    undecided = PetitionPermit.agreed_by.is_(None), PetitionPermit.refused_by.is_(None)
    found = select(PetitionPermit).where(PetitionPermit.petition_id == number, *undecided)
    return list(session.scalars(found.order_by(PetitionPermit.id)))


def permits_of(session: Session, staff_id: int) -> list[PetitionPermit]:
    mine = select(PetitionPermit).where(PetitionPermit.staff_id == staff_id)
    return list(session.scalars(mine.order_by(PetitionPermit.id.desc()).limit(10)))
