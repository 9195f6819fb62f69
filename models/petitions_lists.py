"""Which petitions there are: one resident's, by number, those whose last day comes near, those of a day; and what must
always hold of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from app import clock, privacy
from models.identity import Identity
from models.petitions import ENDED, OFFICE, OPEN, Petition


def whose(identity: Identity) -> str:
    """A keyed hash under the confidential key: with the main database alone nobody finds out who asked."""
    return privacy.keyring("confidential").blind("petition.who", f"{identity.app}|{identity.openid}")


def tail_of(receipt: str, digits: str) -> str:
    return privacy.keyring("confidential").blind("petition.tail", f"{receipt}:{digits}")


def hold(session: Session, number: int) -> Petition | None:
    """Under lock."""
    found = select(Petition).where(Petition.id == number, Petition.state != "draft").with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def draft_of(session: Session, token: str) -> Petition | None:
    return session.scalar(select(Petition).where(Petition.token == token).with_for_update())


def asked_by(hashes: list[str]) -> Select[Petition]:
    mine = Petition.who.in_(hashes), Petition.state != "draft"
    return select(Petition).where(*mine).order_by(Petition.id.desc())


def with_number(session: Session, receipt: str, digits: str) -> Petition | None:
    mine = Petition.receipt == receipt, Petition.tail == tail_of(receipt, digits)
    return session.scalar(select(Petition).where(*mine, Petition.state != "draft"))


def open_petitions() -> Select[Petition]:
    return select(Petition).where(Petition.state.in_(OPEN)).order_by(Petition.due, Petition.id)


def ended_petitions() -> Select[Petition]:
    ended = select(Petition).where(Petition.state.in_(ENDED))
    return ended.order_by(Petition.ended_at.desc(), Petition.id.desc())


def due_within(days: int) -> Select[Petition]:
    """Those where the office must act by then, what is late already among them."""
    limit = clock.today() + timedelta(days=days)
    return open_petitions().where(Petition.state.in_(OFFICE), Petition.due <= limit)


def meeting_on(day: date) -> Select[Petition]:
    begins = clock.at(day, datetime.min.time())
    stretch = and_(Petition.starts >= begins, Petition.starts < begins + timedelta(days=1))
    found = select(Petition).where(stretch, Petition.time_id.is_not(None), Petition.state.in_(OPEN))
    return found.order_by(Petition.starts, Petition.id)


def waiting_before(session: Session, petition: Petition) -> int | None:
    """How many are still to be received before this one on its day; None while it is not that day."""
    if petition.starts is None or clock.local(petition.starts).date() != clock.today() or petition.met_at:
        return None
    before = meeting_on(clock.today()).where(Petition.starts < petition.starts, Petition.met_at.is_(None))
    return len([one for one in session.scalars(before) if one.leader == petition.leader])


# ---- what must always hold -------------------------------------------------------------------------------------------


def no_clock_without_alarm(session: Session) -> list[str]:
    """Trust I15: every petition has a number, a time of receipt and a last day; none is past it without an alarm. (The
    alarm job comes every ten minutes: a day that has just ended is given an hour.)"""
    broken = []
    for one in session.scalars(open_petitions()):
        if one.receipt is None or one.received_at is None or one.due is None:
            broken.append(f"petition {one.id} lacks number, time or last day")
            continue
        ended = clock.at(one.due + timedelta(days=1), datetime.min.time())
        late = one.state in OFFICE and clock.now() > ended + timedelta(hours=1)
        if late and one.alarmed_for != one.due:
            broken.append(f"petition {one.id} is past its last day and nobody was told")
    return broken


def registered_ones_keep_their_rules(session: Session) -> list[str]:
    rows = session.scalars(
        select(Petition).where(Petition.registered_at.is_not(None), Petition.rules.is_(None))
    )
    return [f"petition {one.id} was registered without a version of the law" for one in rows]
