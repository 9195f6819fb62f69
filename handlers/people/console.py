"""Residents, for the staff: one box that finds them, lists that are covered, and a card that says why it was opened."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app import audit
from app.channels.console import Console, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, words
from app.understanding.phone import mask_name
from handlers.people import actions
from handlers.people.search import search
from models.identity import Actor, Person
from models.sight import sees
from models.tags import Tag, live_tags

WHY = {
    "reply": "回复居民",
    "booking": "代办预约",
    "wish": "办心愿",
    "matter": "办居民说的事",
    "visit": "上门走访",
    "check": "核对资料",
    "household": "核对住户",
    "activity": "活动签到",
    "unreached": "消息没送到,打电话",
    "emergency": "紧急求助",
    "certificate": "开志愿证明",
}
HOW = {
    "phone": "手机号",
    "tail": "手机后四位",
    "name": "姓名",
    "place": "住处",
    "door": "门牌",
    "household": "户号",
    "tag": "标签",
    "nothing": "",
}
LAST_PAGE = 10_000

console = Console("people_console", __name__)


class FindForm(ConsoleForm):
    words = StringField(
        "找谁",
        [Optional(), Length(max=60)],
        description="手机号、后四位、全名或名字、住处、门牌,或者“12户”。",
        render_kw={"maxlength": 60, "autocomplete": "off"},
    )
    tag = SelectField("有标签", coerce=int, default=0)
    purpose = SelectField("为什么查", choices=choices(WHY))
    page = IntegerField(default=1)


class RegisterForm(ConsoleForm):
    name = words("姓名", 20)
    phone = words("手机号", 30, inputmode="tel", autocomplete="off")
    agreed = BooleanField("本人当面听了说明,同意登记", [InputRequired("没有本人同意不能登记。")])


@console.route("/residents", methods=["GET", "POST"])
@staff("desk", "grid")
def look_up() -> str | tuple[str, int]:
    under("居民")
    form = FindForm()
    with looking() as by:
        form.tag.choices = [(0, "不限"), *((tag.id, tag.name) for tag in by.session.scalars(live_tags()))]
    if not form.validate_on_submit() or not (form.words.data or form.tag.data):
        return render_template("people/console_find.html", form=form, found=None)

    def unit(by: Actor) -> str:
        tag = by.session.get(Tag, form.tag.data) if form.tag.data else None
        page = min(max(1, form.page.data or 1), LAST_PAGE)
        found = search(by, form.words.data or "", tag=tag, page=page)
        audit.note(by, "people.look_up", None, purpose=form.purpose.data, found=found.total)
        return render_template(
            "people/console_find.html", form=form, found=found, how=HOW[found.how], mask=mask_name
        )

    return as_staff(unit)


@console.get("/residents/<int:number>")
@staff("desk", "care", "grid", "children")
def ask_why(number: int) -> str:
    """A link leads to the question what for; nobody is looked at by it."""
    under("居民")
    with looking() as by:
        seen_person(by, number)
        return render_template("people/console_why.html", number=number, why=WHY)


@console.post("/residents/<int:number>")
@staff("desk", "care", "grid", "children")
def resident(number: int) -> str:
    """A POST, so that no link, preview or reload looks at somebody by itself."""
    from handlers.people.console_card import card_facts

    under("居民")
    purpose = request.form.get("purpose", "check")

    def unit(by: Actor) -> str:
        person = seen_person(by, number)
        actions.view(by, person)
        audit.note(by, "people.look_up", person, purpose=purpose if purpose in WHY else "check")
        why = WHY.get(purpose, "")
        return render_template(
            "people/console_resident.html", why=why, purpose=purpose, **card_facts(by, person)
        )

    return as_staff(unit)


def seen_person(by: Actor, number: int) -> Person:
    """The record that is in use: of two that became one, the one that stayed. 404 for who may not see them."""
    person = find(by, Person, number)
    while person.merged_into_id is not None:
        person = find(by, Person, person.merged_into_id)
    if by.staff is None or not sees(by.session, by.staff, person):
        abort(404)
    return person


@console.route("/residents/new", methods=["GET", "POST"])
@staff("desk")
def register() -> Response | str:
    """For somebody at the counter who has no WeChat."""
    under("居民")
    form = RegisterForm()
    if form.validate_on_submit() and attempt(
        lambda by: actions.register(by, name=form.name.data, phone=form.phone.data),
        form,
        f"{form.name.data}登记好了。",
    ):
        return redirect(url_for("people_console.look_up"))
    return render_template("people/console_register.html", form=form)


def under(word: str) -> None:
    """Which word of the menu is lit on this page."""
    g.menu_word = word


def page_asked() -> int:
    return min(max(1, request.args.get("page", 1, int)), LAST_PAGE)


def back_to_card(number: int) -> Any:
    """After something was done on a card, the card again: a POST like the first, with its purpose."""
    return redirect(url_for("people_console.resident", number=number), code=307)
