"""One session, for its leader: the screen with the code, who is here, and putting right what went wrong."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, time

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Console, as_staff, attempt, find, looking, staff
from app.channels.console_forms import WhoseForm, mobile
from handlers.activities import actions as activities
from handlers.people import actions as people
from handlers.volunteers import actions, collecting
from models import stays
from models.activities import ActivitySession, Enrolment, people_in
from models.identity import Actor, Person
from models.refusal import Refusal
from models.sheets import sheets_of
from models.volunteers import Attendance, Way, stays_in

LEADERS = ("desk", "approver", "leader")

console = Console("volunteers_console", __name__, under="活动")


class AdmitForm(WhoseForm):
    phone = mobile("手机号")


@console.route("/sessions/<int:number>", methods=["GET", "POST"])
@staff(*LEADERS)
def session(number: int) -> Response | str:
    """Sending the form lets one more in, found by phone; of several who share it, the one who is chosen."""
    form = AdmitForm()
    found: dict[str, str] = {}
    if form.validate_on_submit():
        found = as_staff(lambda by: _found(by, form.phone.data))
        if _is_clear(form, found) and attempt(
            lambda by: _admit(by, number, form.person.data), form, "加上了。"
        ):
            return redirect(url_for("volunteers_console.session", number=number))
    with looking() as by:
        held = find(by, ActivitySession, number)
        came = by.session.scalars(stays_in(held)).all()
        facts = {
            "held": held,
            "came": came,
            "missing": _missing(by, held, came),
            "form": form,
            "found": found,
        }
        facts |= {"hear": activities.would_hear(by, [held])}
        facts |= {"sheets": by.session.scalars(sheets_of(held)).all()}
        facts |= {"over": stays.has_ended(held, clock.now()), "now": clock.now()}
        return render_template("volunteers/console_session.html", **facts)


def _missing(by: Actor, held: ActivitySession, came: Sequence[Attendance]) -> list[Enrolment]:
    """Who has signed up and not been seen."""
    seen = {row.person_id for row in came}
    return [row for row in by.session.scalars(people_in(held)) if row.person_id not in seen]


def _found(by: Actor, phone: str) -> dict[str, str]:
    return {str(one.id): one.name or "" for one in people.find_by_phone(by, phone, purpose="activity")}


def _is_clear(form: AdmitForm, found: dict[str, str]) -> bool:
    """Whether it is known who is meant; that nobody has this phone is said by `_admit`."""
    asked_before = form.offer(found)
    if len(found) < 2:
        form.person.data = next(iter(found), None)
        return True
    return asked_before and form.person.data in found


def _admit(by: Actor, number: int, who: str | None) -> None:
    if who is None:
        raise Refusal("volunteers.nobody_with_phone")
    activities.admit(by, find(by, ActivitySession, number), find(by, Person, int(who)))


# ---- the course of a session -----------------------------------------------------------------------------------------


@console.post("/sessions/<int:number>/open")
@staff(*LEADERS)
def open_session(number: int) -> Response:
    attempt(lambda by: activities.open_session(by, find(by, ActivitySession, number)), done="开始了。")
    return redirect(url_for("volunteers_console.session", number=number))


@console.post("/sessions/<int:number>/close")
@staff(*LEADERS)
def close_session(number: int) -> Response:
    attempt(
        lambda by: actions.close_session(by, find(by, ActivitySession, number)),
        done="结束了,忘了签退的按结束时间算。",
    )
    return redirect(url_for("volunteers_console.session", number=number))


@console.post("/sessions/<int:number>/cancel")
@staff(*LEADERS)
def cancel_session(number: int) -> Response:
    why = request.form.get("why", "").strip()
    attempt(
        lambda by: activities.cancel_session(by, find(by, ActivitySession, number), why=why),
        done="取消了,报名的人会收到消息。",
    )
    return redirect(url_for("volunteers_console.session", number=number))


@console.post("/sessions/<int:number>/screen")
@staff(*LEADERS)
def screen(number: int) -> Response:
    """The page with the code that turns over, by a signed link that works until checking out ends."""
    link = attempt(lambda by: actions.leader_link(by, find(by, ActivitySession, number)))
    return redirect(link.it if link else url_for("volunteers_console.session", number=number))


# ---- putting attendance right ----------------------------------------------------------------------------------------


@console.post("/sessions/<int:number>/tick")
@staff(*LEADERS)
def tick(number: int) -> Response:
    """The leader saw somebody come or go: now, or at a time of this session's day."""
    way: Way = "out" if request.form.get("way") == "out" else "in"
    who, at = request.form.get("person", 0, int), request.form.get("at", "")

    def unit(by: Actor) -> None:
        held, person = find(by, ActivitySession, number), find(by, Person, who)
        _must_belong(by, held, person)
        moment = _moment(held, at)
        if way == "out" and moment is None:
            collecting.must_not_be_a_child(by, held, person)
        nonce = secrets.token_hex(16) if moment else None
        actions.tick(by, held, person, way, nonce=nonce, occurred_at=moment)

    attempt(unit, done="记下了。")
    return redirect(url_for("volunteers_console.session", number=number))


def _must_belong(by: Actor, held: ActivitySession, person: Person) -> None:
    """Only those who signed up are ticked by number; others are found by phone first."""
    theirs = Enrolment.session_id == held.id, Enrolment.person_id == person.id
    if by.session.scalar(select(Enrolment.id).where(*theirs)) is None:
        raise Refusal("volunteers.not_in_list")


def _moment(held: ActivitySession, at: str) -> datetime | None:
    """ "09:30" on the day of the session; None for now."""
    try:
        return clock.at(clock.local(held.starts).date(), time.fromisoformat(at)) if at else None
    except ValueError:
        return None
