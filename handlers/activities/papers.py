"""Papers, invitations and leaders: who may join what, as staff have seen it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete

from app import audit, clock
from models import activities_papers as model
from models.activities import Activity
from models.activities_audience import ActivityRole, ActivityTag
from models.activities_papers import LONGEST_LIFE, Paper
from models.activities_rules import PAPERS
from models.base import insert_once
from models.identity import Actor, Person
from models.refusal import Refusal
from models.sight import need_sight

LONGEST_NUMBER = 30


def keep_paper(by: Actor, person: Person, kind: str, *, valid_until: date, number: str = "") -> Paper:
    """Staff have seen this paper; a newer one takes the place of the old."""
    need_sight(by, person)
    if kind not in PAPERS or len(number) > LONGEST_NUMBER:
        raise Refusal("activities.bad_paper")
    if not clock.today() <= valid_until <= clock.today() + LONGEST_LIFE:
        raise Refusal("activities.bad_last_day")
    paper = model.paper_of(by.session, person, kind)
    if paper is None:
        paper = Paper(person_id=person.id, kind=kind)
        by.session.add(paper)
    paper.number, paper.valid_until, paper.seen_at = number.strip() or None, valid_until, clock.now()
    paper.seen_by_id = by.staff.id if by.staff is not None else None
    by.session.flush()
    audit.note(by, "activities.keep_paper", paper, kind=kind)
    return paper


def drop_paper(by: Actor, paper: Paper) -> None:
    need_sight(by, paper.person)
    audit.note(by, "activities.drop_paper", paper, kind=paper.kind)
    by.session.delete(paper)


def let_in(by: Actor, activity: Activity, person: Person, role: str) -> bool:
    """Somebody is invited to a restricted activity ("invited"), or leads it too ("leader"); False when it was so."""
    if by.staff is None and by.channel != "job":
        raise Refusal("activities.not_leader")
    is_new = insert_once(by.session, ActivityRole, activity_id=activity.id, person_id=person.id, role=role)
    if is_new:
        audit.note(by, "activities.let_in", activity, role=role)
    return is_new


def let_out(by: Actor, activity: Activity, person: Person, role: str) -> None:
    if by.staff is None and by.channel != "job":
        raise Refusal("activities.not_leader")
    mine = ActivityRole.activity_id == activity.id, ActivityRole.person_id == person.id
    by.session.execute(delete(ActivityRole).where(*mine, ActivityRole.role == role))
    audit.note(by, "activities.let_out", activity, role=role)


def open_to_tags(by: Actor, activity: Activity, tags: Collection[int]) -> None:
    """Whoever has one of these tags may join the restricted activity, and nobody by another tag."""
    if by.staff is None and by.channel != "job":
        raise Refusal("activities.not_leader")
    by.session.flush()
    by.session.execute(delete(ActivityTag).where(ActivityTag.activity_id == activity.id))
    by.session.add_all(ActivityTag(activity_id=activity.id, tag_id=one) for one in sorted(set(tags)))
    audit.note(by, "activities.open_to_tags", activity, tags=len(set(tags)))
