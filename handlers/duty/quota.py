"""A day's quota that is spent (45009): an administrator may have WeChat set it back, ten times a month (trust F15).

Only by hand, never by a program: the ten are shared with WeChat's own console, and a loop that spends the quota would
spend them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, url_for
from werkzeug.wrappers import Response

from app import work
from app.channels.console import as_staff, staff
from app.wechat.errors import NotWeChat, WeChatError
from app.work import Task
from handlers.duty import actions
from handlers.duty.console import console
from models.refusal import Refusal

CLEAR = "duty.clear_quota"
NONE_LEFT = 48006


@console.post("/duty/alarms/clear-quota")
@staff("admin")
def clear_quota() -> Response:
    row = as_staff(lambda by: work.ask_for(by, CLEAR))
    return redirect(url_for("console.show", number=row.id))


def clear_as_work(task: Task) -> Mapping[str, Any]:
    """Refuses with duty.no_quota_spent, .none_left or .quota_not_cleared. A run after a crash clears no second time
    what was cleared and written down."""
    with task.site.database.reading() as session:
        apps = actions.apps_without_quota(session)
    if not apps:
        raise Refusal("duty.no_quota_spent")
    for number, app in enumerate(apps):
        task.step(number, len(apps), "请微信清零")
        kind, _, name = app.partition(":")
        try:
            task.site.wechat(kind, name).clear_quota()
        except (WeChatError, NotWeChat) as fault:
            why = "none_left" if getattr(fault, "errcode", 0) == NONE_LEFT else "quota_not_cleared"
            raise Refusal(f"duty.{why}", advice=fault.advice) from fault
        count = task.writing(lambda by, app=app: actions.note_quota_cleared(by, app))  # type: ignore[misc]
    return {"apps": len(apps), "messages": count}
