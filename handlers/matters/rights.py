"""A person's matters as a whole: what we keep of them, erasing it, joining two records of one person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app import audit, clock
from app.words import day_words, moment_words
from handlers.matters.actions import step_back
from handlers.matters.ending import blank
from handlers.matters.places import told_place
from handlers.matters.steps import step
from models.identity import Actor, Person
from models.matter_followers import MatterFollower, MatterUnasked, count_followers, following, follows
from models.matter_lists import matters_of
from models.matters import Matter, MatterPhoto, go_to, hold

STATES = {
    "received": "收到了",
    "assigned": "有人管了",
    "working": "正在办",
    "done": "办好了",
    "closed": "办完了",
    "withdrawn": "不用办了",
}
CONTACTS = {"named": "留名,办的人可以联系", "confidential": "只给工作人员看", "anonymous": "不留名"}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """{"说过的事": […]}, the newest first; what colleagues noted for each other is not part of it."""
    also = [
        f"{day_words(one.at)}:{one.matter.thing},{told_place(session, one.matter)}"
        for one in session.scalars(follows(person))
    ]
    asked = {"不要问“真的修好了吗”": "是"} if session.get(MatterUnasked, person.id) else {}
    mine = {"说过的事": [_told(session, matter) for matter in session.scalars(matters_of(person))]}
    return mine | ({"“我也是这件事”": also} if also else {}) | asked


def _told(session: Session, matter: Matter) -> dict[str, str]:
    photos = len(session.scalars(select(MatterPhoto.id).where(MatterPhoto.matter_id == matter.id)).all())
    told = {
        "受理号": matter.number,
        "哪一种": matter.kind,
        "说了什么": matter.text,
        "在哪里": matter.where,
        "名字怎么用": CONTACTS[matter.contact],
        "电话": matter.phone,
        "时间": moment_words(matter.said_at),
        "情况": STATES[matter.state],
        "最晚": day_words(matter.due) if matter.due and matter.is_open else None,
        "照片": f"{photos}张" if photos else None,
        "经过": ";".join(
            f"{day_words(one.at)}:{one.words}" for one in matter.steps if one.told and one.words
        ),
    }
    return {heading: value for heading, value in told.items() if value}


def forget(by: Actor, person: Person) -> None:
    """Who leaves takes words and pictures along; open matters end, the rest stays to be counted."""
    for kept in (MatterFollower, MatterUnasked):
        by.session.execute(delete(kept).where(kept.person_id == person.id))
    found = by.session.scalars(matters_of(person)).all()
    for one in found:
        matter = hold(by.session, one)
        if matter.is_open and count_followers(by.session, matter):
            step_back(by, matter)
            continue
        if matter.is_open:
            go_to(matter, "withdrawn")
            matter.ended_at = clock.now()
            step(by, matter, "withdrawn")
        blank(by, matter)
        matter.person = matter.once = None
    audit.note(by, "matters.forget", person, matters=len(found))


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """Two records of one person: all matters are theirs, and their pictures with them."""
    for one in by.session.scalars(matters_of(gone)).all():
        matter = hold(by.session, one)
        matter.person = kept
        by.session.execute(delete(MatterFollower).where(_of(matter, kept)))
        for photo in matter.photos:
            if photo.file is not None:
                photo.file.person_id = kept.id
    for row in by.session.scalars(follows(gone)).all():
        if row.matter.person_id != kept.id and following(by.session, row.matter, kept) is None:
            row.person_id = kept.id
    if by.session.get(MatterUnasked, gone.id) and not by.session.get(MatterUnasked, kept.id):
        by.session.add(MatterUnasked(person_id=kept.id))


def _of(matter: Matter, person: Person) -> ColumnElement[bool]:
    """Nobody says "me too" to what is their own."""
    return (MatterFollower.matter_id == matter.id) & (MatterFollower.person_id == person.id)
