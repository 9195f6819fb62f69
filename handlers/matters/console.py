"""说事 at the console: what ends first stands first; one matter with its pictures, and each step on from where it is.

The desk sees all; a grid worker what lies in their own grid or was given to them; others nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response
from wtforms import HiddenField

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, day, sentence
from app.channels.lists import asked_page
from app.understanding.numbers import number_in
from app.words import day_words
from handlers.matters import actions, sentences
from handlers.matters.desk import colleagues
from handlers.matters.photos import sent_photo
from handlers.matters.standing import may_see
from handlers.matters.twins import looks_the_same, spot_of
from models.base import count_rows
from models.identity import Actor
from models.matter_followers import count_followers
from models.matter_lists import (
    done_matters,
    ended_matters,
    late_matters,
    open_matters,
    same_as,
    seen_by,
    unchecked,
)
from models.matter_rules import settings_of
from models.matters import Matter
from models.places_named import with_line
from models.refusal import Refusal
from models.staff import StaffMember

PER_PAGE, SHOWN_TODAY = 50, 5
WHO = ("desk", "grid")
STATES = {
    "received": ("还没交给人", "wait"),
    "assigned": ("有人管", "calm"),
    "working": ("正在办", "calm"),
    "done": ("办好了,等居民说", "good"),
    "closed": ("办完了", "good"),
    "withdrawn": ("居民说不用办了", ""),
}
STEPS = {
    "said": "居民说的",
    "assigned": "交给",
    "given_back": "退回窗口",
    "working": "开始办",
    "answered": "回话",
    "note": "同事备注",
    "due_moved": "改了期限",
    "done": "办好了",
    "reopened": "居民说没解决",
    "closed": "办完了",
    "withdrawn": "居民说不用办了",
    "left": "说的人收回了,别人也说过,接着办",
    "handed_over": "有人休假,转手",
    "joined": "合到另一件",
    "more_said": "又有人说了同一件",
    "parted": "分开单独办",
    "no_photo": "没有照片,因为",
    "checked": "核实过了",
    "late": "超期了,响过铃",
}
LISTS = {
    "open": "在办的",
    "free": "没交给人的",
    "mine": "我管的",
    "late": "超期的",
    "done": "等居民说的",
    "check": "等核实的",
    "ended": "结束的",
}

console = Console("matters_console", __name__)


class WordsForm(ConsoleForm):
    words = sentence("写给居民的话", sentences.LONGEST_WORDS, rows=3)
    why_none = sentence("没有照片,为什么", sentences.LONGEST_WORDS, needed=False, rows=2)
    seen = HiddenField()


class DueForm(ConsoleForm):
    day = day("改到哪天", default=None)
    reason = sentence("为什么", sentences.LONGEST_WORDS, rows=2, hint="居民看得到")


# ---- lists -----------------------------------------------------------------------------------------------------------


def _list(by: Actor, which: str) -> Select[Matter]:
    member = _member(by)
    lists = {
        "free": open_matters().where(Matter.state == "received"),
        "mine": open_matters().where(Matter.owner_id == member.id),
        "late": late_matters(),
        "done": done_matters(),
        "check": unchecked(),
        "ended": ended_matters(),
    }
    return lists.get(which, open_matters()).where(seen_by(member))


def _member(by: Actor) -> StaffMember:
    if by.staff is None:
        abort(403)
    return by.staff


@console.get("/matters")
@staff(*WHO)
def matters() -> str:
    which = request.args.get("which", "open")
    number = asked_page()
    with looking() as by:
        few = selectinload(Matter.owner), selectinload(Matter.photos), selectinload(Matter.category)
        rows = _list(by, which).options(*few, with_line(Matter.place))
        found = by.session.scalars(rows.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
        counts = {key: count_rows(by.session, _list(by, key)) for key in LISTS if key != "ended"}
        facts: dict[str, Any] = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number}
        facts["check_before"] = clock.now() - timedelta(days=settings_of(by.session).check_days)
        facts |= {"which": which if which in LISTS else "open", "counts": counts, "lists": LISTS}
        return render_template("matters/console_list.html", states=STATES, today=clock.today(), **facts)


# ---- one matter ------------------------------------------------------------------------------------------------------


@console.get("/matters/<int:number>")
@staff(*WHO)
def matter(number: int) -> str:
    return _show(number)


def _show(
    number: int,
    words: WordsForm | None = None,
    due: DueForm | None = None,
    which: str = "",
) -> str:
    """What was said stands here in full, so opening it is written down."""

    def unit(by: Actor) -> str:
        row = row_seen(by, number)
        audit.note(by, "matters.read", row)
        form = words or WordsForm(formdata=None)
        form.seen.data = str(row.revision)
        seen = same_as(row).where(seen_by(_member(by)))
        twins = [one for one in by.session.scalars(seen) if looks_the_same(row, one)][:SHOWN_TODAY]
        facts: dict[str, Any] = {"row": row, "twins": twins, "form": form, "which": which, "at": clock.now()}
        facts |= {"followers": count_followers(by.session, row), "spot": spot_of(row)}
        facts["mine"] = _member(by).id in (row.fixed_by_id, row.owner_id)
        facts |= {"colleagues": colleagues(by, row), "due_form": due or DueForm(formdata=None)}
        return render_template("matters/console_matter.html", states=STATES, steps=STEPS, **facts)

    return as_staff(unit)


def row_seen(by: Actor, number: int) -> Matter:
    """Somebody else's grid is not there."""
    row = find(by, Matter, number)
    if not may_see(_member(by), row):
        abort(404)
    return row


def must_be_seen(number: int) -> None:
    """Asked before a picture is unpacked, which takes its time."""
    with looking() as by:
        row_seen(by, number)


@console.post("/matters/<int:number>/assign")
@staff("desk")
def assign(number: int) -> Response:
    to, seen = request.form.get("to", 0, type=int), request.form.get("seen", type=int)

    def unit(by: Actor) -> None:
        actions.assign(by, row_seen(by, number), find(by, StaffMember, to), seen=seen)

    attempt(unit, done="交出去了,居民也知道有人管了。")
    return back(number)


@console.post("/matters/<int:number>/begin")
@staff(*WHO)
def begin(number: int) -> Response:
    attempt(lambda by: actions.begin(by, row_seen(by, number)), done="记下了,居民知道正在办。")
    return back(number)


@console.post("/matters/<int:number>/say/<any(answer, note, finish, back):what>")
@staff(*WHO)
def say(number: int, what: str) -> Response | str:
    """A word to the resident, a note for colleagues, the outcome, or the reason why it goes back to the desk."""
    form, (act, done) = WordsForm(), SAYING[what]
    must_be_seen(number)
    try:
        after = sent_photo("after") if what == "finish" else None
    except Refusal as why:
        form.form_errors.append(current_site().house.refusal_words(why))
        return _show(number, words=form, which=what)

    def unit(by: Actor) -> None:
        more: dict[str, Any] = (
            {"after": after, "why_none": form.why_none.data or ""} if what == "finish" else {}
        )
        if what == "finish" and (seen := number_in(form.seen.data)) is not None:
            more["seen"] = seen
        act(by, row_seen(by, number), form.words.data, **more)

    if form.validate_on_submit() and attempt(unit, form, done):
        return redirect(url_for("matters_console.matters")) if what == "back" else back(number)
    return _show(number, words=form, which=what)


SAYING: dict[str, tuple[Callable[..., Any], str]] = {
    "answer": (actions.answer, "回了,居民会收到提醒。"),
    "note": (actions.note, "记下了,只有同事看得到。"),
    "finish": (actions.finish, "办好了,结果告诉居民了。30天里他说没解决,会再回来。"),
    "back": (actions.give_back, "退回窗口了。"),
}


@console.post("/matters/<int:number>/due")
@staff(*WHO)
def move_due(number: int) -> Response | str:
    form = DueForm()

    def unit(by: Actor) -> None:
        actions.move_due(by, row_seen(by, number), form.day.data, form.reason.data)

    if form.validate_on_submit() and attempt(unit, form, "期限改了,原因告诉居民了。"):
        return back(number)
    return _show(number, due=form, which="due")


@console.post("/matters/<int:number>/again")
@staff("desk")
def again(number: int) -> Response:
    """The resident was asked by telephone: it is solved, or it is not."""
    step = actions.confirm if request.form.get("answer") == "yes" else actions.reopen
    attempt(lambda by: step(by, row_seen(by, number)), done="记下了。")
    return back(number)


def back(number: int) -> Response:
    return redirect(url_for("matters_console.matter", number=number))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*WHO)
def due_soon(by: Actor) -> Card:
    """The desk is shown what nobody has yet and what is late; a grid worker what is theirs."""
    rows = by.session.scalars(_today(by).limit(SHOWN_TODAY)).all()
    lines = [_line(row) for row in rows]
    address = url_for("matters_console.matters")
    urgent = any(line.urgent for line in lines)
    return Card(
        "居民说的事",
        count_rows(by.session, _today(by)),
        address,
        lines,
        "没有没人管或者快到期的事。",
        urgent=urgent,
    )


def _today(by: Actor) -> Select[Matter]:
    member = _member(by)
    seen = open_matters().where(seen_by(member))
    if "desk" not in member.roles:
        return seen
    late = (Matter.due <= clock.today()) | (Matter.give_by <= clock.today())
    return seen.where((Matter.state == "received") | late | (Matter.owner_id == member.id))


def _line(row: Matter) -> Line:
    where = f",{row.place.full_name}" if row.place else ""
    words = f"{row.kind} {row.number}{where}"
    mark = _mark(row.due, row.light)
    return Line(words, url_for("matters_console.matter", number=row.id), None, mark, row.light == "red")


def _mark(due: date | None, light: str) -> str:
    if due is None or not light:
        return ""
    return "超期了" if light == "red" else f"{day_words(due)}到期"
