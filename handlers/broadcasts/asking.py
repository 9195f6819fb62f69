"""What became of a call whose report has not come: WeChat is asked; of a publication soon, as its event may never come,
of a mass send after a few minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.site import Site
from app.wechat.errors import NotWeChat, WeChatError
from handlers.broadcasts import reports
from models.broadcasts import BroadcastCall

# by "is it a publication": when it is first asked after, and how long between two questions
FIRST_ASKED = {True: timedelta(seconds=20), False: timedelta(minutes=5)}
ASKED_EVERY = {True: timedelta(minutes=1), False: timedelta(minutes=10)}
ASKED_FOR = timedelta(hours=24)
ENDS = {"SEND_SUCCESS": True, "DELETE": True, "SEND_FAIL": False}


def ask_after(site: Site) -> int:
    """How many were asked after."""
    with site.database.reading() as session:
        due = session.execute(_due().with_only_columns(BroadcastCall.id)).scalars().all()
    return sum(_ask(site, number) for number in due)


def _due() -> Any:
    now = clock.now()
    recent = BroadcastCall.first_sent_at > now - ASKED_FOR
    mine = BroadcastCall.state == "submitted", BroadcastCall.wechat_id.is_not(None), recent
    return select(BroadcastCall).where(*mine, BroadcastCall.due <= now).order_by(BroadcastCall.due)


def _ask(site: Site, number: int) -> bool:
    claimed = site.database.writing(lambda session: _claim(session, number))
    if claimed is None:
        return False
    kind, app, wechat_id = claimed
    try:
        report = _report(site, kind, app, wechat_id)
    except (WeChatError, NotWeChat):
        return True  # its turn comes again
    if report is not None:
        group = reports.PUBLISH if kind == "publish" else reports.MASS
        site.database.writing(lambda session: reports.take(session, group, wechat_id, report))
    return True


def _claim(session: Session, number: int) -> tuple[str, str, str] | None:
    one = _due().where(BroadcastCall.id == number).with_for_update(skip_locked=True)
    call = session.scalar(one)
    if call is None:
        return None
    call.due = clock.now() + ASKED_EVERY[call.kind == "publish"]
    return call.kind, call.app, call.wechat_id


def _report(site: Site, kind: str, app: str, wechat_id: str) -> dict[str, Any] | None:
    """None while it is not over."""
    wechat = site.wechat(*app.split(":", 1))
    if kind == "publish":
        found = wechat.publishing.get(wechat_id)
        over = found.status not in (reports.PUBLISHING, -1)
        return reports.of_publication(found.status, found.urls) if over else None
    ok = ENDS.get(wechat.mass.state(wechat_id))
    return None if ok is None else {"ok": ok, "counts": None, "url": None, "code": None}
