"""The house's own jobs: chain the audit lines, match early receipts, throw away what is no longer needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import delete, select, text, update

from app import clock, files, work
from app.invariants import broken_tonight
from app.jobs import Job, so_many
from app.site import Site
from models import api_session, audit_chain, idempotency, outbox, pages, retention
from models.base import connection_of
from models.conversation import Conversation
from models.identity import Actor
from models.inbox import IS_GUARDED, InboxRow
from models.stored_file import files_past

HIDDEN_HOURS = 1
TALK_DAYS = 8
WORK_DAYS = 30
CHAIN_AT_ONCE = 1000
AUDIT_DAYS = 400
LOOKED_AT = 1000
AT_ONCE = 1000  # rows that one unit throws away

log = structlog.get_logger()


def chain_audit(by: Actor) -> str:
    """Give each new line its place in the chain (trust I10)."""
    return f"{audit_chain.chain_next(by.session, CHAIN_AT_ONCE)} lines"


def tell_audit_head(by: Actor) -> str:
    """Keep where the chain stood at the end of the day, for the trail page and the monthly report."""
    audit_chain.chain_next(by.session, CHAIN_AT_ONCE)
    by.session.flush()
    head = audit_chain.tell_head(by.session)
    return f"{head.seq} {head.chain[:12]}" if head else "nothing new"


def purge_audit(by: Actor) -> str:
    """Lines of 400 days ago go. The sandbox's clock may be far ahead; the database counts days by its own."""
    now = min(clock.now(), datetime.now(UTC))
    return f"{audit_chain.purge(by.session, now - timedelta(days=AUDIT_DAYS))} lines"


def look_at_invariants(site: Site) -> str:
    """What does not hold is for the console's alarms and the log; nothing is mended by itself. It takes a while where
    there are many rows: nobody waits to write meanwhile."""
    with site.database.reading() as session:
        found = broken_tonight(session, site.house.features, site.redis)
    for line in found:
        log.error("invariant_broken", what=line)
    return f"{len(found)} broken" + (f": {found[0]}" if found else "")


def check_invariants(_by: Actor) -> str:
    return "looked"


def match_early_receipts(by: Actor) -> str:
    return f"{outbox.match_early_receipts(by.session)} receipts"


def forget_old_pushes(by: Actor) -> str:
    """A replayed push may come for seven days (trust B06); after that its answer is of no use to anybody."""
    limit = clock.now() - retention.PUSHES
    old = select(InboxRow.key).where(InboxRow.received_at < limit).limit(AT_ONCE)
    gone = by.session.execute(delete(InboxRow).where(InboxRow.key.in_(old)).returning(InboxRow.key)).all()
    return so_many(len(gone), AT_ONCE, "pushes")


def empty_hidden_answers(by: Actor) -> str:
    """What was answered in confidence is of no use after WeChat's last repeat; that it was answered still is."""
    limit = clock.now() - timedelta(hours=HIDDEN_HOURS)
    old = text(IS_GUARDED), InboxRow.received_at < limit
    emptied = update(InboxRow).where(*old).values(answer="").returning(InboxRow.key)
    done = by.session.execute(emptied.execution_options(synchronize_session=False)).all()
    return f"{len(done)} answers"


def forget_old_talks(by: Actor) -> str:
    """Answers of a talk that nobody took up again hold names and phones."""
    silent = Conversation.spoke_at < clock.now() - timedelta(days=TALK_DAYS)
    old = select(Conversation.identity_id).where(silent).limit(AT_ONCE)
    empty: dict[str, Any] = {"talks": [], "offers": None, "done": None, "rest": None}
    # Without `spoke_at` the next night does not look at it again.
    emptied = update(Conversation).where(Conversation.identity_id.in_(old)).values(**empty, spoke_at=None)
    done = by.session.execute(emptied.returning(Conversation.identity_id)).all()
    return so_many(len(done), AT_ONCE, "conversations")


def forget_old_letters(by: Actor) -> str:
    """What a message said is kept for a week after it left or failed; that there was one stays."""
    emptied = outbox.forget_old_facts(by.session, clock.now() - retention.LETTERS, AT_ONCE)
    return so_many(emptied, AT_ONCE, "letters")


def forget_old_browsers(by: Actor) -> str:
    """Browsers whose sign-in, or way to WeChat and back, is over."""
    return f"{pages.forget_over(by.session)} browsers"


def forget_old_calls(by: Actor) -> str:
    """Answers kept for a repeat of the call (48 hours), and logins of the mini-program that have ended."""
    calls, logins = idempotency.forget_old(by.session, AT_ONCE), api_session.forget_dead(by.session)
    return so_many(calls, AT_ONCE, f"calls, {logins} logins")


def renew_statistics(by: Actor) -> str:
    """SQLite plans with what ANALYZE saw last, and without it by guessing; a thousand rows of each index say enough.
    PostgreSQL looks after itself (autovacuum)."""
    connection = connection_of(by.session)
    if connection.dialect.name != "sqlite":
        return "by autovacuum"
    connection.exec_driver_sql(f"PRAGMA analysis_limit={LOOKED_AT}")
    connection.exec_driver_sql("ANALYZE")
    return "renewed"


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
BEFORE_MORNING = CronTrigger(hour=5, minute=30, timezone=clock.COMMUNITY)
AT_DAYS_END = CronTrigger(hour=23, minute=55, timezone=clock.COMMUNITY)
NOW_AND_THEN = CronTrigger(hour="4,10,16,22", minute=40, timezone=clock.COMMUNITY)
AT_NIGHT = CronTrigger(hour=3, minute=10, timezone=clock.COMMUNITY)

HOUSE_JOBS = (
    Job("house.chain_audit", chain_audit, EACH_MINUTE, timedelta(days=30)),
    Job("house.tell_audit_head", tell_audit_head, AT_DAYS_END, timedelta(hours=20)),
    Job("house.purge_audit", purge_audit, AT_NIGHT, timedelta(hours=20)),
    Job(
        "house.check_invariants",
        check_invariants,
        BEFORE_MORNING,
        timedelta(hours=20),
        look=look_at_invariants,
    ),
    Job("house.match_early_receipts", match_early_receipts, EACH_MINUTE, timedelta(days=1)),
    Job("house.empty_hidden_answers", empty_hidden_answers, EACH_HOUR, timedelta(days=2)),
    Job("house.forget_old_pushes", forget_old_pushes, AT_NIGHT, timedelta(hours=20)),
    Job("house.renew_statistics", renew_statistics, NOW_AND_THEN, timedelta(hours=5)),
    Job("house.forget_old_talks", forget_old_talks, AT_NIGHT, timedelta(hours=20)),
    Job("house.forget_old_files", forget_old_files, EACH_HOUR, timedelta(hours=20)),
    Job("house.forget_old_letters", forget_old_letters, AT_NIGHT, timedelta(hours=20)),
    Job("house.forget_old_browsers", forget_old_browsers, EACH_HOUR, timedelta(hours=20)),
    Job("house.forget_old_calls", forget_old_calls, EACH_HOUR, timedelta(hours=20)),
)
