"""What passed through: pushes of a week, letters that left, notices and to whom they went, lines of the trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.approval import FINAL, digest_of
from models.audit_chain import last_link
from models.broadcasts import Broadcast, BroadcastReview
from models.notices import STAGES, NoticeReview, NoticeVersion

if TYPE_CHECKING:
    from bench.city.town import Town

LETTERS_EACH, LINES_EACH = 5, 8
MOST_LINES = 2_000_000
NOTICES, SENDINGS = 300, 5


def write(town: Town) -> None:
    _pushes(town)
    _letters(town)
    _notices(town)
    _lines(town)


def _pushes(town: Town) -> None:
    from bench.city.town import MESSAGES_EACH, MOST_MESSAGES

    many, answer = (
        min(MOST_MESSAGES, town.many * MESSAGES_EACH),
        town.sealed("inbox.answer", "<xml/>", row=""),
    )
    town.pen.write(
        "inbox",
        "key app kind person_id answer received_at",
        (
            (
                hashlib.sha256(b"%d" % at).hexdigest(),
                "oa:main",
                "text",
                town.person(at * 7),
                answer,
                town.times.ago(at, many, 6.5),
            )
            for at in range(many)
        ),
    )


def _letters(town: Town) -> None:
    """Nearly all have been delivered or have failed long ago."""
    many, facts = min(MOST_LINES, town.many * LETTERS_EACH), town.sealed("outbox.facts", "{}", row="")

    def rows() -> Iterator[tuple[Any, ...]]:
        for at in range(many):
            when = town.times.ago(at, many, 300)
            state = ("delivered", "delivered", "delivered", "submitted", "failed")[at % 5]
            emptied = when < town.times.now - timedelta(days=8)
            yield (
                f"old:{at}",
                "appointments.reminder",
                town.person(at * 3),
                facts,
                state,
                when,
                f"c{at:031}",
                when,
                when,
                when,
                emptied,
            )

    names = "once kind person_id facts state due client_id first_sent_at created_at settled_at emptied"
    town.pen.write("outbox", names, rows())


def _notices(town: Town) -> None:
    """A few hundred notices and the people to whom the last of them went."""
    with town.site.database.reading() as session:
        model = session.scalars(select(NoticeVersion).order_by(NoticeVersion.id)).first()
        assert model is not None
        content, digest = dict(model.content), model.digest
    notice, version = town.pen.next_id("notice"), town.pen.next_id("notice_version")
    whole, ago = range(NOTICES), town.times.ago
    town.pen.write(
        "notice",
        "id title category source summary valid_from state published_at changed_at",
        (
            (
                notice + at,
                f"通知{at}",
                content["category"],
                "社区",
                "一句话。",
                ago(at, NOTICES, 300).date(),
                "published",
                *[ago(at, NOTICES, 300)] * 2,
            )
            for at in whole
        ),
    )
    town.pen.write(
        "notice_version",
        "id notice_id number content digest made_at published_at",
        ((version + at, notice + at, 1, content, digest, *[ago(at, NOTICES, 300)] * 2) for at in whole),
    )
    sending, staff = town.pen.next_id("broadcast"), town.staff[:2]
    town.pen.write(
        "broadcast",
        "id notice_id version_id state topic author_id digest approved_by_id approved_at created_at"
        " begins_at useful_until begun_at ended_at begun_with",
        (
            (
                sending + at,
                notice + at,
                version + at,
                "done",
                "办事",
                staff[0],
                digest,
                staff[1],
                *[ago(at, SENDINGS, 100)] * 6,
                town.many,
            )
            for at in range(SENDINGS)
        ),
    )
    _approve(town, range(sending, sending + SENDINGS))
    town.pen.write(
        "broadcast_recipient",
        "broadcast_id person_id position road state settled_as",
        (
            (sending + at, town.person(who), who, "custom", "outbox", "delivered")
            for at in range(SENDINGS)
            for who in range(min(town.many, MOST_LINES // SENDINGS))
        ),
    )


def _approve(town: Town, sendings: range) -> None:
    """Both readings and the last word, by others than the author (trust I9)."""
    _, second, third = town.staff[:3]

    def unit(session: Session) -> None:
        for row in session.scalars(select(Broadcast).where(Broadcast.id.in_(sendings))):
            row.digest = digest_of(row)
            words = {"version_id": row.version_id, "digest": row.version.digest}
            for stage, reader in zip(STAGES, (second, third), strict=True):
                session.add(NoticeReview(**words, stage=stage, staff_id=reader, passed=True))
            final = {"broadcast_id": row.id, "digest": row.digest, "staff_id": second}
            session.add(BroadcastReview(**final, stage=FINAL, passed=True))

    town.site.database.writing(unit)


def _lines(town: Town) -> None:
    """Lines in their chain, as models.audit_chain.link makes it."""
    many = min(MOST_LINES, town.many * LINES_EACH)
    line = town.pen.next_id("audit_line")
    seq, previous = _chained(town)

    def rows() -> Iterator[tuple[Any, ...]]:
        before = previous
        for at in range(many):
            when, who = town.times.ago(at, many, 180), town.person(at)
            said = [
                line + at,
                when.isoformat(),
                f"staff:{town.staff[at % 5]}",
                "console",
                "people:record:opened",
                "person",
                str(who),
            ]
            text = json.dumps([before, seq + at + 1, *said, {}], ensure_ascii=False, sort_keys=True)
            before = hashlib.sha256(text.encode()).hexdigest()
            yield line + at, when, *said[2:], {}, seq + at + 1, before

    town.pen.write("audit_line", "id at actor channel action object_kind object_id facts seq chain", rows())


def _chained(town: Town) -> tuple[int, str]:
    """Where the chain ends when everything of before has its place."""
    from models.audit_chain import chain_next

    while town.site.database.writing(lambda session: chain_next(session, 5000)):
        pass
    with town.site.database.reading() as session:
        return last_link(session)
