"""Jobs that a stopped process left behind are finished by the next one, as a platform that never stops would."""

from __future__ import annotations

from sandbox import api_draft, mass_job
from sandbox.platform import Platform


def resume(platform: Platform) -> None:
    """Sends that wait for an administrator go on waiting."""
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
