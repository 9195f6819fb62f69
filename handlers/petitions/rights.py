"""A person's petitions as a whole. They are in no copy that the staff can print for somebody: their own copy is a page
of their own (pages.copy), because even that there is a petition is nobody's business at the desk.

Who is forgotten loses the tie to their WeChat account; the record itself is kept as long as the law wants it, and the
page that asks before deleting says so (templates/people/keeping.toml).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.words import day_words, moment_words
from handlers.petitions import lane
from models.identity import Actor, Person
from models.petitions import Petition
from models.petitions_lists import asked_by


def copy_of(by: Actor) -> list[dict[str, Any]]:
    """Everything that is kept of my petitions, under Chinese headings, but for what colleagues noted for each other."""
    with lane.looking(by) as session:
        return [_told(row) for row in session.scalars(asked_by(lane.hashes_of(by, by.me)))]


def _told(row: Petition) -> dict[str, Any]:
    facts = {
        "受理号": row.number,
        "说的事": row.text,
        "姓名": row.name,
        "手机": row.phone,
        "翻译": row.language,
        "说到的人": row.accused,
        "收到": moment_words(row.received_at) if row.received_at else None,
        "见面": moment_words(row.starts) if row.starts else None,
        "结果": row.outcome,
        "满意": row.satisfied,
        "期限": day_words(row.due) if row.due else None,
        "材料照片": f"{len(row.papers)}张" if row.papers else None,
        "经过": [f"{moment_words(one.at)} {one.words}" for one in row.steps if one.words],
        "答应的": [f"{one.words}({one.owner},{day_words(one.due)})" for one in row.promises],
        "谁看过": [f"{day_words(one.at)} {one.role}" for one in row.views],
    }
    return {heading: value for heading, value in facts.items() if value}


def forget(by: Actor, person: Person) -> None:
    """No line of the common trail says that there was anything to forget."""
    hashes = lane.hashes_of(by, person)

    def unit(session: Session) -> None:
        for row in session.scalars(select(Petition).where(Petition.who.in_(hashes))).all():
            if row.state == "draft":
                session.delete(row)
            else:
                row.who = row.app = row.openid = None
                row.forgotten_at = clock.now()

    if hashes:
        lane.writing(by, unit)
