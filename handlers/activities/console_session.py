"""One session as it is arranged: who comes and who waits, other hours or seats, calling it off and taking that back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField
from wtforms.validators import NumberRange, Optional

from app import audit, clock
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, day, moment, words
from app.understanding.numbers import number_in
from handlers.activities import actions
from handlers.activities.actions import Change
from handlers.activities.console import READERS, console
from handlers.activities.leading import LONGEST_WORD, MOST_WORDS, WORDS
from models.activities import MOST_SEATS, ActivitySession, Enrolment, everybody_in
from models.activities_party import answers_in, companions_in
from models.activities_rules import questions_of
from models.activities_series import cancelled_with, following
from models.identity import Actor
from models.refusal import Refusal


class ChangeForm(ConsoleForm):
    day = day("哪一天", needed=False)
    opens = moment("从几点")
    closes = moment("到几点")
    place = words("地点", 40, needed=False, hint="空着就是活动平常的地方")
    capacity = IntegerField("名额", [Optional(), NumberRange(1, MOST_SEATS)])
    following = BooleanField("后面的每一场也这样改(日子不变)")


@console.get("/activities/sessions/<int:number>")
@staff(*READERS)
def arrange(number: int) -> str:
    """Opening it leaves a line: names and answers of residents stand on it."""
    return as_staff(lambda by: _page(by, number, None, seen=True))


def _page(by: Actor, number: int, form: ChangeForm | None, *, seen: bool = False) -> str:
    held = find(by, ActivitySession, number)
    if seen:
        audit.note(by, "activities.view_roster", held)
    rows = by.session.scalars(everybody_in(held)).all()
    lines = _lines(by, held, rows)
    later = by.session.scalars(following(held)).all() if held.series_id else []
    facts: dict[str, Any] = {
        "held": held,
        "form": form or _change_form(held),
        "joined": [lines[row.id] for row in rows if row.state == "joined"],
        "waiting": _waiting(rows, lines),
        "later": len(later),
        "hear": actions.would_hear(by, [held]),
        "hear_all": actions.would_hear(by, later) if later else 0,
        "can_restore": actions.can_restore(held),
        "words": WORDS,
        "words_left": MOST_WORDS - held.words_sent,
        "longest": LONGEST_WORD,
        "now": clock.now(),
    }
    if held.state == "cancelled" and held.series_id:
        gone = by.session.scalars(cancelled_with(held)).all()
        facts["restorable"] = len([one for one in gone if actions.can_restore(one)])
    return render_template("activities/console_session.html", **facts)


def _lines(by: Actor, held: ActivitySession, rows: Sequence[Enrolment]) -> dict[int, dict[str, Any]]:
    """Enrolment → what stands about it. A crowd is asked about once, not each of it."""
    along, answers = companions_in(by.session, held), answers_in(by.session, held)
    asked = questions_of(held.activity.questions)
    lines = {}
    for row in rows:
        names = [
            f"{one.name or '(名字已删)'}{'(孩子)' if one.child else ''}" for one in along.get(row.id, ())
        ]
        told = answers.get(row.id, {})
        said = [f"{one.ask} {told[one.key]}" for one in asked if one.key in told]
        lines[row.id] = {"row": row, "along": names, "told": said}
    return lines


def _waiting(rows: Sequence[Enrolment], lines: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """Kept seats first, then the line in its order."""
    heads = [row for row in rows if row.state in ("waiting", "offered") and row.party_id is None]
    kept = [row for row in heads if row.state == "offered"]
    line = sorted((row for row in heads if row.state == "waiting"), key=lambda row: row.line or 0)
    return [lines[row.id] | {"place": 0} for row in kept] + [
        lines[row.id] | {"place": place} for place, row in enumerate(line, 1)
    ]


def _change_form(held: ActivitySession) -> ChangeForm:
    starts, ends = clock.local(held.starts), clock.local(held.ends)
    facts = {"day": starts.date(), "opens": starts.time(), "closes": ends.time()}
    facts |= {"place": held.own_place or "", "capacity": held.capacity}
    return ChangeForm(formdata=None, data=facts)


@console.post("/activities/sessions/<int:number>/change")
@staff("desk", "leader")
def change_session(number: int) -> Response | str:
    form = ChangeForm()

    def unit(by: Actor) -> int:
        held = find(by, ActivitySession, number)
        change = Change(
            form.opens.data,
            form.closes.data,
            form.day.data,
            form.place.data or "",
            None if held.groups else form.capacity.data,
            _seats(held),
        )
        return actions.change_session(by, held, change, following=form.following.data)

    if form.validate_on_submit() and (told := attempt(unit, form)):
        flash(f"改好了,告诉{told.it}个人。" if told.it else "改好了。", "success")
        return redirect(url_for("activities_console.arrange", number=number))
    with looking() as by:
        return _page(by, number, form)


def _seats(held: ActivitySession) -> dict[str, int]:
    typed = {
        group.key: number_in(request.form.get(f"seats-{group.key}", "").strip()) for group in held.groups
    }
    seats = {key: one for key, one in typed.items() if one is not None and one <= MOST_SEATS}
    if len(seats) < len(typed):
        raise Refusal("activities.bad_capacity")
    return seats


# ---- calling off ---------------------------------------------------------------------------------------------------


@console.post("/activities/sessions/<int:number>/call-off")
@staff(*READERS)
def call_off(number: int) -> Response:
    """One session, or it and all that follow; the words leave in ten minutes, unless it begins soon."""
    why, whole = request.form.get("why", "").strip(), request.form.get("following") == "1"

    def unit(by: Actor) -> None:
        held = find(by, ActivitySession, number)
        if not why:
            raise Refusal("activities.why_needed")
        if whole:
            actions.cancel_following(by, held, why=why)
        else:
            actions.cancel_session(by, held, why=why)

    attempt(unit, done="取消了。十分钟以内还能撤回,过后消息发给每一个人。")
    return redirect(url_for("activities_console.arrange", number=number))


@console.post("/activities/sessions/<int:number>/restore")
@staff(*READERS)
def restore(number: int) -> Response:
    whole = request.form.get("following") == "1"

    def unit(by: Actor) -> None:
        held = find(by, ActivitySession, number)
        if whole:
            actions.restore_following(by, held)
        else:
            actions.restore_session(by, held)

    attempt(unit, done="撤回了,跟没取消过一样。")
    return redirect(url_for("activities_console.arrange", number=number))


@console.post("/activities/sessions/<int:number>/word")
@staff("desk", "leader")
def send_word(number: int) -> Response:
    chosen, own = request.form.get("chosen", ""), request.form.get("own", "").strip()

    def unit(by: Actor) -> int:
        return actions.send_word(by, find(by, ActivitySession, number), chosen=chosen, own=own)

    if told := attempt(unit):
        flash(f"发给了{told.it}个人。", "success")
    return redirect(url_for("activities_console.arrange", number=number))
