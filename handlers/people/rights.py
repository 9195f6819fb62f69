"""The right to a copy and the right to be forgotten: the house's features are walked, each says and erases its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import handlers
from app import audit, clock, files, forgotten
from app.house import load_features
from app.words import moment_words
from handlers.people.own_rows import erase_rows, export_rows, merge_rows, part_rows
from handlers.people.policies import policies
from models import outbox
from models.conversation import Conversation
from models.identity import Actor, Identity, Person
from models.inbox import InboxRow
from models.linking import records_of
from models.outbox import OutboxRow
from models.people import Consent, DoorScan, consents_of, live_consents
from models.refusal import Refusal


def export(by: Actor, person: Person) -> dict[str, Any]:
    """Everything that we keep of a person, by feature, under Chinese headings; JSON values only."""
    _need_self_or_staff(by, person)
    features = [feature for feature in load_features(handlers.FEATURES) if feature.export is not None]
    kept = {
        feature.title: _filled(feature.export(by.session, person)) for feature in features if feature.export
    }
    audit.note(by, "people.export", person, features=len(kept))
    return _filled(kept)


def _filled(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {heading: value for heading, value in facts.items() if value not in (None, "", [], (), {})}


def erase(by: Actor, person: Person) -> None:
    """Erase or anonymise everything of a person, now. What the law makes us keep stays without a name: the record of
    consents given and taken back, and who did what when."""
    _need_self_or_staff(by, person)
    if person.erased_at is not None:
        return
    for record in records_of(by.session, person):
        erase_features(by, record)
    for identity in by.session.scalars(select(Identity).where(Identity.person_id == person.id)).all():
        _detach(by, identity)
    person.erased_at = clock.now()
    forgotten.note(by.session, person)
    audit.note(by, "people.erase", person)


def forget_person(by: Actor, person: Person) -> None:
    """Features forget and name, phone and place go, but the person may go on as somebody who never joined."""
    for record in records_of(by.session, person):
        erase_features(by, record)
        record.joined_at = None
    audit.note(by, "people.forget", person)


def forget_stranger(by: Actor, person: Person) -> None:
    """Somebody left 30 days ago and never joined: not even the openid is kept."""
    erase(by, person)


def _need_self_or_staff(by: Actor, person: Person) -> None:
    own = by.person is not None and by.person.id == person.id
    if not (own or by.staff is not None or by.channel == "job"):
        raise Refusal("people.not_yours")


def erase_features(by: Actor, person: Person) -> None:
    """Each feature erases what it keeps of this one record."""
    for feature in load_features(handlers.FEATURES):
        if feature.erase is not None:
            feature.erase(by, person)


def erase_own(by: Actor, person: Person) -> None:
    """What this feature and the house itself keep of a person (Feature.erase of people)."""
    session = by.session
    outbox.cancel_all_to(session, person, "erased")
    left = OutboxRow.person_id == person.id, OutboxRow.state.not_in(("waiting", "sending"))
    session.execute(update(OutboxRow).where(*left).values(facts={}))
    session.execute(update(InboxRow).where(InboxRow.person_id == person.id).values(answer=""))
    files.remove_all_of(session, person)
    if (scan := session.get(DoorScan, person.id)) is not None:
        session.delete(scan)
    erase_rows(by, person)
    for consent in session.scalars(live_consents(person)).all():
        consent.withdrawn_at = clock.now()
    person.name = person.phone = person.place = person.unionid = None


def export_own(session: Session, person: Person) -> dict[str, Any]:
    """What this feature keeps of a person (Feature.export of people)."""
    facts = {
        "姓名": person.name,
        "手机": person.phone,
        "住处": person.place.full_name if person.place else None,
        "登记时间": moment_words(person.joined_at) if person.joined_at else None,
        **export_rows(session, person),
        "同意记录": [_consent_words(consent) for consent in session.scalars(consents_of(person))],
    }
    return _filled(facts)


def _consent_words(consent: Consent) -> dict[str, str]:
    policy = policies().get(consent.purpose)
    words = {"用途": policy.title if policy else consent.purpose, "版本": f"第{consent.version}版"}
    words["同意时间"] = moment_words(consent.given_at)
    if consent.withdrawn_at:
        words["撤回时间"] = moment_words(consent.withdrawn_at)
    return words


def merge_own(by: Actor, kept: Person, gone: Person) -> dict[str, Any] | None:
    """Identities, what waits to be sent, and consents to purposes on which `kept` itself never said a word."""
    session = by.session
    for identity in session.scalars(select(Identity).where(Identity.person_id == gone.id)).all():
        identity.person = kept
    given = set(session.scalars(select(Consent.purpose).where(Consent.person_id == kept.id)))
    for consent in session.scalars(live_consents(gone)).all():
        if consent.purpose not in given:
            consent.person_id = kept.id
    session.execute(update(OutboxRow).where(OutboxRow.person_id == gone.id).values(person_id=kept.id))
    return merge_rows(by, kept, gone)


def part_own(by: Actor, _kept: Person, gone: Person, remembered: dict[str, Any] | None) -> None:
    part_rows(by, gone, remembered)


def _detach(by: Actor, identity: Identity) -> None:
    """Who still follows begins again as a stranger, since WeChat goes on naming them to us; who left is deleted. Nobody
    follows a mini-program: that identity goes, and with it every login and kept answer."""
    talk = by.session.get(Conversation, identity.id)
    if identity.kind == "mini" or not (identity.following or identity.follow_changed_at is None):
        by.session.delete(identity)
        return
    if talk is not None:
        talk.talks, talk.offers, talk.done, talk.rest = [], None, None, None
    identity.person = Person()
