"""The wishes desk: what was said beside what may be shown, refusals with a reason, late promises, thanks to read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, sentence, words
from handlers.wishes import actions, sentences
from models.identity import Actor
from models.wish_lists import overdue, public_wishes, thanks_waiting, unconfirmed, waiting_for_review
from models.wishes import CATEGORIES, CONFIRM_WITHIN, Claim, Wish, live_claim

SHOWN, SHOWN_TODAY = 100, 5
STATES = {
    "said": ("等审核", "wait"),
    "public": ("公开,等人认领", "good"),
    "claimed": ("有人认领", "calm"),
    "done": ("说办好了,等确认", "wait"),
    "confirmed": ("办好了", "good"),
    "thanked": ("办好了,道过谢", "good"),
    "refused": ("没有收", ""),
    "withdrawn": ("本人撤回", ""),
}
LISTS = {
    "review": "等审核",
    "public": "等人认领",
    "claimed": "认领中",
    "confirm": "等确认",
    "thanks": "感谢等看",
    "ended": "结束的",
}

console = Console("wishes_console", __name__)


class ReviewForm(ConsoleForm):
    public_text = sentence(
        "公开的话", sentences.LONGEST_PUBLIC, rows=4, hint="所有人看得到:不写姓名、电话、门牌和病情"
    )
    category = SelectField("类别", choices=choices({name: name for name in CATEGORIES}))


class RefuseForm(ConsoleForm):
    reason = words("为什么不收", sentences.LONGEST_REASON, hint="会原样告诉本人,语气缓一些")


# ---- lists -----------------------------------------------------------------------------------------------------------


def _list(which: str) -> Select[Wish]:
    states = select(Wish).order_by(Wish.changed_at.desc())
    lists = {
        "review": waiting_for_review(),
        "public": public_wishes(),
        "claimed": states.where(Wish.state == "claimed"),
        "confirm": states.where(Wish.state == "done").order_by(None).order_by(Wish.done_at),
        "thanks": thanks_waiting(),
        "ended": states.where(Wish.state.in_(("confirmed", "thanked", "refused", "withdrawn"))),
    }
    return lists.get(which, lists["review"])


@console.get("/wishes")
@staff("desk", "approver")
def wishes() -> str:
    which = request.args.get("which", "review")
    with looking() as by:
        rows = by.session.scalars(_list(which).limit(SHOWN)).all()
        counts = {key: _count(by, _list(key)) for key in LISTS if key != "ended"}
        facts = {"rows": rows, "which": which if which in LISTS else "review", "counts": counts}
        return render_template("wishes/console_list.html", lists=LISTS, states=STATES, **facts)


def _count(by: Actor, rows: Select[Wish]) -> int:
    return by.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0


# ---- one wish --------------------------------------------------------------------------------------------------------


@console.get("/wishes/<int:number>")
@staff("desk", "approver")
def wish(number: int) -> str:
    return _show(number, ReviewForm(formdata=None), RefuseForm(formdata=None))


def _show(number: int, form: ReviewForm, refusal: RefuseForm) -> str:
    """What was said stands here in full, so opening it is written down."""

    def unit(by: Actor) -> str:
        row = find(by, Wish, number)
        audit.note(by, "wishes.read", row)
        if form.public_text.raw_data is None:
            form.public_text.data = row.public_text or sentences.draft_for(row)
            form.category.data = row.category
        facts: dict[str, Any] = {
            "row": row,
            "promised": live_claim(by.session, row),
            "states": STATES,
            "today": clock.today(),
        }
        facts |= {"above": sentences.is_above_cap(row.text or "")}
        return render_template("wishes/console_wish.html", form=form, refusal_form=refusal, **facts)

    return as_staff(unit)


@console.post("/wishes/<int:number>/review")
@staff("desk", "approver")
def review(number: int) -> Response | str:
    """Publish it, or correct what is already public."""
    form = ReviewForm()

    def unit(by: Actor) -> None:
        row, public = find(by, Wish, number), form.public_text.data
        if row.state == "said":
            actions.review(by, row, public, category=form.category.data)
        else:
            actions.reword(by, row, public)

    if form.validate_on_submit() and attempt(unit, form, "公开了,也告诉本人了。"):
        return redirect(url_for("wishes_console.wishes"))
    return _show(number, form, RefuseForm(formdata=None))


@console.post("/wishes/<int:number>/refuse")
@staff("desk", "approver")
def refuse(number: int) -> Response | str:
    form = RefuseForm()
    if form.validate_on_submit() and attempt(
        lambda by: actions.refuse(by, find(by, Wish, number), form.reason.data),
        form,
        "没有收,原因告诉本人了。",
    ):
        return redirect(url_for("wishes_console.wishes"))
    return _show(number, ReviewForm(formdata=None), form)


@console.post("/wishes/<int:number>/confirm")
@staff("desk", "approver")
def confirm(number: int) -> Response:
    """The wisher was asked by telephone: it is done, or it is not."""
    step = actions.confirm if request.form.get("answer") == "yes" else actions.not_yet
    attempt(lambda by: step(by, find(by, Wish, number)), done="记下了。")
    return redirect(url_for("wishes_console.wish", number=number))


@console.post("/wishes/<int:number>/thanks")
@staff("desk", "approver")
def thanks(number: int) -> Response:
    step = actions.approve_thanks if request.form.get("answer") == "yes" else actions.refuse_thanks
    attempt(lambda by: step(by, find(by, Wish, number)), done="办好了。")
    return redirect(url_for("wishes_console.wish", number=number))


@console.post("/wishes/claims/<int:number>/give-back")
@staff("desk", "approver")
def give_back(number: int) -> Response:
    """Who promised cannot: the wish is public again."""
    found: list[int] = []

    def unit(by: Actor) -> None:
        promised = find(by, Claim, number)
        found[:] = [promised.wish_id]
        actions.give_back(by, promised)

    attempt(unit, done="认领退回了,心愿又公开了。")
    return redirect(url_for("wishes_console.wish", number=found[0]))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk", "approver")
def to_review(by: Actor) -> Card:
    rows = by.session.scalars(waiting_for_review().limit(SHOWN_TODAY)).all()
    lines = [_line(row, mark="今天要看", urgent=row.review_day <= clock.today()) for row in rows]
    late = any(line.urgent for line in lines)
    address = url_for("wishes_console.wishes")
    return Card("等审核的心愿", _count(by, waiting_for_review()), address, lines, urgent=late)


def _line(row: Wish, mark: str, *, urgent: bool) -> Line:
    address = url_for("wishes_console.wish", number=row.id)
    return Line(f"{row.category} {row.number}号", address, row.said_at, mark if urgent else "", urgent)


@console.today("desk")
def hanging(by: Actor) -> Card:
    """Promises past their day, wishes done that nobody confirmed, thanks that nobody has read."""
    late = [claim.wish for claim in by.session.scalars(overdue())]
    silent = by.session.scalars(unconfirmed(clock.now() - CONFIRM_WITHIN + timedelta(days=4))).all()
    read = by.session.scalars(thanks_waiting()).all()
    marked = [("认领超期", late), ("问一声办好没有", silent), ("感谢等看", read)]
    lines = [
        Line(row.title or row.category, url_for("wishes_console.wish", number=row.id), None, mark)
        for mark, rows in marked
        for row in rows
    ]
    return Card(
        "要催一催的心愿", len(lines), url_for("wishes_console.wishes", which="claimed"), lines[:SHOWN_TODAY]
    )
