"""Sessions that have long ended, codes of yesterday and wrong sign-ins of last week are of no use to anybody."""

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from models import staff_scan, staff_session
from models.identity import Actor

SESSIONS_KEPT = timedelta(days=30)
FAILURES_KEPT = timedelta(days=7)
SCANS_KEPT = timedelta(days=1)


def forget_old_sign_ins(by: Actor) -> str:
    now = clock.now()
    sessions = staff_session.forget_old_sessions(by.session, now - SESSIONS_KEPT)
    failures = staff_session.forget_old_failures(by.session, now - FAILURES_KEPT)
    scans = staff_scan.forget_old_scans(by.session, now - SCANS_KEPT)
    return f"{sessions} sessions, {failures} counts, {scans} codes"


JOBS = (
    Job(
        "staff.forget_old_sign_ins",
        forget_old_sign_ins,
        CronTrigger(hour=3, minute=40, timezone=clock.COMMUNITY),
        timedelta(hours=12),
    ),
)
