"""The house's own jobs: chain the audit lines, match early receipts, throw away what is no longer needed."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import delete, select

from app import clock, files, work
from app.jobs import Job
from models import api_session, idempotency, outbox
from models.audit import AuditLine
from models.conversation import Conversation
from models.identity import Actor
from models.inbox import InboxRow
from models.stored_file import files_past

INBOX_DAYS = 7
TALK_DAYS = 8
WORK_DAYS = 30
CHAIN_AT_ONCE = 1000
GENESIS = "0" * 64


def chain_audit(by: Actor) -> str:
    """Hash each new line with the one before it, so that a missing or changed line shows (trust I10)."""
    session = by.session
    last = session.scalar(
        select(AuditLine.chain).where(AuditLine.chain.is_not(None)).order_by(AuditLine.id.desc()).limit(1)
    )
    lines = session.scalars(
        select(AuditLine).where(AuditLine.chain.is_(None)).order_by(AuditLine.id).limit(CHAIN_AT_ONCE)
    ).all()
    previous = last or GENESIS
    for line in lines:
        previous = line.chain = link(previous, line)
    return f"{len(lines)} lines"


def link(previous: str, line: AuditLine) -> str:
    """The chain value of a line: SHA-256 over the previous value and everything the line says."""
    said = [
        line.id,
        line.at.isoformat(),
        line.actor,
        line.channel,
        line.action,
        line.object_kind,
        line.object_id,
    ]
    text = json.dumps([previous, *said, line.facts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def match_early_receipts(by: Actor) -> str:
    return f"{outbox.match_early_receipts(by.session)} receipts"


def forget_old_pushes(by: Actor) -> str:
    """A replayed push may come for seven days (trust B06); after that its answer is of no use to anybody."""
    limit = clock.now() - timedelta(days=INBOX_DAYS)
    gone = by.session.execute(
        delete(InboxRow).where(InboxRow.received_at < limit).returning(InboxRow.key)
    ).all()
    return f"{len(gone)} pushes"


def forget_old_talks(by: Actor) -> str:
    """Answers of a talk that nobody took up again hold names and phones."""
    limit = clock.now() - timedelta(days=TALK_DAYS)
    rows = by.session.scalars(select(Conversation).where(Conversation.spoke_at < limit)).all()
    stale = [row for row in rows if row.talks or row.offers or row.done or row.rest]
    for row in stale:
        row.talks, row.offers, row.done, row.rest = [], None, None, None
    return f"{len(stale)} conversations"


def forget_old_calls(by: Actor) -> str:
    """Answers kept for a repeat of the call (48 hours), and logins of the mini-program that have ended."""
    calls, logins = idempotency.forget_old(by.session), api_session.forget_dead(by.session)
    return f"{calls} calls, {logins} logins"


def forget_old_files(by: Actor) -> str:
    """Files whose time is over, files that no row knows, and long work of a month ago."""
    past = by.session.scalars(files_past()).all()
    for row in past:
        files.remove(by.session, row)
    orphans = files.sweep(by.session, clock.now())
    works = work.forget_old(by.session, clock.now() - timedelta(days=WORK_DAYS))
    return f"{len(past)} files, {orphans} orphans, {works} works"


EACH_MINUTE = CronTrigger(minute="*", timezone=clock.COMMUNITY)
EACH_HOUR = CronTrigger(minute=20, timezone=clock.COMMUNITY)
AT_NIGHT = CronTrigger(hour=3, minute=10, timezone=clock.COMMUNITY)

HOUSE_JOBS = (
    Job("house.chain_audit", chain_audit, EACH_MINUTE, timedelta(days=30)),
    Job("house.match_early_receipts", match_early_receipts, EACH_MINUTE, timedelta(days=1)),
    Job("house.forget_old_pushes", forget_old_pushes, AT_NIGHT, timedelta(hours=20)),
    Job("house.forget_old_talks", forget_old_talks, AT_NIGHT, timedelta(hours=20)),
    Job("house.forget_old_files", forget_old_files, EACH_HOUR, timedelta(hours=20)),
    Job("house.forget_old_calls", forget_old_calls, EACH_HOUR, timedelta(hours=20)),
)
