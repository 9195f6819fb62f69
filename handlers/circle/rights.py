"""What we keep of a person in the circle: whom they called, what they were asked; and who they are when they come to
help."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit
from app.words import day_words, moment_words
from handlers.circle import actions
from handlers.circle.following import blank
from models.circle import Provider
from models.circle_jobs import OPEN, FollowUp, HomeJob, jobs_of
from models.identity import Actor, Person

STATES = {
    "offered": "在问师傅",
    "desk": "工作人员在安排",
    "accepted": "师傅答应了",
    "under_way": "师傅在路上",
    "done": "做完了",
    "closed": "办完了",
    "cancelled": "取消了",
}
ANSWERS = {"waiting": "还没问", "asked": "问过了", "well": "好了", "again": "还没好", "closed": "没有回"}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    asked = select(FollowUp).where(FollowUp.person_id == person.id).order_by(FollowUp.id.desc())
    provider = session.scalar(select(Provider).where(Provider.person_id == person.id))
    kept: dict[str, Any] = {
        "叫师傅上门": [_told(one) for one in session.scalars(jobs_of(person))],
        "回访": [f"{day_words(one.day)} {one.title}:{ANSWERS[one.state]}" for one in session.scalars(asked)],
    }
    if provider is not None:
        kept["我是师傅"] = {"称呼": provider.name, "电话": provider.phone, "证件": len(provider.licences)}
    return kept


def _told(row: HomeJob) -> dict[str, str]:
    told = {
        "单号": row.number,
        "什么": row.service.name if row.service else "家里急事",
        "情况": STATES[row.state],
        "什么时候": moment_words(row.starts or row.created_at),
        "姓名": row.name,
        "手机": row.phone,
        "门牌": row.address,
        "说的话": row.words,
        "做了什么": row.log,
    }
    return {heading: value for heading, value in told.items() if value}


def forget(by: Actor, person: Person) -> None:
    """Nobody comes any more; what was told goes, and who came to help is only a name on the staff's list."""
    house = Actor(by.session, staff=by.staff, channel="job")
    for job in by.session.scalars(jobs_of(person)).all():
        if job.state in OPEN:
            job.person = None
            actions.take_back(house, job)
        blank(job)
        job.person = None
    by.session.execute(delete(FollowUp).where(FollowUp.person_id == person.id))
    by.session.execute(update(Provider).where(Provider.person_id == person.id).values(person_id=None))
    by.session.expire_all()
    audit.note(by, "circle.forget", person)


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """Rows are moved; a WeChat that is a provider's stays one."""
    by.session.flush()
    for table in (HomeJob, FollowUp):
        by.session.execute(update(table).where(table.person_id == gone.id).values(person_id=kept.id))
    if by.session.scalar(select(Provider.id).where(Provider.person_id == kept.id)) is None:
        by.session.execute(update(Provider).where(Provider.person_id == gone.id).values(person_id=kept.id))
    by.session.expire_all()
