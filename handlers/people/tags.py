"""Tags: made with a purpose and an end, put on residents and taken off, renewed or gone."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from app import audit, clock
from models.base import insert_once
from models.identity import Actor, Person
from models.refusal import Refusal
from models.sight import need_sight
from models.tags import LONGEST_LIFE, Tag, Tagging, tags_long_over, why_not

SHORTEST_PURPOSE = 4
MOST = 200


def make_tag(by: Actor, name: str, purpose: str, until: date) -> Tag:
    """A new tag. Neither its name nor its purpose may be about peoples, creeds or what is sensitive."""
    name, purpose = name.strip(), purpose.strip()
    code = why_not(name) or why_not(purpose)
    if code is not None:
        raise Refusal(code)
    if len(purpose) < SHORTEST_PURPOSE:
        raise Refusal("people.tag_needs_purpose")
    if by.session.scalar(select(Tag).where(Tag.name == name)) is not None:
        raise Refusal("people.tag_exists")
    tag = Tag(name=name, purpose=purpose, until=_checked(until), made_by=by.staff)
    by.session.add(tag)
    audit.note(by, "people.make_tag", tag, until=until.isoformat())
    return tag


def renew_tag(by: Actor, tag: Tag, until: date) -> None:
    """Somebody has looked at it again: it is still needed, until then."""
    tag.until = _checked(until)
    audit.note(by, "people.renew_tag", tag, until=until.isoformat())


def end_tag(by: Actor, tag: Tag) -> None:
    """Nobody has it from tomorrow on; after 30 days it is gone, until then it can be renewed."""
    tag.until = clock.today() - timedelta(days=1)
    audit.note(by, "people.end_tag", tag)


def tag_person(by: Actor, person: Person, tag: Tag) -> None:
    """Putting it on twice is putting it on once."""
    need_sight(by, person)
    if tag.is_over:
        raise Refusal("people.tag_is_over")
    if person.joined_at is None or person.erased_at is not None:
        raise Refusal("people.not_on_file")
    by.session.flush()
    staff_id = by.staff.id if by.staff else None
    if insert_once(
        by.session, Tagging, tag_id=tag.id, person_id=person.id, staff_id=staff_id, at=clock.now()
    ):
        audit.note(by, "people.tag", person, tag=tag.id)


def untag_person(by: Actor, person: Person, tag: Tag) -> None:
    need_sight(by, person)
    mine = Tagging.tag_id == tag.id, Tagging.person_id == person.id
    found = by.session.scalar(select(Tagging).where(*mine))
    if found is not None:
        by.session.delete(found)
        audit.note(by, "people.untag", person, tag=tag.id)


def forget_old_tags(by: Actor) -> int:
    """Those that nobody has renewed for 30 days, and with them who had them."""
    old = list(by.session.scalars(tags_long_over().limit(MOST)))
    for tag in old:
        audit.note(by, "people.forget_tag", tag)
        by.session.delete(tag)
    return len(old)


def _checked(until: date) -> date:
    if not clock.today() <= until <= clock.today() + LONGEST_LIFE:
        raise Refusal("people.tag_until_when")
    return until
