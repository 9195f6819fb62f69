"""审稿单: who wrote, read, tested and passed one version of a notice, with room to sign, to be printed and filed.

Facts only; its words stand in templates/broadcasts/print_sheet.typ. It is set as long work, as all papers are.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, work
from app.print import PDF, paper
from app.site import Site
from app.words import day_words
from app.work import Task
from handlers.broadcasts.audience import in_words
from handlers.notices import actions as notices
from models.approval import LATER, digest_of, reviews_of, tests_with_state
from models.broadcasts import Broadcast, BroadcastRecipient
from models.identity import Actor
from models.notices import TWO_PEOPLE, Notice, NoticeReview, NoticeVersion, rule_is_on
from models.refusal import Refusal
from models.staff import StaffMember, staff_names
from models.work import Work

KIND = "broadcasts.sheet"
SHORT = 12


def ask(by: Actor, *, version: NoticeVersion, broadcast: Broadcast | None = None) -> Work:
    row = work.ask_for(by, KIND, version=version.id, broadcast=broadcast.id if broadcast else None)
    by.session.flush()
    return row


def make(task: Task) -> Mapping[str, Any]:
    task.step(0, 2, "收集审稿记录")
    with task.site.database.reading() as session:
        facts = _facts(session, task)
    task.step(1, 2, "排版")
    made = paper("broadcasts/print_sheet", facts)
    task.give_file(made, name=f"审稿单 {facts['title']}.pdf", media_type=PDF, purpose=KIND)
    picture = paper("broadcasts/print_sheet", facts, "png")
    return {"picture": base64.b64encode(picture).decode()}


def _facts(session: Session, task: Task) -> dict[str, Any]:
    version = session.get(NoticeVersion, task.facts["version"])
    broadcast = session.get(Broadcast, task.facts["broadcast"]) if task.facts["broadcast"] else None
    if version is None:
        raise Refusal("notices.no_such_version", number=0)
    printed_by = session.get_one(StaffMember, task.staff_id).name
    return {
        **_words_of(session, version, task.site),
        "reviews": [*_reviews(session, version), *(_last_words(session, broadcast) if broadcast else ())],
        "sending": _sending(session, broadcast) if broadcast else None,
        "two_people": rule_is_on(session, TWO_PEOPLE),
        "printed": f"{printed_by} {_stamp(clock.now())}",
    }


def _words_of(session: Session, version: NoticeVersion, site: Site) -> dict[str, Any]:
    content, community = version.content, site.settings.community
    parts, notice = version.parts, session.get_one(Notice, version.notice_id)
    until = day_words(parts["valid_until"]) if parts["valid_until"] else ""
    return {
        "community": f"{community.name} · {community.account_name}",
        "title": content["title"],
        "number": notice.id,
        "version": version.number,
        "digest": version.digest[:SHORT],
        "category": content["category"],
        "source": content["source"],
        "source_number": content["source_number"] or "",
        "valid": [day_words(parts["valid_from"]), until],
        "summary": content["summary"],
        "bring": content["bring"],
        "second": {name: str(value) for name, value in (content.get("second") or {}).items()},
        "body_length": len(content["body"]),
        "author": version.author.name if version.author else "",
        "made_at": _stamp(version.made_at),
        "score": notices.score_of(version),
        "as_written": version.as_written,
        "ticked": list(version.ticked),
        "allowed": [version.allowed_by.name, version.allowed_reason or ""] if version.allowed_by else [],
    }


def _reviews(session: Session, version: NoticeVersion) -> list[dict[str, Any]]:
    """Every verdict on this notice so far, those on other versions too: what came back, and why."""
    mine = NoticeVersion.notice_id == version.notice_id, NoticeVersion.number <= version.number
    rows = session.execute(
        select(NoticeReview, NoticeVersion)
        .join(NoticeVersion, NoticeVersion.id == NoticeReview.version_id)
        .where(*mine)
        .order_by(NoticeReview.made_at)
    ).all()
    return [_line(one, one.digest == of.digest, of.number) for one, of in rows]


def _last_words(session: Session, broadcast: Broadcast) -> list[dict[str, Any]]:
    now = {broadcast.digest, digest_of(broadcast)}
    rows = reversed(session.scalars(reviews_of(broadcast)).all())
    return [_line(one, one.stage == LATER or one.digest in now, broadcast.version.number) for one in rows]


def _line(one: Any, stands: bool, version: int) -> dict[str, Any]:
    """Of a NoticeReview or a BroadcastReview."""
    return {
        "stage": one.stage,
        "version": version,
        "name": one.staff.name,
        "at": _stamp(one.made_at),
        "passed": one.passed,
        "stands": stands,
        "proofs": list(one.proofs),
        "comment": one.comment,
    }


def _sending(session: Session, broadcast: Broadcast) -> dict[str, Any]:
    tests = session.execute(tests_with_state(broadcast)).all()
    names = staff_names(session)
    digest = broadcast.digest or digest_of(broadcast)
    mine = BroadcastRecipient.broadcast_id == broadcast.id
    counted = select(BroadcastRecipient.road, func.count()).where(mine).group_by(BroadcastRecipient.road)
    return {
        "number": broadcast.id,
        "digest": digest[:SHORT],
        "state": broadcast.state,
        "topic": broadcast.topic,
        "urgent": broadcast.urgent,
        "corrects": broadcast.corrects_id or 0,
        "whom": in_words(session, broadcast.audience),
        "roads": list(broadcast.roads),
        "people": {str(road): int(count) for road, count in session.execute(counted)},
        "author": broadcast.author.name if broadcast.author else "",
        "proposed_at": _stamp(broadcast.proposed_at),
        "begins_at": _stamp(broadcast.begins_at or broadcast.send_at),
        "read_later_at": _stamp(broadcast.reviewed_later_at),
        "tests": [
            {"name": names.get(one.staff_id, ""), "at": _stamp(one.at), "same": one.digest == digest}
            for one, _, _ in tests
        ],
    }


def _stamp(instant: datetime | None) -> str:
    return f"{clock.local(instant):%Y-%m-%d %H:%M}" if instant else ""
