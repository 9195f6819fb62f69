"""Sending the menu to WeChat: long work, since the network is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wechat.errors import NotWeChat, WeChatError
from app.work import Task
from handlers.menus import actions
from handlers.menus.checks import faults_of
from models.menus import Columns, MenuVersion, for_wechat
from models.refusal import Refusal


def publish(task: Task) -> Mapping[str, Any]:
    """Look at the version once more, send it, write down that WeChat has taken it."""
    task.step(0, 2, "核对每一行")
    with task.site.database.reading() as session:
        columns = session.get_one(MenuVersion, task.facts["version"]).columns
        if faults_of(task.site.house, session, columns):
            raise Refusal("menus.has_faults")
    number = task.writing(lambda by: actions.begin_publication(by, task.facts["version"]).id)
    task.step(1, 2, "交给微信")
    _send(task, columns)
    again = task.writing(lambda by: actions.note_published(by, number))
    if again is not None:
        _send(task, again.columns)
    return {"version": task.facts["version"], "columns": columns}


def _send(task: Task, columns: Columns) -> None:
    try:
        task.site.main.menu.create(for_wechat(columns, task.site.settings.web.public_url))
    except WeChatError as fault:
        raise Refusal("menus.wechat_refused", advice=fault.advice, errcode=fault.errcode) from None
    except NotWeChat as fault:
        raise Refusal("menus.wechat_away", advice=fault.advice) from None
