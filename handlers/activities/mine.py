"""What we keep about a person's activities, as they get it when they ask."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.words import day_words, moment_words
from models.activities import Activity, Enrolment
from models.activities_audience import ActivityRole
from models.activities_papers import papers_of
from models.activities_party import answers_of, companions_of
from models.activities_rules import PAPERS, questions_of
from models.collectors import Collector
from models.identity import Person

STATES = {"joined": "已报名", "left": "已退出", "waiting": "候补", "offered": "有名额,等您确认"}
MARKS = {"absent": "没来", "excused": "请假"}
ROLES = {"invited": "受邀", "leader": "负责人"}


def my_enrolments(session: Session, person: Person) -> dict[str, Any]:
    """Every session that they have signed up for, also those they left; their papers, and what they are invited to."""
    rows = session.scalars(select(Enrolment).where(Enrolment.person_id == person.id).order_by(Enrolment.id))
    kept: dict[str, Any] = {"报名的活动": [_line(session, row) for row in rows]}
    papers = [
        {"材料": PAPERS[one.kind], "编号": one.number or "", "有效到": day_words(one.valid_until)}
        for one in session.scalars(papers_of(person))
    ]
    roles = (
        select(Activity.title, ActivityRole.role)
        .join(ActivityRole, ActivityRole.activity_id == Activity.id)
        .where(ActivityRole.person_id == person.id)
        .order_by(ActivityRole.id)
    )
    named = [{"活动": title, "是": ROLES[role]} for title, role in session.execute(roles)]
    named_to_collect = select(Collector).where(Collector.guardian_id == person.id).order_by(Collector.id)
    collect = [
        {"姓名": one.name, "手机尾号": one.tail, "现在": "不能接了" if one.ended_at else "可以接"}
        for one in session.scalars(named_to_collect)
    ]
    kept |= {"谁可以接孩子": collect} if collect else {}
    return kept | ({"活动要的材料": papers} if papers else {}) | ({"邀请和负责": named} if named else {})


def _line(session: Session, row: Enrolment) -> dict[str, str]:
    held, answers = row.session, answers_of(session, row)
    line = {
        "活动": held.activity.title,
        "时间": moment_words(held.starts),
        "地点": held.place,
        "状态": STATES[row.state],
    }
    along = [one.name for one in companions_of(session, row) if one.name]
    told = [
        f"{one.ask} {answers[one.key]}" for one in questions_of(held.activity.questions) if one.key in answers
    ]
    more = {"一起去的": "、".join(along), "填的表": ";".join(told), "记的": MARKS.get(row.mark or "", "")}
    return line | {name: words for name, words in more.items() if words}
