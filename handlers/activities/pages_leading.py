"""The leader's page on a phone: who comes, what their form says, who was counted, a word to all of them.

A resident who leads opens it by WeChat; so does a member of the staff whose WeChat is bound, and then acts as staff.
Names are covered: the leader knows the people, a glance over the shoulder must not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import render_template, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response as AnyResponse

from app import audit, clock
from app.channels.pages import (
    act,
    as_resident,
    card,
    errors,
    for_residents,
    line,
    looking_on,
    there_or_404,
)
from app.understanding.numbers import number_in
from app.understanding.phone import mask_name
from handlers.activities import actions
from handlers.activities.leading import LONGEST_WORD, MOST_WORDS, WORDS
from handlers.activities.pages import pages
from models.activities import ActivitySession, Enrolment, everybody_in
from models.activities_audience import leads
from models.activities_heads import HeadCount, counts_of, missing_heads
from models.activities_party import Companion, answers_in, companions_in
from models.activities_rules import groups_of, questions_of
from models.identity import Actor, Person
from models.refusal import Refusal
from models.sheets import sheets_of
from models.volunteers import Attendance, stays_in

BEFORE, AHEAD = timedelta(hours=12), timedelta(days=7)
MOST = 40
WAYS = {"out": "出发", "on_the_way": "路上", "back": "回来"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the roster: a party's member on file, who comes along, what was answered."""

    row: Enrolment
    name: str
    along: list[str]
    told: list[str]
    here: str


@pages.get("/leading")
@card("我带的活动", "我负责的活动", on_home=False)
@for_residents
def show_leading() -> str:
    def look(by: Actor) -> str:
        rows = by.session.scalars(_mine(actions.as_leader(by)).limit(MOST)).all()
        return render_template("activities/page_leading.html", rows=rows, today=clock.today())

    return looking_on(look)


def _mine(by: Actor) -> Select[ActivitySession]:
    near = ActivitySession.starts.between(clock.now() - BEFORE, clock.now() + AHEAD)
    found = select(ActivitySession).join(ActivitySession.activity).where(near)
    if by.staff is None:
        found = found.where(leads(by.me))
    return found.order_by(ActivitySession.starts, ActivitySession.id)


@pages.get("/leading/<int:number>")
@for_residents
def lead(number: int) -> str:
    """Opening the roster leaves a line: names and answers of others stand on it."""

    def look(by: Actor) -> str:
        held = there_or_404(actions.session_led(by, number))
        audit.note(actions.as_leader(by), "activities.view_roster", held)
        return _page(by, held)

    return as_resident(look)


def _page(by: Actor, held: ActivitySession, why: Refusal | None = None) -> str:
    rows = by.session.scalars(everybody_in(held)).all()
    counts: list[HeadCount] = list(by.session.scalars(counts_of(held)))
    veiled = _is_veiled(by, held)
    facts = {
        "held": held,
        "veiled": veiled,
        "roster": [] if veiled else _roster(by, held, [row for row in rows if row.state == "joined"]),
        "waiting": [(row, mask_name(row.person.name or "")) for row in rows if _waits(row) and not veiled],
        "counts": counts,
        "ways": WAYS,
        "missing": missing_heads(by.session, held),
        "words": WORDS,
        "words_left": MOST_WORDS - held.words_sent,
        "longest": LONGEST_WORD,
        "is_staff": actions.as_leader(by).staff is not None,
        "now": clock.now(),
        "pupils": any(one.minors for one in groups_of(held.activity.groups)),
        "sheets": by.session.scalars(sheets_of(held)).all(),
    }
    return render_template("activities/page_lead.html", wrong=errors(why), **facts)


def _is_veiled(by: Actor, held: ActivitySession) -> bool:
    """Helpers see pupils' names and forms only during their shift, and half an hour around it; the staff always do."""
    pupils = any(one.minors for one in groups_of(held.activity.groups))
    in_shift = held.opens_at <= clock.now() <= held.shuts_at
    return pupils and not in_shift and actions.as_leader(by).staff is None


def _waits(row: Enrolment) -> bool:
    return row.state in ("waiting", "offered") and row.party_id is None


def _roster(by: Actor, held: ActivitySession, rows: Sequence[Enrolment]) -> list[Entry]:
    """A crowd is asked about once, not each of it."""
    along, answers = companions_in(by.session, held), answers_in(by.session, held)
    last = {one.person_id: one for one in by.session.scalars(stays_in(held))}
    return [
        _entry(row, along.get(row.id, []), answers.get(row.id, {}), last.get(row.person_id)) for row in rows
    ]


def _entry(row: Enrolment, along: list[Companion], answers: dict[str, str], stay: Attendance | None) -> Entry:
    asked = questions_of(row.session.activity.questions)
    told = [f"{one.ask} {answers[one.key]}" for one in asked if one.shown and one.key in answers]
    here = "" if stay is None else "到了" if stay.left_at is None else "走了"
    names = [f"{mask_name(one.name or '')}{'(孩子)' if one.child else ''}" for one in along]
    return Entry(row, mask_name(row.person.name or "") or f"居民{row.person_id}号", names, told, here)


# ---- what a leader does --------------------------------------------------------------------------------------------


def _do(number: int, work: Callable[[Actor, ActivitySession], object], done: str) -> AnyResponse:
    def unit(by: Actor) -> str:
        work(actions.as_leader(by), there_or_404(actions.session_led(by, number)))
        return url_for(".lead", number=number, done=done)

    return act(unit, lambda by, why: _page(by, there_or_404(actions.session_led(by, number)), why))


@pages.post("/leading/<int:number>/mark")
@for_residents
def mark(number: int) -> AnyResponse:
    """Somebody did not come, let us know, or came after all."""
    chosen = request.form.get("mark") or None
    return _do(number, lambda by, held: actions.note_mark(by, held, _person(by, held), chosen), "mark")


@pages.post("/leading/<int:number>/admit")
@for_residents
def admit(number: int) -> AnyResponse:
    """Somebody who waits is let in after all, beside the plan."""
    return _do(number, lambda by, held: actions.admit(by, held, _person(by, held)), "admit")


def _person(by: Actor, held: ActivitySession) -> Person:
    """Only those who are on this session's lists."""
    number = request.form.get("person", 0, int)
    listed = Enrolment.session_id == held.id, Enrolment.person_id == number, Enrolment.state != "left"
    row = by.session.scalar(select(Enrolment).where(*listed))
    if row is None:
        raise Refusal("activities.not_in_session")
    return row.person


@pages.post("/leading/<int:number>/count")
@for_residents
def count(number: int) -> AnyResponse:
    way, typed = request.form.get("way", ""), line("counted", 5)
    counted = -1 if (read := number_in(typed)) is None else read
    return _do(number, lambda by, held: actions.count_heads(by, held, way, counted), "count")


@pages.post("/leading/<int:number>/word")
@for_residents
def word(number: int) -> AnyResponse:
    chosen, own = request.form.get("chosen", ""), line("own", LONGEST_WORD)
    return _do(number, lambda by, held: actions.send_word(by, held, chosen=chosen, own=own), "word")


@pages.post("/leading/<int:number>/cancel")
@for_residents
def cancel(number: int) -> AnyResponse:
    why = line("why", 15)
    return _do(number, lambda by, held: actions.cancel_session(by, held, why=why), "cancel")


@pages.post("/leading/<int:number>/restore")
@for_residents
def restore(number: int) -> AnyResponse:
    return _do(number, actions.restore_session, "restore")
