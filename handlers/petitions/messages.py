"""What leaves the confidential lane: that there is something new, and that there is an appointment; nothing more. The
kinds are the house's own ("_base.…"), so that a message does not tell what it is about even by its name."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, privacy
from models import outbox
from models.identity import Person, find_identity
from models.outbox import OutboxRow
from models.petitions import Petition

NEWS, AHEAD = "_base.something_new", "_base.appointment_ahead"
EVENING = time(18)
USEFUL = timedelta(days=14)


def key_of(what: str, petition: Petition, number: int) -> str:
    """Under the confidential key: the outbox cannot be laid beside the table of who has the room."""
    return privacy.keyring("confidential").blind("petition.message", f"{what}:{petition.token}:{number}")


def person_of(session: Session, petition: Petition) -> Person | None:
    if petition.app is None or petition.openid is None:
        return None
    identity = find_identity(session, petition.app, petition.openid)
    return identity.person if identity is not None else None


def put_news(session: Session, petition: Petition, step_id: int) -> bool:
    """True when it stands in the outbox already: committed, or to nobody."""
    person, once = person_of(session, petition), key_of("step", petition, step_id)
    if person is None or is_there(session, once):
        return True
    until = clock.now() + USEFUL
    outbox.put(
        session, to=person, kind=NEWS, once=once, facts={"at": clock.now().isoformat()}, useful_until=until
    )
    return False


def put_reminder(session: Session, petition: Petition) -> None:
    person, once = person_of(session, petition), key_of("place", petition, petition.place)
    if person is None or petition.starts is None or is_there(session, once):
        return
    due = evening_before(petition.starts)
    if due > clock.now():
        facts = {"starts": petition.starts.isoformat()}
        outbox.put(
            session, to=person, kind=AHEAD, once=once, facts=facts, due=due, useful_until=petition.starts
        )


def take_back_reminder(session: Session, petition: Petition, place: int) -> None:
    outbox.cancel(session, key_of("place", petition, place))


def is_there(session: Session, once: str) -> bool:
    return session.scalar(select(OutboxRow.id).where(OutboxRow.once == once)) is not None


def evening_before(starts: datetime) -> datetime:
    return clock.at(clock.local(starts).date() - timedelta(days=1), EVENING)
