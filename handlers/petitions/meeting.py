"""The session itself: the file made ready, the link tested, called in by number, what came of it, who promised what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app import clock
from app.said import parts_of
from handlers.petitions import lane, sentences
from handlers.petitions.standing import must_see
from models.identity import Actor
from models.petitions import MOST_PROMISES, Petition, PetitionPromise
from models.refusal import Refusal

CHECKS = {"papers": "papers_seen_at", "link": "link_tested_at", "interpreter": "interpreter_at"}
SATISFIED = ("yes", "partly", "no")
LONGEST_LINK = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """`satisfied` is what they said when asked at the end, None when they were not asked or said nothing."""

    outcome: str
    minutes: str = ""
    satisfied: str | None = None
    name: str = ""


def link_in(typed: str) -> str:
    """An address of a meeting: https, one of the known houses or any named one without a password in it. Refuses with
    petitions.bad_link."""
    parts = parts_of(typed.strip())
    plain = (
        parts.scheme == "https" and parts.hostname and "@" not in parts.netloc and len(typed) <= LONGEST_LINK
    )
    if not plain or parts.hostname not in sentences.LINK_HOSTS:
        raise Refusal("petitions.bad_link", hosts="、".join(sentences.LINK_HOSTS))
    return typed.strip()


def set_link(by: Actor, number: int, typed: str) -> None:
    """The address of the meeting; a new one has to be tested again."""
    link = link_in(typed) if typed.strip() else None

    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        petition.link, petition.link_tested_at = link, None

    lane.note(by, "petitions.set_link", number)
    lane.changing(by, number, change)


def check_off(by: Actor, number: int, what: str, done: bool) -> None:
    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        setattr(petition, CHECKS[what], clock.now() if done else None)

    lane.note(by, "petitions.check", number, what=what, done=done)
    lane.changing(by, number, change)


def call_in(by: Actor, number: int) -> None:
    """Their turn: whoever waits sees it on their page within moments."""

    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        if not petition.has_place or petition.met_at is not None:
            raise Refusal("petitions.not_now")
        petition.called_at = clock.now()

    lane.note(by, "petitions.call", number)
    lane.changing(by, number, change)


def write_outcome(by: Actor, number: int, told: Outcome) -> None:
    """What came of the session. A later word replaces the earlier one. Who gave no name when booking tells it here."""
    outcome = sentences.words_in(told.outcome)
    minutes = sentences.words_in(told.minutes, sentences.LONGEST_MINUTES) if told.minutes.strip() else None
    name = sentences.name_told(told.name) if told.name.strip() else None

    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        petition.outcome, petition.minutes = outcome, minutes or petition.minutes
        petition.met_at = petition.met_at or clock.now()
        petition.name = name or petition.name
        if told.satisfied in SATISFIED:
            petition.satisfied = told.satisfied
        lane.step(petition, "met", by=by, words=outcome, tells=True)

    lane.note(by, "petitions.outcome", number)
    lane.changing(by, number, change)


def promise(by: Actor, number: int, words: str, owner: str, due: date) -> None:
    """Refuses with petitions.promise_in_the_past, .too_many_promises."""
    said, who = sentences.words_in(words, 200), sentences.name_told(owner)
    if due < clock.today():
        raise Refusal("petitions.promise_in_the_past")

    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        if len(petition.promises) >= MOST_PROMISES:
            raise Refusal("petitions.too_many_promises", most=MOST_PROMISES)
        petition.promises.append(PetitionPromise(words=said, owner=who, due=due))

    lane.note(by, "petitions.promise", number)
    lane.changing(by, number, change)


def keep_promise(by: Actor, number: int, promise_id: int) -> None:
    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        kept = next((one for one in petition.promises if one.id == promise_id), None)
        if kept is None:
            raise Refusal("petitions.no_such")
        kept.done_at = kept.done_at or clock.now()
        lane.step(petition, "promise_kept", by=by, words=kept.words, tells=True)

    lane.note(by, "petitions.keep_promise", number)
    lane.changing(by, number, change)


def say_satisfied(by: Actor, petition: Petition, answer: str) -> None:
    """Asked on their own page, in neutral words; nothing hangs on it and no slip leads to it."""
    if answer not in SATISFIED or petition.met_at is None:
        raise Refusal("petitions.not_now")
    lane.note(by, "petitions.satisfied", petition.id)

    def change(row: Petition, _session: object) -> None:
        row.satisfied = answer

    lane.changing(by, petition.id, change)
