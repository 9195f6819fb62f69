"""A paper is made: its code is asked for from WeChat when it needs one (the only step that waits for the network),
then it is set and given as a file, with a small picture to look at when nobody's name stands on it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.print import PDF, drawn_code, paper
from app.wechat.errors import NotWeChat, WeChatError
from app.wechat.qr import LONGEST_LIFE, Code
from app.work import Task
from handlers.posters import actions
from handlers.posters.subjects import SUBJECTS, Desk, Subject
from models import posters as model
from models.refusal import Refusal
from models.staff import StaffMember


def make(task: Task) -> Mapping[str, Any]:
    kind, number = task.facts["what"], task.facts["number"]
    task.step(0, 3, "收集内容")
    subject = _subject(task, kind, number)
    task.step(1, 3, "取二维码")
    content = _content(task, subject)
    task.step(2, 3, "排版")
    facts = {**subject.facts, "paper": task.facts["paper"], "qr": drawn_code(content) if content else ""}
    made = paper(subject.template, facts)
    task.writing(lambda by: actions.note_made(by, kind, number, subject.names))
    task.give_file(made, name=f"{subject.title}.pdf", media_type=PDF, purpose="posters.paper")
    if kind in actions.WITH_NAMES:
        return {"names": subject.names}
    return {"picture": base64.b64encode(paper(subject.template, facts, "png")).decode(), "content": content}


def _subject(task: Task, kind: str, number: str) -> Subject:
    with task.site.database.reading() as session:
        name = session.get_one(StaffMember, task.staff_id).name
        return SUBJECTS[kind](Desk(session, task.site, name), number)


def _content(task: Task, subject: Subject) -> str:
    """What the code says: the address of a page, or what WeChat made of a scene, asked for once and kept."""
    if not subject.scene:
        return subject.link
    with task.site.database.reading() as session:
        known = model.code_of(session, subject.scene)
        if known is not None and known.is_good:
            return known.content
    code = _fetched(task, subject)
    until = clock.now() + timedelta(seconds=code.seconds) if code.seconds else None
    task.writing(lambda by: actions.keep_code(by, subject.scene, code.content, until))
    return code.content


def _fetched(task: Task, subject: Subject) -> Code:
    codes = task.site.main.qr
    try:
        if subject.until is None:
            return codes.permanent(subject.scene)
        return codes.temporary(subject.scene, _seconds(subject.until))
    except (WeChatError, NotWeChat) as fault:
        raise Refusal("posters.no_code", advice=fault.advice) from None


def _seconds(until: datetime) -> int:
    """Two days longer than it is needed, at most what WeChat gives."""
    left = int((until - clock.now()).total_seconds()) + 2 * 86_400
    return max(86_400, min(LONGEST_LIFE, left))
