"""Residents, for the staff: found by the whole phone number only, and every look is written down with its purpose."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from app import audit
from app.channels.console import Console, as_staff, attempt, find, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices, words
from handlers.people import actions
from handlers.people.policies import policies
from models.identity import Actor, Person
from models.people import PURPOSES, consents_of

WHY = {
    "reply": "回复居民",
    "booking": "代办预约",
    "wish": "办心愿",
    "matter": "办居民说的事",
    "visit": "上门走访",
    "check": "核对资料",
    "activity": "活动签到",
    "unreached": "消息没送到,打电话",
    "emergency": "紧急求助",
}

console = Console("people_console", __name__)


class FindForm(ConsoleForm):
    phone = StringField(
        "手机号",
        [InputRequired(NEEDED), Length(max=30)],
        description="要整个号码。按姓名、按楼栋都查不到人:查人要先知道是谁。",
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    purpose = SelectField("为什么查", choices=choices(WHY))


class RegisterForm(ConsoleForm):
    name = words("姓名", 20)
    phone = words("手机号", 30, inputmode="tel", autocomplete="off")
    agreed = BooleanField("本人当面听了说明,同意登记", [InputRequired("没有本人同意不能登记。")])


@console.route("/residents", methods=["GET", "POST"])
@staff("desk")
def look_up() -> str | tuple[str, int]:
    form = FindForm()
    if not form.validate_on_submit():
        return render_template("people/console_find.html", form=form, found=None, why=WHY)

    def unit(by: Actor) -> str:
        found = actions.find_by_phone(by, form.phone.data)
        audit.note(by, "people.look_up", None, purpose=form.purpose.data, found=len(found))
        return render_template("people/console_find.html", form=form, found=found, why=WHY)

    return as_staff(unit)


@console.post("/residents/<int:number>")
@staff("desk", "care")
def resident(number: int) -> str:
    """A POST, so that no link, preview or reload looks at somebody by itself."""
    purpose = request.form.get("purpose", "check")

    def unit(by: Actor) -> str:
        person = _living(by, number)
        actions.view(by, person)
        audit.note(by, "people.look_up", person, purpose=purpose if purpose in WHY else "check")
        consents = by.session.scalars(consents_of(person)).all()
        facts = {"person": person, "consents": consents, "policies": policies(), "all_purposes": PURPOSES}
        return render_template("people/console_resident.html", why=WHY.get(purpose, ""), **facts)

    return as_staff(unit)


def _living(by: Actor, number: int) -> Person:
    """The record that is in use: of two that became one, the one that stayed."""
    person = find(by, Person, number)
    while person.merged_into_id is not None:
        person = find(by, Person, person.merged_into_id)
    return person


@console.route("/residents/new", methods=["GET", "POST"])
@staff("desk")
def register() -> Response | str:
    """For somebody at the counter who has no WeChat."""
    form = RegisterForm()
    if form.validate_on_submit() and attempt(
        lambda by: actions.register(by, name=form.name.data, phone=form.phone.data),
        form,
        f"{form.name.data}登记好了。",
    ):
        return redirect(url_for("people_console.look_up"))
    return render_template("people/console_register.html", form=form)
