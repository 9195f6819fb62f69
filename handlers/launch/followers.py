"""Followers from before: WeChat tells their openids, ten thousand in a call, and what it knows of a hundred."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select

from app import clock
from app.site import Site
from app.wechat.errors import NotWeChat, WeChatError
from app.work import Task
from handlers.launch import actions
from models.identity import Actor, Identity
from models.refusal import Refusal

T = TypeVar("T")
Writing = Callable[[Callable[[Actor], T]], T]

IMPORT = "launch.import_followers"
AT_ONCE, IDS_AT_ONCE = 100, 500


def import_as_work(task: Task) -> Mapping[str, Any]:
    return import_followers(task.site, task.writing, lambda done, total: task.step(done, total, "记下关注者"))


def import_followers(
    site: Site, writing: Writing[Any], step: Callable[[int, int], None] = lambda _done, _total: None
) -> dict[str, int]:
    """Everybody who follows the account becomes somebody we can write to, with an id and nothing else; whom WeChat no
    longer lists does not follow. Refuses with launch.wechat_said_no; what was noted until then stays."""
    app, began, new = app_of(site), clock.now(), 0
    try:
        openids = list(site.main.users.followers())
        for start in range(0, len(openids), AT_ONCE):
            step(start, len(openids))
            known = site.main.users.batch(openids[start : start + AT_ONCE])
            new += writing(lambda by, known=known: actions.note_followers(by, app, known))  # type: ignore[misc]
    except (WeChatError, NotWeChat) as fault:
        raise Refusal("launch.wechat_said_no", advice=fault.advice) from fault
    gone = writing(lambda by: actions.note_gone(by, app, began, _ids(by, app, openids)))
    return {"followers": len(openids), "new": new, "gone": gone}


def app_of(site: Site) -> str:
    return f"oa:{site.settings.accounts[0].name}"


def _ids(by: Actor, app: str, openids: Sequence[str]) -> set[int]:
    """Ours of those whom WeChat lists."""
    return {number for part in _parts(openids) for number in by.session.scalars(_among(app, part))}


def _parts(openids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (openids[start : start + IDS_AT_ONCE] for start in range(0, len(openids), IDS_AT_ONCE))


def _among(app: str, openids: Sequence[str]) -> Any:
    return select(Identity.id).where(Identity.app == app, Identity.openid.in_(openids))
