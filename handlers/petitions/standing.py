"""Who of the staff may see a petition: whoever receives petitions, except the ones that it is about. Where nobody of
them is left, those for urgent help do; everybody else needs a second person's yes, for a day (permits.py).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from models.identity import Actor
from models.petitions import Petition, PetitionPermit, PetitionView
from models.refusal import Refusal
from models.staff import StaffMember

ROLE, STAND_IN = "petitions", "care"
HANDLERS = (ROLE, STAND_IN)


def role_for(by: Actor, petition: Petition) -> str | None:
    """In which role this member sees it; None: for them it is not there."""
    staff = by.staff
    if staff is None or staff.id in petition.excluded:
        return None
    if ROLE in staff.roles:
        return ROLE
    return STAND_IN if STAND_IN in staff.roles and not _somebody(by.session, petition) else None


def _somebody(session: Session, petition: Petition) -> bool:
    members = session.scalars(select(StaffMember))
    return any(one.can_enter and ROLE in one.roles and one.id not in petition.excluded for one in members)


def must_see(by: Actor, petition: Petition) -> str:
    """Refuses with petitions.no_such: who may not see it learns nothing from that."""
    role = role_for(by, petition)
    if role is None:
        raise Refusal("petitions.no_such")
    return role


def live_permit(session: Session, petition: Petition, staff: StaffMember) -> PetitionPermit | None:
    mine = PetitionPermit.petition_id == petition.id, PetitionPermit.staff_id == staff.id
    live = select(PetitionPermit).where(*mine, PetitionPermit.until > clock.now())
    return None if staff.id in petition.excluded else session.scalar(live.limit(1))


def note_view(petition: Petition, staff: StaffMember, role: str) -> None:
    petition.views.append(PetitionView(staff_id=staff.id, role=role))
