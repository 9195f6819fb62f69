"""Forms at the console: what was handed in, one form with everything in it, and each step on until it is signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response as Answer
from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from app import audit
from app.channels.console import Card, Console, Line, as_staff, attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, words
from app.channels.console_login import signed_in
from app.channels.lists import asked_page
from handlers.forms import actions
from handlers.forms.paper import printed
from handlers.forms.rights import STATES as TOLD
from handlers.forms.standing import HELPED, said
from handlers.people import actions as people
from models.base import count_rows
from models.form_fields import BETWEEN, Field
from models.forms import AT_THE_OFFICE, OVER, FormDraft, at_the_office, handed_in, offered_forms
from models.identity import Actor
from models.refusal import Refusal

PER_PAGE, SHOWN_TODAY = 50, 5
STATES = {
    "open": ("还在填", ""),
    "handed_in": ("等核对", "wait"),
    "ready": ("等签字", "calm"),
    "done": ("办完了", "good"),
    "dropped": ("不要了", ""),
}
LISTS = {"in": "等核对的", "mine": "我接手的", "ready": "等签字的", "over": "办完的"}

console = Console("forms_console", __name__)


class BeginForm(ConsoleForm):
    """Who has WeChat sees the form among their own; who has none takes the paper along."""

    who = words("居民", 30, needed=False, hint="手机号或姓名。没有登记的不用写,名字在表里填")


class NoForm(ConsoleForm):
    """Only the token, and the words of a refusal."""


# ---- lists -----------------------------------------------------------------------------------------------------------


def _list(by: Actor, which: str) -> Select[FormDraft]:
    me = by.staff.id if by.staff else 0
    mine = FormDraft.staff_id == me, FormDraft.state.in_(("open", *AT_THE_OFFICE))
    lists = {
        "mine": select(FormDraft).where(*mine).order_by(FormDraft.touched_at.desc(), FormDraft.id.desc()),
        "ready": at_the_office().where(FormDraft.state == "ready"),
        "over": select(FormDraft).where(FormDraft.state == "done").order_by(FormDraft.ended_at.desc()),
    }
    return lists.get(which, handed_in())


@console.get("/forms")
@staff("desk", "approver")
def drafts() -> Response | str:
    """Who has the last word on texts sees the forms themselves, and nothing that somebody filled in."""
    if not signed_in().has("desk"):
        return redirect(url_for("forms_console.sheets"))
    which, number = request.args.get("which", "in"), asked_page()
    with looking() as by:
        rows = _list(by, which).options(selectinload(FormDraft.form), selectinload(FormDraft.staff))
        found = by.session.scalars(rows.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
        counts = {key: count_rows(by.session, _list(by, key)) for key in LISTS if key != "over"}
        facts: dict[str, Any] = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number}
        facts |= {"which": which if which in LISTS else "in", "counts": counts, "lists": LISTS}
        return render_template("forms/console_list.html", states=STATES, **facts)


@console.route("/forms/new", methods=["GET", "POST"])
@staff("desk")
def begin() -> Response | str:
    """A form for somebody who stands here, or sits at home without WeChat."""
    form = BeginForm()
    chosen = request.form.get("form", 0, type=int)

    def unit(by: Actor) -> FormDraft:
        sheet = next((one for one in by.session.scalars(offered_forms()) if one.id == chosen), None)
        if sheet is None:
            raise Refusal("forms.which_sheet")
        person = people.the_one(by, form.who.data) if form.who.data else None
        return actions.begin_at_desk(by, sheet, person)

    if form.validate_on_submit() and (made := attempt(unit, form)):
        return redirect(url_for("forms_console.draft", number=made.it.id))
    with looking() as by:
        sheets = by.session.scalars(offered_forms()).all()
        return render_template("forms/console_new.html", form=form, sheets=sheets, chosen=chosen)


# ---- one form --------------------------------------------------------------------------------------------------------


@console.get("/forms/<int:number>")
@staff("desk")
def draft(number: int) -> str:
    return _show(number)


def _show(number: int, form: NoForm | None = None, wrong: Mapping[str, str] | None = None) -> str:
    """Everything that was filled in stands here, so opening it is written down, and the resident can see it."""

    def unit(by: Actor) -> str:
        row = find(by, FormDraft, number)
        if not row.shown_to_staff:
            abort(404)
        audit.note(by, "forms.read", row, of=row.person_id or 0)
        kept = row.answered
        typed = {one.key: request.form.get(f"f-{one.key}", kept.get(one.key, "")) for one in row.fields}
        mine = by.staff is not None and row.staff_id == by.staff.id
        facts: dict[str, Any] = {
            "row": row,
            "lines": [_line(one, kept, typed) for one in row.fields if one.is_asked(kept)],
            "helped": [row.answers.get(key, "") for key in HELPED] if row.helped else [],
            "missing": {one.key for one in row.missing},
            "mine": mine,
            "free": row.staff is None or not row.staff.active,
            "over": row.state in OVER,
        }
        facts |= {"form": form or NoForm(formdata=None), "wrong": wrong or {}}
        return render_template("forms/console_draft.html", states=STATES, told=TOLD, **facts)

    return as_staff(unit)


def _line(field: Field, kept: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, Any]:
    value = typed[field.key]
    as_typed = value.replace("-", "") if field.kind == "date" else value
    told = field.told(kept.get(field.key, ""))
    return {"field": field, "value": as_typed, "told": told, "chosen": value.split(BETWEEN)}


@console.post("/forms/<int:number>/complete")
@staff("desk")
def complete(number: int) -> Response | str:
    """What was typed stays on the page when one of the fields cannot be read."""
    with looking() as by:
        fields = find(by, FormDraft, number).fields
    given = {one.key: BETWEEN.join(request.form.getlist(f"f-{one.key}")) for one in fields if _is_sent(one)}
    wrong = {one.key: why for one in fields if given.get(one.key) and (why := _wrong(one, given[one.key]))}
    form = NoForm()
    if wrong:
        return _show(number, form, wrong)
    if form.validate_on_submit() and attempt(
        lambda by: actions.complete(by, find(by, FormDraft, number), given), form, "记下了。"
    ):
        return _back(number)
    return _show(number, form)


def _is_sent(field: Field) -> bool:
    return f"f-{field.key}" in request.form or (field.kind == "several" and not field.at_the_desk)


def _wrong(field: Field, typed: str) -> str:
    try:
        said(field, typed)
    except Refusal as why:
        return current_site().house.refusal_words(why)
    return ""


@console.post("/forms/<int:number>/<any(take, take_over, hand_in, finish, drop):step>")
@staff("desk")
def move(number: int, step: str) -> Response:
    act, done = STEPS[step]
    attempt(lambda by: act(by, find(by, FormDraft, number)), done=done)
    return _back(number)


STEPS: dict[str, tuple[Any, str]] = {
    "take": (actions.take, "您接手了,别的同事看得到。"),
    "take_over": (actions.take_over, "从同事手里接过来了。"),
    "hand_in": (actions.hand_in, "填齐了,有编号了。请念给居民听。"),
    "finish": (actions.finish, "办完了。填的内容到期自动清掉。"),
    "drop": (actions.drop, "清掉了。"),
}


@console.post("/forms/<int:number>/ready")
@staff("desk")
def ready(number: int) -> Response:
    window = request.form.get("window", "")
    attempt(
        lambda by: actions.ready(by, find(by, FormDraft, number), window),
        done="好了,有微信的居民会收到消息。",
    )
    return _back(number)


@console.post("/forms/<int:number>/back")
@staff("desk")
def give_back(number: int) -> Response:
    told = request.form.get("words", "")
    given = attempt(
        lambda by: actions.give_back(by, find(by, FormDraft, number), told), done="退给居民了,他会收到消息。"
    )
    return redirect(url_for("forms_console.drafts")) if given else _back(number)


@console.post("/forms/<int:number>/print")
@staff("desk")
def print_out(number: int) -> Response:
    """The paper; an identity number that is typed here goes onto it and is kept nowhere."""
    by_hand = {key[2:]: value for key, value in request.form.items() if key.startswith("h-")}
    made = attempt(lambda by: actions.print_out(by, find(by, FormDraft, number), by_hand))
    return Answer(printed(made.it), mimetype="application/pdf") if made else _back(number)


def _back(number: int) -> Response:
    return redirect(url_for("forms_console.draft", number=number))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk")
def waiting_forms(by: Actor) -> Card:
    rows = by.session.scalars(handed_in().limit(SHOWN_TODAY)).all()
    lines = [
        Line(
            f"{row.form.title} {row.number}", url_for("forms_console.draft", number=row.id), row.handed_in_at
        )
        for row in rows
    ]
    address = url_for("forms_console.drafts")
    return Card("等核对的表", count_rows(by.session, handed_in()), address, lines, "没有等核对的表。")
