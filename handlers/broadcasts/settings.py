"""What residents want to be told, and what they have allowed WeChat to tell them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import audit, clock
from app.cards import Card
from models import grants
from models.base import insert_once
from models.grants import Grant, Told, grants_of
from models.identity import Actor, Person
from models.launch import is_lasting
from models.refusal import Refusal
from models.topics import TOPICS, TopicChoice, unwanted_by

YES = "accept"


def choose(by: Actor, topic: str, *, wanted: bool) -> None:
    """From now on; what waits to be sent heeds it too. Refuses with broadcasts.no_such_topic."""
    if topic not in TOPICS:
        raise Refusal("broadcasts.no_such_topic")
    if wanted:
        mine = TopicChoice.person_id == by.me.id, TopicChoice.topic == topic
        by.session.execute(delete(TopicChoice).where(*mine))
    else:
        insert_once(by.session, TopicChoice, person_id=by.me.id, topic=topic)
    audit.note(by, "broadcasts.choose_topic", None, topic=topic, wanted=wanted)


def choose_all(by: Actor, wanted: Collection[str]) -> None:
    """Exactly these topics; one that was not changed leaves no line."""
    before = unwanted_by(by.session, by.me)
    for topic in TOPICS:
        if (topic in wanted) == (topic in before):
            choose(by, topic, wanted=topic in wanted)


def note_answers(by: Actor, answers: Mapping[str, bool], told: Told, at: datetime | None = None) -> int:
    """What somebody answered when WeChat asked them: template → yes or no; how many said yes."""
    identity, at = by.identity, at or clock.now()
    if identity is None or not answers:
        return 0
    for template_id, yes in sorted(answers.items()):
        if yes:
            lasting = is_lasting(by.session, template_id)
            grants.allow(by.session, identity.id, template_id, told, lasting=lasting, at=at)
        else:
            grants.refuse(by.session, identity.id, template_id, at)
    audit.note(by, "broadcasts.note_answers", identity, told=told, yes=sum(answers.values()), of=len(answers))
    return sum(answers.values())


def note_ended(by: Actor, template_ids: Iterable[str], at: datetime) -> None:
    """They have switched these off in WeChat's own settings."""
    ended = sorted(template_ids)
    if by.identity is None or not ended:
        return
    for template_id in ended:
        grants.end(by.session, by.identity.id, template_id, at)
    audit.note(by, "broadcasts.note_ended", by.identity, of=len(ended))


def still_allowed(session: Session, person: Person, cards: Iterable[Card]) -> int | None:
    """How many messages may still come by these subscription notices; None when there is no end to them."""
    wanted = {card.template_id for card in cards}
    mine = [one for one in session.scalars(grants_of(person)) if one.template_id in wanted]
    if any(one.kind == "long" and one.left for one in mine):
        return None
    return sum(one.left for one in mine)


# ---- a copy, being forgotten, two records of one person -------------------------------------------------------------


def wishes_of(session: Session, person: Person) -> dict[str, Any]:
    left = sum(one.left for one in session.scalars(grants_of(person)))
    return {"不想收的通知": "、".join(unwanted_by(session, person)), "还允许发的订阅通知": left or None}


def forget_wishes(by: Actor, person: Person) -> None:
    """Grants go with the accounts; those of an account that stays, because it still follows, go here."""
    mine = select(grants_of(person).subquery().c.id)
    by.session.execute(delete(Grant).where(Grant.id.in_(mine)))
    by.session.execute(delete(TopicChoice).where(TopicChoice.person_id == person.id))


def merge_wishes(by: Actor, kept: Person, gone: Person) -> list[str]:
    """What either did not want, the one person does not want; which were added. Grants belong to an account and go with
    it."""
    before = unwanted_by(by.session, kept)
    added = [topic for topic in unwanted_by(by.session, gone) if topic not in before]
    for topic in added:
        insert_once(by.session, TopicChoice, person_id=kept.id, topic=topic)
    return added


def part_wishes(by: Actor, kept: Person, added: Collection[str]) -> None:
    """The rows of the second record never left it."""
    mine = TopicChoice.person_id == kept.id, TopicChoice.topic.in_(added)
    by.session.execute(delete(TopicChoice).where(*mine))
