"""What happens to a card: written, changed, confirmed, retired; and to the words by which it is found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app import audit, clock, work
from app.understanding.lines import as_seen
from handlers.guides.wording import changing_words
from models.base import insert_once
from models.guide_misses import forget_old, forget_words, note_miss
from models.guides import (
    ANSWERING,
    LONGEST_REVIEW,
    TOPICS,
    Content,
    GuideCard,
    GuidePhrasing,
    GuideSynonym,
    GuideVersion,
    content_of,
    newest,
    phrasing_of,
)
from models.identity import Actor
from models.refusal import Refusal
from models.work import Work

LONGEST = {
    "title": 20,
    "terms": 80,
    "who": 200,
    "hours": 80,
    "place": 80,
    "takes": 60,
    "phone": 60,
    "source": 80,
    "owner": 20,
}
NEEDED = ("title", "who", "source", "owner")
MOST_THINGS, LONGEST_THING = 8, 40
LONGEST_PHRASING, LONGEST_WORD = 40, 20


# ---- what a card says ------------------------------------------------------------------------------------------------


def draft(by: Actor, parts: Mapping[str, Any]) -> GuideCard:
    """A new card, which nobody sees before somebody else has confirmed it."""
    content = _checked(parts)
    card = GuideCard(**content, state="draft", review_by=clock.today() + LONGEST_REVIEW)
    by.session.add(card)
    by.session.flush()
    _version(by, card, content, 1)
    audit.note(by, "guides.draft", card)
    return card


def edit(by: Actor, card: GuideCard, parts: Mapping[str, Any], base: int | None = None) -> GuideVersion:
    """A new version, unless nothing changes; residents go on reading the old one until it is confirmed. Refuses with
    guides.saved_meanwhile when somebody has saved since the version `base`."""
    card = _locked(by, card)
    last, content = newest(by.session, card), _checked(parts)
    if content == last.content:
        return last
    if base is not None and base != last.number:
        raise Refusal("guides.saved_meanwhile", number=last.number)
    version = _version(by, card, content, last.number + 1)
    card.changed_at = clock.now()
    if card.state == "draft":
        card.take(version)
    audit.note(by, "guides.edit", card, version=version.number)
    return version


def confirm(by: Actor, card: GuideCard, number: int, until: date) -> GuideCard:
    """Somebody of the office has compared this version with the rules: it answers in their name until that day.

    Refuses with guides.newer_version, own_words, review_day, retired.
    """
    card = _locked(by, card)
    version = newest(by.session, card)
    if card.state == "retired":
        raise Refusal("guides.retired")
    if version.number != number:
        raise Refusal("guides.newer_version", number=version.number)
    if not clock.today() < until <= clock.today() + LONGEST_REVIEW:
        raise Refusal("guides.review_day", until=clock.today() + LONGEST_REVIEW)
    me = by.staff.id if by.staff else None
    if version.confirmed_at is None and version.author_id is not None and version.author_id == me:
        raise Refusal("guides.own_words")
    now = clock.now()
    with changing_words(by.session):
        card.take(version)
        card.state, card.review_by = "confirmed", until
        card.confirmed_at, card.confirmed_by_id = now, me
        version.confirmed_at, version.confirmed_by_id = now, me
    audit.note(by, "guides.confirm", card, version=version.number, until=until.isoformat())
    return card


def retire(by: Actor, card: GuideCard) -> None:
    """It answers no more. Its ways of asking stay with it, for the day on which it comes back."""
    card = _locked(by, card)
    if card.state == "retired":
        return
    with changing_words(by.session):
        card.state = "retired"
    audit.note(by, "guides.retire", card)


def bring_back(by: Actor, card: GuideCard) -> None:
    """As a draft: whoever confirms it says until when."""
    card = _locked(by, card)
    if card.state != "retired":
        return
    card.state = "draft"
    audit.note(by, "guides.bring_back", card)


def _checked(parts: Mapping[str, Any]) -> Content:
    content = content_of({name: _bare(value) for name, value in parts.items()})
    if content["topic"] not in TOPICS:
        raise Refusal("guides.no_such_topic")
    if not all(content[name] for name in NEEDED):
        raise Refusal("guides.parts_missing")
    content["bring"] = [thing for thing in content["bring"] if thing]
    too_long = any(len(content[name]) > most for name, most in LONGEST.items())
    if too_long or any(len(thing) > LONGEST_THING for thing in content["bring"]):
        raise Refusal("guides.too_long")
    if len(content["bring"]) > MOST_THINGS:
        raise Refusal("guides.too_many_things", most=MOST_THINGS)
    return content


def _bare(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip()
    return [str(one).strip() for one in value] if isinstance(value, (list, tuple)) else value


def _version(by: Actor, card: GuideCard, content: Content, number: int) -> GuideVersion:
    author = by.staff.id if by.staff else None
    version = GuideVersion(card_id=card.id, number=number, content=content, author_id=author)
    by.session.add(version)
    return version


def _locked(by: Actor, card: GuideCard) -> GuideCard:
    return by.session.get_one(GuideCard, card.id, with_for_update=True, populate_existing=True)


# ---- by what it is found ---------------------------------------------------------------------------------------------


def add_phrasing(by: Actor, card: GuideCard, words: str) -> None:
    """One more way of asking for it; from the list of misses these words go. Refuses with guides.phrasing_size and
    guides.phrasing_taken."""
    words = "".join(as_seen(words).split())
    if not 2 <= len(words) <= LONGEST_PHRASING or words.isdigit():
        raise Refusal("guides.phrasing_size", most=LONGEST_PHRASING)
    with changing_words(by.session):
        other = phrasing_of(by.session, words)
        if other is not None and other.card_id != card.id:
            raise Refusal("guides.phrasing_taken", title=other.card.title)
        if other is None:
            author = by.staff.id if by.staff else None
            insert_once(
                by.session, GuidePhrasing, words=words, card_id=card.id, staff_id=author, made_at=clock.now()
            )
            audit.note(by, "guides.add_phrasing", card)
    by.session.expire(card, ["phrasings"])


def take_up_miss(by: Actor, card: GuideCard, missed: str) -> None:
    """What residents have asked in vain is from now on a way of asking for this card."""
    add_phrasing(by, card, missed)
    forget_words(by.session, missed)


def drop_miss(by: Actor, missed: str) -> None:
    """Nobody's way of asking for anything."""
    if forget_words(by.session, missed):
        audit.note(by, "guides.drop_miss")


def remove_phrasing(by: Actor, row: GuidePhrasing) -> None:
    card = row.card
    with changing_words(by.session):
        by.session.delete(row)
    by.session.expire(card, ["phrasings"])
    audit.note(by, "guides.remove_phrasing", card)


def add_synonym(by: Actor, word: str, meant: str) -> None:
    """Refuses with guides.synonym_size."""
    word, meant = "".join(word.split()), "".join(meant.split())
    if not all(0 < len(one) <= LONGEST_WORD for one in (word, meant)) or word == meant:
        raise Refusal("guides.synonym_size", most=LONGEST_WORD)
    author = by.staff.id if by.staff else None
    with changing_words(by.session):
        if insert_once(
            by.session, GuideSynonym, word=word, meant=meant, staff_id=author, made_at=clock.now()
        ):
            audit.note(by, "guides.add_synonym")


def remove_synonym(by: Actor, row: GuideSynonym) -> None:
    audit.note(by, "guides.remove_synonym", row)
    with changing_words(by.session):
        by.session.delete(row)


# ---- what was asked in vain ------------------------------------------------------------------------------------------


def note(by: Actor, text: str, chosen: GuideCard | None = None) -> None:
    """Of a question that no card answered, the words; of a choice from what was offered, the card. Neither says whose
    they were, and no audit line does."""
    note_miss(by.session, text, chosen.id if chosen else None)


def forget_misses(by: Actor) -> int:
    return forget_old(by.session)


def card_named(by: Actor, number: int | None, title: str = "") -> GuideCard:
    """The card of this number, or the one that is called so. Refuses with guides.no_such_card."""
    found = select(GuideCard).where(GuideCard.state.in_(ANSWERING))
    found = found.where(GuideCard.id == number) if number else found.where(GuideCard.title == title)
    card = by.session.scalars(found.order_by(GuideCard.id).limit(1)).first()
    if card is None:
        raise Refusal("guides.no_such_card", title=title or "这张卡")
    return card


# ---- on paper --------------------------------------------------------------------------------------------------------


def ask_for_paper(by: Actor, card: GuideCard, kind: str) -> Work:
    row = work.ask_for(by, kind, card=card.id)
    by.session.flush()
    return row


def note_printed(by: Actor, number: int) -> None:
    audit.note(by, "guides.print", None, card=number)
