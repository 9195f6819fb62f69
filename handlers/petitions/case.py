"""A petition's way with the office: registered, taken on or not, passed on, handled, answered, looked at again, closed.

Each step names what the law wants of it: a reason, an office, an answer in words. Each is told in neutral words.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app import clock
from handlers.petitions import lane, sentences
from handlers.petitions.booking import lose_place
from handlers.petitions.standing import must_see
from models.base import count_rows
from models.identity import Actor
from models.petition_photos import photos_of
from models.petitions import MOST_PAPERS, Petition, PetitionPaper, go_to, set_due
from models.petitions_clock import Spans, all_spans, version_on
from models.refusal import Refusal

# step → (where it leads, which moment it is, whether who asked is told words)
WAYS = {
    "register": ("registered", "registered_at", False),
    "accept": ("accepted", "decided_at", False),
    "refuse": ("refused", "decided_at", True),
    "transfer": ("transferred", "decided_at", True),
    "handle": ("handled", None, False),
    "answer": ("answered", "answered_at", True),
    "review": ("review", "review_at", False),
    "close": ("closed", "ended_at", False),
}


def move_on(by: Actor, number: int, way: str, words: str = "", *, seen: str | None = None) -> None:
    """One step; `words` are told to who asked where the law wants a reason, an office or an answer, and are for the
    file elsewhere. `seen` is the state that whoever acts has before them.

    Refuses with petitions.no_such, .not_now, .no_words, .changed_meanwhile.
    """
    state, moment, told = WAYS[way]
    said = sentences.words_in(words) if told or words.strip() else None
    pinned, spans = version_on(by.session, clock.today()), all_spans(by.session)

    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        if seen is not None and petition.state != seen:
            raise Refusal("petitions.changed_meanwhile")
        go_to(petition, state)
        if moment is not None:
            setattr(petition, moment, clock.now())
        if way == "register":
            petition.rules = pinned
        settle(petition, spans, pinned)
        lane.step(
            petition, state, by=by, words=said if told else None, inside=None if told else said, tells=True
        )
        if state == "closed":
            lose_place(petition)

    lane.note(by, f"petitions.{way}", number)
    lane.changing(by, number, change)


def settle(petition: Petition, spans: dict[int, Spans], now: int) -> None:
    """The last day by the version that this case keeps; before it is registered, by the one in force."""
    set_due(petition, spans[petition.rules or now])


def extend(by: Actor, number: int, reason: str) -> None:
    """Once, with a reason that is told. Refuses with petitions.extended_already, .not_now, .no_words, .no_such."""
    said, now, spans = (
        sentences.words_in(reason),
        version_on(by.session, clock.today()),
        all_spans(by.session),
    )

    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        if petition.extended:
            raise Refusal("petitions.extended_already")
        if petition.state not in ("accepted", "handled", "transferred"):
            raise Refusal("petitions.not_now")
        petition.extended = True
        settle(petition, spans, now)
        lane.step(petition, "extended", by=by, words=said, tells=True)

    lane.note(by, "petitions.extend", number)
    lane.changing(by, number, change)


def write_note(by: Actor, number: int, words: str) -> None:
    said = sentences.words_in(words)

    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        lane.step(petition, "note", by=by, inside=said)

    lane.note(by, "petitions.note", number)
    lane.changing(by, number, change)


def ask_for_review(by: Actor, petition: Petition, words: str) -> None:
    """Who asked is not content, within the days of the law. Refuses with petitions.not_now."""
    said, now, spans = sentences.words_in(words), version_on(by.session, clock.today()), all_spans(by.session)
    lane.note(by, "petitions.ask_for_review", petition.id)

    def change(row: Petition, _session: object) -> None:
        if row.due is None or row.due < clock.today():
            raise Refusal("petitions.review_too_late")
        go_to(row, "review")
        row.review_at = clock.now()
        settle(row, spans, now)
        lane.step(row, "review", words=said)

    lane.changing(by, petition.id, change)


def add_papers(by: Actor, number: int, papers: Sequence[tuple[bytes, str]]) -> None:
    """Cleaned pictures. Refuses with petitions.too_many_papers, .not_now."""

    def change(petition: Petition, session: Session) -> None:
        if by.staff is not None:
            must_see(by, petition)
        has_room(session, petition, len(papers))
        for content, media_type in papers:
            kept = base64.b64encode(content).decode()
            petition.papers.append(PetitionPaper(media_type=media_type, content=kept))

    lane.note(by, "petitions.add_papers", number, count=len(papers))
    lane.changing(by, number, change)


def has_room(session: Session, petition: Petition, more: int) -> None:
    """Refuses with petitions.too_many_papers, .not_now; what is still on its way from chat has its place as well."""
    if not petition.is_open:
        raise Refusal("petitions.not_now")
    if len(petition.papers) + count_rows(session, photos_of(petition.id)) + more > MOST_PAPERS:
        raise Refusal("petitions.too_many_papers", most=MOST_PAPERS)


def exclude(by: Actor, number: int, staff_id: int) -> None:
    """It is about this colleague: from now on they do not see it. Whoever finds that out takes part no more if it is
    them."""

    def change(petition: Petition, _session: object) -> None:
        must_see(by, petition)
        petition.about_staff = True
        petition.excluded = petition.excluded | {staff_id}
        lane.step(petition, "excluded", by=by)

    lane.note(by, "petitions.exclude", number)
    lane.changing(by, number, change)
