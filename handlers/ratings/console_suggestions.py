"""Suggestions at the console: which wait for an answer, which answers wait to be public, and the paper book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, SelectField

from app import audit, clock
from app.channels.console import Card, Line, as_staff, attempt, current_site, find, looking, staff
from app.channels.console_forms import NO_PHONE, ConsoleForm, choices, sentence, words
from app.channels.lists import asked_page
from app.understanding.phone import phone_in
from handlers.matters.actions import Reported
from handlers.ratings import actions, sentences
from handlers.ratings.console import WHO, console
from handlers.ratings.publishing import Words
from handlers.ratings.suggesting import MOST_PAGE, Said
from models.base import count_rows
from models.diary import (
    KIND,
    Suggestion,
    answered_unshown,
    beside_or_none,
    echoes,
    open_suggestions,
    overdue_suggestions,
    to_be_passed,
)
from models.identity import Actor
from models.matters import KINDS, Matter

SHOWN, SHOWN_TODAY = 30, 5
LONGEST_IDEA = 500
LISTS = {
    "open": "等回话",
    "answered": "回了话,等公开",
    "asked": "等第二个人看",
    "public": "公开的",
    "closed": "不公开的",
}
STATES = {
    "received": "收到了",
    "assigned": "有人管了",
    "working": "正在办",
    "done": "回了话",
    "closed": "办完了",
}


class ShowForm(ConsoleForm):
    seen = HiddenField()
    words = sentence(
        "公开的建议",
        sentences.LONGEST_PUBLIC,
        rows=3,
        hint="所有人看得到:不写姓名、电话、门牌,认不出是谁提的",
    )
    reply = sentence("公开的回话", sentences.LONGEST_PUBLIC, rows=4, hint="办了什么,什么时候;办不成,说为什么")
    agreed = BooleanField("问过本人,愿意公开")


class BookForm(ConsoleForm):
    text = sentence("居民写的", LONGEST_IDEA, rows=5, hint="照本子上的话抄;身份证号不用记")
    book_page = words("本子第几页", MOST_PAGE, needed=False, hint="从意见本抄来的才填")
    phone = words("电话", 20, needed=False, hint="有电话,居民凭受理号和后四位就能查")
    showing = SelectField(
        "公开吗", choices=choices({"ask": "还没问本人", "yes": "本人愿意公开", "no": "本人不要公开"})
    )
    nameless = BooleanField("没有留名(会给一个查询码)")


class WhyForm(ConsoleForm):
    why = sentence("为什么", sentences.LONGEST_ANSWER, rows=2)


def _list(which: str) -> Select[Matter]:
    """Matters, with what stands beside them looked up afterwards."""
    beside = select(Matter).join(Suggestion, Suggestion.matter_id == Matter.id)
    lists = {
        "open": open_suggestions(),
        "answered": answered_unshown(),
        "asked": beside.where(Suggestion.state == "asked").order_by(Suggestion.asked_at),
        "public": beside.where(Suggestion.state == "public").order_by(Suggestion.shown_at.desc()),
        "closed": beside.where((Suggestion.may_show.is_(False)) | (Suggestion.state == "down")).order_by(
            Matter.said_at.desc()
        ),
    }
    return lists.get(which, lists["open"])


@console.get("/ratings/suggestions")
@staff(*WHO)
def suggestions() -> str:
    g.menu_word = "评价"
    which, page = request.args.get("which", "open"), asked_page()
    which = which if which in LISTS else "open"
    with looking() as by:
        rows = by.session.scalars(_list(which).offset((page - 1) * SHOWN).limit(SHOWN + 1)).all()
        counts = {key: count_rows(by.session, _list(key)) for key in ("open", "answered", "asked")}
        facts: dict[str, Any] = {
            "rows": rows[:SHOWN],
            "page": page,
            "more": len(rows) > SHOWN,
            "which": which,
        }
        facts |= {"counts": counts, "lists": LISTS, "states": STATES, "beside": _beside(by, rows)}
        return render_template("ratings/console_suggestions.html", today=clock.today(), **facts)


def _beside(by: Actor, rows: Any) -> dict[int, Suggestion]:
    mine = Suggestion.matter_id.in_([one.id for one in rows])
    return {one.matter_id: one for one in by.session.scalars(select(Suggestion).where(mine))}


@console.get("/ratings/suggestions/<int:number>")
@staff(*WHO)
def suggestion(number: int) -> str:
    return _show(number, ShowForm(formdata=None), WhyForm(formdata=None))


def _show(number: int, form: ShowForm, why: WhyForm) -> str:
    """What was said stands here in full, so opening it is written down."""
    g.menu_word = "评价"

    def unit(by: Actor) -> str:
        matter = _matter(by, number)
        row = beside_or_none(by.session, matter)
        audit.note(by, "ratings.read_suggestion", matter)
        if form.words.raw_data is None:
            form.words.data = (row and row.words) or sentences.draft_of(by.session, matter, matter.text)
            form.reply.data = (row and row.reply) or sentences.draft_of(by.session, matter, matter.outcome)
        form.seen.data = str(row.revision if row else 0)
        facts: dict[str, Any] = {"matter": matter, "row": row, "form": form, "why": why, "states": STATES}
        facts |= {"count": echoes(by.session, [row]).get(row.id, 0) if row else 0, "today": clock.today()}
        facts |= {
            "kinds": [kind for kind in KINDS if kind != KIND],
            "mine": row and row.asked_by_id == _id(by),
        }
        return render_template("ratings/console_suggestion.html", **facts)

    return as_staff(unit)


def _id(by: Actor) -> int:
    return by.staff.id if by.staff is not None else 0


def _matter(by: Actor, number: int) -> Matter:
    matter = find(by, Matter, number)
    if matter.kind != KIND:
        abort(404)
    return matter


@console.post("/ratings/suggestions/<int:number>/ask")
@staff(*WHO)
def ask_to_show(number: int) -> Response | str:
    form = ShowForm()

    def unit(by: Actor) -> None:
        offices = (current_site().settings.community.phone,)
        told = Words(form.words.data, form.reply.data, agreed=form.agreed.data, offices=offices)
        actions.ask_to_show(by, _matter(by, number), told, seen=_seen())

    if form.validate_on_submit() and attempt(unit, form, "交上去了,等另一位同事看过就公开。"):
        return _back(number)
    return _show(number, form, WhyForm(formdata=None))


@console.post("/ratings/suggestions/<int:number>/pass")
@staff(*WHO)
def let_pass(number: int) -> Response:
    attempt(lambda by: actions.show(by, _row(by, number), seen=_seen()), done="公开了,本人会收到提醒。")
    return _back(number)


@console.post("/ratings/suggestions/<int:number>/<any(back, down):step>")
@staff(*WHO)
def stop(number: int, step: str) -> Response | str:
    form = WhyForm()
    done = "退回了,写的同事看得到原因。" if step == "back" else "撤下来了,居民看不到了。"

    def unit(by: Actor) -> None:
        if step == "back":
            actions.send_back(by, _row(by, number), form.why.data, seen=_seen())
        else:
            actions.take_down(by, _row(by, number), form.why.data)

    if form.validate_on_submit() and attempt(unit, form, done):
        return _back(number)
    return _show(number, ShowForm(formdata=None), form)


@console.post("/ratings/suggestions/<int:number>/turn")
@staff("desk")
def turn(number: int) -> Response:
    """It is no idea but something to be done."""
    kind = request.form.get("kind", "")
    done = f"转成“{kind}”了,受理号不变,本人会收到提醒。"
    if attempt(lambda by: actions.turn_into_matter(by, _matter(by, number), kind), done=done):
        return redirect(url_for("matters_console.matter", number=number))
    return _back(number)


def _row(by: Actor, number: int) -> Suggestion:
    row = beside_or_none(by.session, _matter(by, number))
    if row is None:
        abort(404)
    return row


def _seen() -> int | None:
    return request.form.get("seen", type=int)


def _back(number: int) -> Response:
    return redirect(url_for("ratings_console.suggestion", number=number))


# ---- the paper book --------------------------------------------------------------------------------------------------


@console.route("/ratings/suggestions/new", methods=["GET", "POST"])
@staff("desk")
def from_book() -> Response | str:
    """For who wrote into the book, telephones, or comes to the window."""
    g.menu_word = "评价"
    form = BookForm()
    phone = phone_in(form.phone.data or "")

    def unit(by: Actor) -> Reported:
        may = {"yes": True, "no": False}.get(form.showing.data)
        contact = "anonymous" if form.nameless.data else "confidential"
        said = Said(form.text.data, contact, may, form.book_page.data or "", phone)
        return actions.suggest(by, said)

    if form.validate_on_submit():
        if form.phone.data and phone is None:
            form.phone.errors = [NO_PHONE]
        elif made := attempt(unit, form):
            taken = made.it
            flash(_to_be_told(taken.matter.number, taken.code), "success")
            return redirect(url_for("ratings_console.suggestion", number=taken.matter.id))
    return render_template("ratings/console_book.html", form=form)


def _to_be_told(number: str, code: str | None) -> str:
    told = f"记下了。请把受理号告诉居民:{number}。"
    return f"{told}查询码 {code},只显示这一次,请一起抄给居民。" if code else told


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*WHO)
def waiting(by: Actor) -> Card:
    """What is late first, then answers that a second person has to read, then those that could be public."""
    parts: tuple[tuple[Callable[[], Select[Any]], str, str], ...] = (
        (overdue_suggestions, "过了期,还没回话", "open"),
        (to_be_passed, "公开前要您看一遍", "asked"),
        (answered_unshown, "回了话,可以公开", "answered"),
    )
    lines, count = [], 0
    for rows, said, which in parts:
        found = count_rows(by.session, rows())
        count += found
        if found:
            lines.append(Line(f"{said}:{found}条", url_for("ratings_console.suggestions", which=which)))
    late = count_rows(by.session, overdue_suggestions())
    address = url_for("ratings_console.suggestions")
    return Card("建议", count, address, lines[:SHOWN_TODAY], "建议都回了话。", urgent=late > 0)
