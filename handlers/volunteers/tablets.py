"""Tablets on the wall: made, bound to one device, shut off. Staff only; a device proves itself by its mark."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from app import audit, clock
from models import tablets as model
from models.identity import Actor
from models.refusal import Refusal
from models.tablets import WallTablet

MOST = 30


def add(by: Actor, *, name: str, place: str, shows: str = "codes") -> WallTablet:
    """Raises Refusal tablet_no_place, too_many_tablets."""
    _must_be_staff(by)
    if not name.strip() or not place.strip():
        raise Refusal("volunteers.tablet_no_place")
    if len(by.session.scalars(model.tablets().limit(MOST)).all()) >= MOST:
        raise Refusal("volunteers.too_many_tablets", most=MOST)
    if shows not in model.SHOWS:
        raise ValueError(shows)
    maker = by.staff.id if by.staff else None
    tablet = WallTablet(name=name.strip(), place=place.strip(), shows=shows, made_by_id=maker)
    by.session.add(tablet)
    by.session.flush()
    audit.note(by, "volunteers.tablet_add", tablet)
    return tablet


def issue_code(by: Actor, tablet: WallTablet) -> str:
    """A code that one device may open within half an hour; a device that was bound before shows nothing from now on."""
    _must_be_staff(by)
    if tablet.revoked_at is not None:
        raise Refusal("volunteers.tablet_gone")
    code = model.new_code()
    tablet.code_index, tablet.code_until = model.code_index(code), clock.now() + model.CODE_LIVES
    tablet.device_index = tablet.opened_at = tablet.seen_at = None
    audit.note(by, "volunteers.tablet_code", tablet)
    return code


def revoke(by: Actor, tablet: WallTablet) -> None:
    """It shows nothing any more, from the next look on. Twice is once."""
    _must_be_staff(by)
    if tablet.revoked_at is None:
        tablet.revoked_at, tablet.code_index, tablet.device_index = clock.now(), None, None
        audit.note(by, "volunteers.tablet_revoke", tablet)


def open_on(by: Actor, code: str) -> str:
    """Bind the device that sends this code; the mark that it must keep. The code opens once.

    Raises Refusal tablet_code_wrong, tablet_code_used.
    """
    tablet = model.by_code(by.session, "".join(code.split()).upper())
    if tablet is None:
        raise Refusal("volunteers.tablet_code_wrong")
    mark = secrets.token_urlsafe(32)
    if not model.bind(by.session, tablet, mark):
        raise Refusal("volunteers.tablet_code_used")
    audit.note(by, "volunteers.tablet_open", tablet)
    return mark


def touch(by: Actor, tablet: WallTablet) -> None:
    """It has asked."""
    tablet.has_asked()


def silent(by: Actor) -> Sequence[WallTablet]:
    return model.silent_tablets(by.session)


def _must_be_staff(by: Actor) -> None:
    if by.staff is None and by.channel != "job":
        raise Refusal("activities.not_leader")
