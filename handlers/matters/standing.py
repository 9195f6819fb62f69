"""Who may see a matter and move it on: who reported it; the desk; a grid worker for what lies in their grid."""

from __future__ import annotations

from models.identity import Actor, Person
from models.matter_followers import following
from models.matters import Matter, MatterPhoto
from models.refusal import Refusal
from models.staff import StaffMember


def may_see(staff: StaffMember, matter: Matter) -> bool:
    if "desk" in staff.roles:
        return True
    own = staff.grid_id is not None and matter.grid_id == staff.grid_id
    return "grid" in staff.roles and (own or matter.owner_id == staff.id)


def may_see_photo(person: Person, matter: Matter, photo: MatterPhoto) -> bool:
    """Who said it sees what they sent and what was let be seen; who follows only the latter."""
    if photo.file_id is None or photo.what == "voice":
        return False
    return photo.shown or (photo.what == "before" and matter.person_id == person.id)


def must_be_staff(by: Actor, matter: Matter) -> StaffMember | None:
    """Who of the staff acts; the house itself (a job) stands for the desk."""
    if by.staff is None and by.channel == "job":
        return None
    if by.staff is None or not may_see(by.staff, matter):
        raise Refusal("matters.not_yours")
    return by.staff


def must_be_desk(by: Actor) -> None:
    if by.staff is None and by.channel == "job":
        return
    if by.staff is None or "desk" not in by.staff.roles:
        raise Refusal("matters.not_yours")


def must_have_said(by: Actor, matter: Matter) -> None:
    """Who reported it, or the desk for them."""
    if by.staff is not None:
        must_be_staff(by, matter)
    elif by.person is None or by.person.id != matter.person_id:
        raise Refusal("matters.not_yours")


def must_have_said_or_follow(by: Actor, matter: Matter) -> None:
    """Who reported it, who said "me too", or the desk for them."""
    if by.staff is not None or by.person is None or following(by.session, matter, by.person) is None:
        must_have_said(by, matter)
