"""A talk that turns out to be about violence, drugs, a child in danger: its words leave the common inbox for good and
go to the few who may read them (trust 1.3, C4).

The confidential database commits first, under a key made of the talk and its last line; then the talk goes, with its
drafts, files and what lies in the outbox. A crash in between is healed by the second try: the same key, one matter.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import audit, clock, files, privacy
from app.database import Database
from models import duty
from models.base import insert_once
from models.confidential import ConfidentialMatter
from models.desk import DeskDraft, DeskLine, DeskTalk
from models.identity import Actor
from models.outbox import OutboxRow
from models.refusal import Refusal

KIND, ROLE = "from_desk", "care"
SPEAKERS = {"resident": "居民", "staff": "工作人员", "note": "备注"}
LEAVING, NOT_LEFT = ("sending",), ("waiting",)
MOVED = "对话已移走,没有再发。"


def move(by: Actor, confidential: Database, talk: DeskTalk, shown: int) -> int:
    """Move all that was said in this talk; how many lines. `shown` is what whoever decided has seen.

    Refuses with desk.more_was_said and desk.still_leaving.
    """
    talk = by.session.scalars(
        select(DeskTalk)
        .where(DeskTalk.id == talk.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    lines = by.session.scalars(
        select(DeskLine).where(DeskLine.talk_id == talk.id).order_by(DeskLine.id)
    ).all()
    if len(lines) != shown:
        raise Refusal("desk.more_was_said", count=len(lines))
    _empty_outbox(by.session, lines)
    _keep(confidential, talk, lines)
    audit.note(by, "desk.move", talk, count=len(lines))
    _remove(by.session, talk, lines)
    duty.ring(by.session, ROLE)
    return len(lines)


def _empty_outbox(session: Session, lines: Sequence[DeskLine]) -> None:
    """Answers that have left keep no words; what has not left stays here. One on its way is waited for."""
    keys = [f"desk:{line.id}" for line in lines if line.speaker == "staff"]
    rows = session.scalars(select(OutboxRow).where(OutboxRow.once.in_(keys)).with_for_update()).all()
    if any(row.state in LEAVING for row in rows):
        raise Refusal("desk.still_leaving")
    for row in rows:
        row.facts, row.emptied = {}, True
        if row.state in NOT_LEFT:
            row.state, row.reason, row.settled_at = "cancelled", MOVED, clock.now()


def _keep(confidential: Database, talk: DeskTalk, lines: Sequence[DeskLine]) -> None:
    keyring = privacy.keyring("confidential")
    last = lines[-1].id if lines else 0
    row = {
        "key": keyring.blind("confidential_matter.key", f"desk|{talk.id}|{last}"),
        "kind": KIND,
        "app": talk.identity.app,
        "openid": talk.identity.openid,
        "text": "\n".join(_said(line) for line in lines) or "(没有说过话)",
    }
    confidential.writing(lambda session: insert_once(session, ConfidentialMatter, **row))


def _said(line: DeskLine) -> str:
    when = f"{clock.local(line.at):%m-%d %H:%M}"
    words = line.text.replace("〔", "(")  # nobody's words are taken for a file that we attached
    return f"{when} {SPEAKERS[line.speaker]}:{words}{_attached(line)}"


def _attached(line: DeskLine) -> str:
    """The file itself, for the care page to show: nothing of it stays in the common store."""
    if line.file is None:
        return "(原件没有取到)" if line.media_id else ""
    try:
        content = files.content_of(line.file)
    except files.FileGone:
        return "(原件打不开)"
    return f"〔{line.file.name}|data:{line.file.media_type};base64,{b64encode(content).decode()}〕"


def _remove(session: Session, talk: DeskTalk, lines: Sequence[DeskLine]) -> None:
    for line in lines:
        if line.file is not None:
            files.remove(session, line.file)
    session.execute(delete(DeskDraft).where(DeskDraft.talk_id == talk.id))
    session.execute(delete(DeskLine).where(DeskLine.talk_id == talk.id))
    session.execute(delete(DeskTalk).where(DeskTalk.id == talk.id))
