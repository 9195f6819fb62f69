"""A person's forms as a whole: what we keep of them, erasing it, joining two records of one person."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app import audit
from app.words import day_words, moment_words
from handlers.forms.standing import HELPED, empty, go_to
from models.forms import OVER, FormDraft, drafts_of, hold, looks_at
from models.identity import Actor, Person
from models.staff import StaffMember

MOST_LOOKS = 30
STATES = {
    "open": "没填完",
    "handed_in": "交了,等核对",
    "ready": "填好了,等您签字",
    "done": "办完了",
    "dropped": "不要了",
}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """{"填过的表": […]}, the newest first."""
    return {"填过的表": [_told(draft) for draft in session.scalars(drafts_of(person))]}


def _told(draft: FormDraft) -> dict[str, Any]:
    answers = draft.answered
    told: dict[str, Any] = {
        "哪张表": draft.form.title,
        "编号": draft.number,
        "情况": STATES[draft.state],
        "开始填": moment_words(draft.begun_at),
        "填的": {one.label: one.told(answers[one.key]) for one in draft.fields if answers.get(one.key)},
        "替谁填": draft.answers.get(HELPED[0]),
        "工作人员的话": draft.words,
        "留到": day_words(draft.kept_until) if draft.kept_until else None,
    }
    return {heading: value for heading, value in told.items() if value}


def looked(session: Session, draft: FormDraft) -> list[str]:
    """ "11月23日(星期一) 窗口干事": days and roles, never a name of the staff."""
    lines = session.scalars(looks_at(draft).limit(MOST_LOOKS)).all()
    said = {f"{day_words(line.at)} {'、'.join(_roles(session, line.actor))}": None for line in lines}
    return list(said)


def _roles(session: Session, actor: str) -> list[str]:
    member = session.get(StaffMember, int(actor.partition(":")[2] or 0))
    return member.role_names if member else []


def forget(by: Actor, person: Person) -> None:
    """Who leaves takes along what they wrote; what was not finished ends."""
    found = by.session.scalars(drafts_of(person)).all()
    for one in found:
        draft = hold(by.session, one)
        if draft.state not in OVER:
            go_to(draft, "dropped")
        empty(draft)
        draft.person = draft.window = None
    audit.note(by, "forms.forget", person, drafts=len(found))


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """Two records of one person: all forms are theirs."""
    for one in by.session.scalars(drafts_of(gone)).all():
        hold(by.session, one).person = kept
