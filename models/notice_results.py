"""What became of subscription notices: WeChat's report finds its message.

The account's call answers without a number of the message, so such a row carries a name of ours until the report
comes. A report may come before our own row knows how its call ended; then it waits under that name (trust F21).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from models import outbox
from models.grants import KIND_OF_ROAD
from models.identity import Identity
from models.outbox import OutboxRow

OWN = "outbox:"


def own_id(row_id: int) -> str:
    """What a message is called for which WeChat has given no number."""
    return f"{OWN}{row_id}"


def note_result(
    session: Session, reader: Identity, kinds: Sequence[str], msg_id: str, *, ok: bool, reason: str | None
) -> None:
    """The report of one notice to `reader`; `kinds` are those messages of ours that go by its template."""
    for name in _names(session, reader, kinds, msg_id):
        outbox.receipt(session, name, delivered=ok, reason=reason)


def _names(session: Session, reader: Identity, kinds: Sequence[str], msg_id: str) -> list[str]:
    """By which names the report is looked for: its number if a row knows it, else the oldest that has none."""
    if session.scalar(select(OutboxRow.id).where(OutboxRow.wechat_id == msg_id).limit(1)) is not None:
        return [msg_id]
    row = session.scalars(_without_number(reader, kinds)).first()
    if row is None:
        return [msg_id]
    return [own_id(row.id)] if row.state == "submitted" else [own_id(row.id), msg_id]


def _without_number(reader: Identity, kinds: Sequence[str]) -> Select[OutboxRow]:
    """What has gone comes before what is being sent at this moment."""
    road = next(road for road, kind in KIND_OF_ROAD.items() if kind == reader.kind)
    unnamed = or_(OutboxRow.wechat_id.is_(None), OutboxRow.wechat_id.startswith(OWN))
    mine = [
        OutboxRow.person_id == reader.person_id,
        OutboxRow.road == road,
        OutboxRow.state.in_(("submitted", "sending")),
        OutboxRow.first_sent_at.is_not(None),
        OutboxRow.kind.in_(kinds),
        unnamed,
    ]
    return (
        select(OutboxRow).where(*mine).order_by(OutboxRow.state.desc(), OutboxRow.first_sent_at, OutboxRow.id)
    )
