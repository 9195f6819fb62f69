"""From the frozen audience into the outbox, a little at a time: who has meanwhile left or said no gets nothing.

Only so many messages wait there at once, so that a pause is quick and nobody's own message is behind 10,000 of these.
What cannot be written for one person blocks that person only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, String, cast, exists, literal, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.database import run_in_savepoint
from app.settings import Delivery
from app.site import Site
from app.wechat.capabilities import Capability
from handlers.broadcasts.forms import card_of
from models import broadcast_run as run
from models import outbox
from models.audience import wants
from models.broadcasts import Broadcast, BroadcastRecipient
from models.identity import Actor, Identity, Person
from models.outbox import OutboxRow

log = structlog.get_logger()
KIND = "broadcasts.notice"


@dataclass(frozen=True, slots=True)
class Ways:
    """What this installation has for sending: its quiet hours, the address of its pages, and the accounts ("oa:main")
    for mass sends: those that may name openids (`mass`), and those that write to all their followers (`posts`)."""

    delivery: Delivery
    public_url: str
    mass: tuple[str, ...]
    posts: tuple[str, ...]

    @classmethod
    def of(cls, site: Site) -> Ways:
        settings = site.settings
        can = {f"oa:{one.name}": site.wechat("oa", one.name).can for one in settings.accounts}
        mass = tuple(app for app, has in can.items() if has(Capability.MASS_OPENID))
        posts = tuple(app for app, has in can.items() if app not in mass and has(Capability.MASS_TAG))
        return cls(settings.delivery, settings.web.public_url, mass, posts)


def pour(by: Actor, row: Broadcast, ways: Ways) -> int:
    """Hand the next of the queue to the outbox; how many rows were looked at."""
    picked = by.session.scalars(run.pourable(by.session, row).limit(run.AT_ONCE)).all()
    batch = BroadcastRecipient.id.in_([one.id for one in picked])
    pass_over(by, row, batch)
    willing = by.session.scalars(run.queued(row).where(batch)).all()
    try:
        run_in_savepoint(by.session, lambda: _hand_over(by, row, willing, ways))
    except SQLAlchemyError:
        log.exception("pouring_one_by_one", broadcast=row.id)
        for one in willing:
            _alone(by, row, one, ways)
    return len(picked)


def _hand_over(by: Actor, row: Broadcast, recipients: Sequence[BroadcastRecipient], ways: Ways) -> None:
    """Their messages, and their rows pointing at them."""
    outbox.put_bundle(
        by.session,
        row.bundle,
        [one.person_id for one in recipients if one.person_id],
        kind=KIND,
        facts=card_of(row, ways.public_url),
        roads=[road for road in run.PERSONAL_ROADS if road in row.roads],
        useful_until=run.useful_until(row),
    )
    once = literal(f"{row.bundle}:") + cast(BroadcastRecipient.person_id, String)
    letter = select(OutboxRow.id).where(OutboxRow.once == once).scalar_subquery()
    by.session.execute(
        update(BroadcastRecipient)
        .where(BroadcastRecipient.id.in_([one.id for one in recipients]))
        .values(state="outbox", outbox_id=letter)
        .execution_options(synchronize_session=False)
    )


def _alone(by: Actor, row: Broadcast, one: BroadcastRecipient, ways: Ways) -> None:
    try:
        run_in_savepoint(by.session, lambda: _hand_over(by, row, [one], ways))
    except SQLAlchemyError:
        one.state, one.settled_as, one.why = "cancelled", "failed", "broken"


# ---- who is passed over ----------------------------------------------------------------------------------------------


def pass_over(by: Actor, row: Broadcast, which: ColumnElement[bool]) -> None:
    """Of these, whoever was erased, does not want it any more or has left since the audience was frozen gets nothing;
    what is urgent, or puts right what they got, asks nobody whether they want it."""
    _follow_joined(by, row, which)
    mine = BroadcastRecipient.person_id
    erased = exists().where(Person.id == mine, Person.erased_at.is_not(None))
    reads = exists().where(Identity.person_id == mine, or_(Identity.following, Identity.kind == "mini"))
    why: dict[str, ColumnElement[bool]] = {}
    why["erased"] = or_(mine.is_(None), erased.correlate(BroadcastRecipient))
    if not row.goes_to_all:
        unwilling = exists().where(Person.id == mine, ~wants(row.topic))
        why["unwanted"] = unwilling.correlate(BroadcastRecipient)
    why["left"] = ~reads.correlate(BroadcastRecipient)
    for reason, them in why.items():
        run.settle_queued(by.session, row, which, them, state="cancelled", why=reason)


def _follow_joined(by: Actor, row: Broadcast, which: ColumnElement[bool]) -> None:
    """Two records have turned out to be one person: who stays is told, and told once."""
    gone = run.queued(row).join(Person).where(which, Person.merged_into_id.is_not(None))
    for one in by.session.scalars(gone).all():
        kept = one.person.merged_into_id if one.person else None
        twin = BroadcastRecipient.broadcast_id == row.id, BroadcastRecipient.person_id == kept
        if by.session.scalar(select(BroadcastRecipient.id).where(*twin)) is not None:
            one.state, one.why = "cancelled", "merged"
        else:
            one.person_id = kept
        by.session.flush()
