"""At every start: jobs that a stopped process left behind are finished, and logs older than a week are forgotten."""

from __future__ import annotations

from sandbox import api_draft, mass_job
from sandbox.platform import Platform
from sandbox.rules import RID_DAYS


def resume(platform: Platform) -> None:
    """Sends that wait for an administrator go on waiting."""
    _forget(platform)
    waits = bool(platform.store.settings()["mass_confirm"])
    with platform.store.reading() as db:
        sends = db.execute("SELECT msg_id, to_all FROM mass WHERE status = 'SENDING'").fetchall()
        publications = db.execute("SELECT publish_id, app FROM publication WHERE status = 1").fetchall()
    for row in sends:
        if not (row["to_all"] and waits):
            mass_job.run(platform, row["msg_id"])
    for row in publications:
        app = platform.apps.named(row["app"])
        if app:
            api_draft.finish(platform, app, row["publish_id"])


def _forget(platform: Platform) -> None:
    """The platform, too, keeps its request log for seven days; chats stay."""
    before = platform.clock.now() - RID_DAYS
    with platform.store.writing() as db:
        db.execute("DELETE FROM call WHERE at < ?", (before,))
        db.execute("DELETE FROM delivery WHERE at < ?", (before,))
        db.execute("DELETE FROM push WHERE at < ?", (before,))
