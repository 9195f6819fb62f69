"""A card on paper: one sheet in big letters with boxes to tick and the address of its page as a code."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from app.print import PDF, drawn_code, paper
from app.words import day_words
from app.work import Task, WorkKind
from handlers.guides import actions
from models.guides import GuideCard

PAPER = "guides.paper"
TEMPLATE = "guides/print_card"


def make(task: Task) -> Mapping[str, Any]:
    task.step(0, 2, "收集内容")
    facts = facts_of(task)
    task.step(1, 2, "排版")
    made = paper(TEMPLATE, facts)
    task.writing(lambda by: actions.note_printed(by, task.facts["card"]))
    task.give_file(made, name=f"办事卡-{facts['title']}.pdf", media_type=PDF, purpose=PAPER)
    return {"picture": base64.b64encode(paper(TEMPLATE, facts, "png")).decode()}


def facts_of(task: Task) -> dict[str, Any]:
    community, web = task.site.settings.community, task.site.settings.web
    link = f"{web.public_url.rstrip('/')}/h5/guides/{task.facts['card']}"
    with task.site.database.reading() as session:
        row = session.get_one(GuideCard, task.facts["card"])
        told: dict[str, Any] = {
            name: getattr(row, name) for name in ("title", "terms", "who", "bring", "source")
        }
        places = (("时间", row.hours), ("在哪", row.place), ("多久", row.takes))
        told["rows"] = [[name, value] for name, value in places if value]
        told["phone"] = f"{row.phone},或社区 {community.phone}" if row.phone else community.phone
        told["sample"] = row.state != "confirmed"
        told["overdue"] = row.is_overdue
        told["checked"] = day_words(row.confirmed_at) if row.confirmed_at else ""
        told["until"] = day_words(row.review_by)
    return told | {"community": community.name, "qr": drawn_code(link)}


WORKS = (WorkKind(PAPER, "打印办事卡", make, shown_by="guides/console_printed.html"),)
