"""A petition comes in and gets its time: a draft first, then a number, a room and a leader at once; moved, given up,
lost when a leader is away, and offered again.

The room and the leader are taken in the main database under locks before the confidential lane commits; so nobody has a
number for a time that somebody else has.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from app import clock, privacy
from handlers.petitions import lane, messages, sentences
from models.base import count_rows
from models.identity import Actor
from models.petitions import (
    MOST_OPEN,
    OPEN,
    Petition,
    go_to,
    set_due,
)
from models.petitions_clock import Spans, spans_of, version_on
from models.petitions_lists import asked_by, draft_of, tail_of, whose
from models.petitions_plan import PRIORITY, ReceptionTime, free_times, hold_time
from models.receipts import new_receipt, spoken
from models.refusal import Refusal
from models.resources import Resource, leave, occupy
from models.staff import StaffMember

CODE_ROOM = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for beside the matter itself. `name` and `phone` are None for who gives them at the session."""

    name: str | None = None
    phone: str | None = None
    language: str | None = None
    companion: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What is told at once; `code` stands for a phone when none was given."""

    number: int
    receipt: str
    due: date
    starts: datetime | None
    code: str | None

    @property
    def spoken(self) -> str:
        return spoken(self.receipt)


# ---- a draft -----------------------------------------------------------------------------------------------------


def keep_draft(by: Actor, text: str, *, token: str | None = None) -> str:
    """Keep the words where nobody of the house looks, before anything else does; the token that stands for them. An
    earlier draft of the same account goes. A form brings its own `token`: sent twice, it is the same petition."""
    words, token = sentences.matter_in(text), token or secrets.token_urlsafe(12)

    def unit(session: Session) -> None:
        known = draft_of(session, token)
        if known is not None:
            known.text = words if known.state == "draft" else known.text
            return
        row = Petition(token=token, text=words, channel=by.channel)
        if by.identity is not None:
            row.who, row.app, row.openid = whose(by.identity), by.identity.app, by.identity.openid
            mine = Petition.who == row.who, Petition.state == "draft"
            session.execute(delete(Petition).where(*mine))
        session.add(row)

    lane.writing(by, unit)
    return token


def name_the_accused(by: Actor, token: str, words: str) -> str:
    """It is about somebody of the staff: whoever that is never sees it. The token again."""
    accused = sentences.name_told(words)
    excluded = _named_in(by, accused)

    def unit(session: Session) -> None:
        draft = _draft(session, token)
        draft.about_staff, draft.accused = True, accused
        draft.excluded = excluded | _named_in(by, draft.text)

    lane.writing(by, unit)
    return token


def _named_in(by: Actor, words: str) -> frozenset[int]:
    members = by.session.scalars(select(StaffMember))
    return frozenset(one.id for one in members if len(one.name) > 1 and one.name in words)


def leaders_named(by: Actor, token: str) -> list[int]:
    """Leaders whom this draft is about: they do not receive it."""
    with lane.looking(by) as session:
        draft = session.scalar(select(Petition).where(Petition.token == token))
        return [] if draft is None else [one.id for one in _leaders(by) if _is_named(one, draft)]


def _leaders(by: Actor) -> Sequence[Resource]:
    return by.session.scalars(select(Resource).where(Resource.kind == "person")).all()


def _is_named(leader: Resource, petition: Petition) -> bool:
    """Their name, or their office ("李副区长"), in what is complained about."""
    said = f"{petition.accused or ''} {petition.text}" if petition.about_staff else ""
    return leader.staff_id in petition.excluded or leader.name in said


def _draft(session: Session, token: str) -> Petition:
    draft = draft_of(session, token)
    if draft is None:
        raise Refusal("petitions.draft_gone")
    return draft


# ---- with a number and a time ------------------------------------------------------------------------------------


def receive(by: Actor, token: str, time_: ReceptionTime | None, asked: Asked) -> Received:
    """Take it in: number, last day and, unless somebody came without one (`time_` None), room and leader at once. The
    same draft again is the same petition.

    Refuses with petitions.draft_gone, .too_many, .time_taken, .leader_is_named.
    """
    with lane.looking(by) as session:
        draft = session.scalar(select(Petition).where(Petition.token == token))
        if draft is None:
            raise Refusal("petitions.draft_gone")
        if draft.state == "draft":
            _check_count(by, session)
        place = draft.place + 1 if draft.time_id is None or time_ is None else draft.place
        number, source = draft.id, f"{draft.source.rpartition(':')[0]}:{place}"
        if time_ is not None:
            time_ = _take(by, time_, draft, source)
    version = version_on(by.session, clock.today())
    spans = spans_of(by.session, version)
    lane.note(by, "petitions.receive", number)
    return lane.writing(by, lambda session: _become(session, token, time_, place, asked, spans))


def _check_count(by: Actor, session: Session) -> None:
    if by.person is not None:
        mine = asked_by(lane.hashes_of(by, by.me)).where(Petition.state.in_(OPEN))
        if count_rows(session, mine) >= MOST_OPEN:
            raise Refusal("petitions.too_many", most=MOST_OPEN)


def _take(by: Actor, time_: ReceptionTime, petition: Petition, source: str) -> ReceptionTime:
    """Room and leader, or none of them."""
    held = hold_time(by.session, time_)
    first = petition.first_until is not None
    again = held.source == source
    if not again and by.session.scalar(_bookable(held, first)) is None:
        raise Refusal("petitions.time_taken", time=held)
    if _is_named(held.leader, petition):
        raise Refusal("petitions.leader_is_named", time=held)
    if not again:
        try:
            occupy(by.session, [held.room, held.leader], held.starts, held.ends, source)
        except Refusal as why:
            raise Refusal("petitions.time_taken", time=held) from why
        held.source = source
        by.session.flush()
    return held


def _bookable(time_: ReceptionTime, first: bool) -> Select[ReceptionTime]:
    return free_times(first=first).where(ReceptionTime.id == time_.id)


def _become(
    session: Session, token: str, time_: ReceptionTime | None, place: int, asked: Asked, spans: Spans
) -> Received:
    petition = _draft(session, token)
    code = code_of(token) if asked.phone is None else None
    if petition.state == "draft":
        go_to(petition, "received")
        petition.receipt, petition.received_at = new_receipt(), clock.now()
        petition.name, petition.phone = asked.name, asked.phone
        petition.language, petition.companion = asked.language, asked.companion
        petition.tail = tail_of(petition.receipt, code or str(asked.phone)[-4:])
        set_due(petition, spans)
        lane.step(petition, "received")
    if time_ is not None:
        _put_down(petition, time_, place)
    return told(petition, code)


def _put_down(petition: Petition, time_: ReceptionTime, place: int) -> None:
    petition.time_id, petition.starts, petition.ends = time_.id, time_.starts, time_.ends
    petition.leader, petition.place = time_.leader.name, place
    petition.placed_at, petition.first_until = clock.now(), None
    petition.link_tested_at = petition.called_at = None


def told(petition: Petition, code: str | None = None) -> Received:
    if petition.receipt is None or petition.due is None:
        raise RuntimeError("this petition has no number yet")
    return Received(petition.id, petition.receipt, petition.due, petition.starts, code)


def code_of(token: str) -> str:
    """Four digits that stand for a phone: the same each time, so that a repeat tells the same."""
    blind = privacy.keyring("confidential").blind("petition.code", token)
    return f"{int(blind[:12], 16) % CODE_ROOM:04d}"


# ---- another time, none, or given up -----------------------------------------------------------------------------


def move(by: Actor, petition: Petition, time_: ReceptionTime) -> None:
    """To another time: the old one is free again in the same unit. `petition` is as it was read.

    Refuses with petitions.time_taken, .leader_is_named, .not_now.
    """
    if not petition.is_open or petition.met_at is not None:
        raise Refusal("petitions.not_now")
    place = petition.place + 1
    source = f"{petition.source.rpartition(':')[0]}:{place}"
    _take(by, time_, petition, source)
    _free(by.session, petition.source)
    messages.take_back_reminder(by.session, petition, petition.place)
    lane.note(by, "petitions.move", petition.id)

    def change(row: Petition, _session: Session) -> None:
        if row.place != petition.place or not row.is_open:
            raise Refusal("petitions.changed_meanwhile")
        _put_down(row, time_, place)
        lane.step(row, "moved", by=by, tells=by.staff is not None)

    lane.changing(by, petition.id, change)


def withdraw(by: Actor, petition: Petition) -> None:
    """Given up by who asked; the record stays, as the law wants it."""
    _free(by.session, petition.source)
    messages.take_back_reminder(by.session, petition, petition.place)
    lane.note(by, "petitions.withdraw", petition.id)

    def change(row: Petition, _session: Session) -> None:
        go_to(row, "withdrawn")
        row.due, row.ended_at = None, clock.now()
        lose_place(row)
        lane.step(row, "withdrawn", by=by)

    lane.changing(by, petition.id, change)


def lose_place(petition: Petition) -> None:
    petition.time_id = petition.starts = petition.ends = petition.leader = None
    petition.place += 1
    petition.link = None


def displace(by: Actor, number: int, source: str) -> None:
    """A leader is away: who had this time chooses first for a day."""
    _free(by.session, source)
    lane.note(by, "petitions.displace", number)

    def change(row: Petition, _session: Session) -> None:
        if row.source == source and row.has_place:
            lose_place(row)
            row.first_until = clock.now() + PRIORITY
            lane.step(row, "displaced", by=by, tells=True)

    lane.changing(by, number, change)


def _free(session: Session, source: str) -> None:
    leave(session, source)
    for one in session.scalars(select(ReceptionTime).where(ReceptionTime.source == source)).all():
        one.source = None
    session.flush()
