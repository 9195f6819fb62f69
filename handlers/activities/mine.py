"""What we keep about a person's activities, as they get it when they ask."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.words import moment_words
from models.activities import Enrolment
from models.identity import Person

STATES = {"joined": "已报名", "left": "已退出", "waiting": "候补", "offered": "有名额,等您确认"}


def my_enrolments(session: Session, person: Person) -> dict[str, Any]:
    """Every session that they have signed up for, also those they left."""
    rows = session.scalars(select(Enrolment).where(Enrolment.person_id == person.id).order_by(Enrolment.id))
    return {"报名的活动": [_line(row) for row in rows]}


def _line(row: Enrolment) -> dict[str, str]:
    held = row.session
    return {
        "活动": held.activity.title,
        "时间": moment_words(held.starts),
        "地点": held.activity.place,
        "状态": STATES[row.state],
    }
