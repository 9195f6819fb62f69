"""Away from … to …, and who stands in: said by everybody for themselves (and by an administrator for who is ill), shown
on both sides; and whether one wants the numbers of the morning."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import clock
from app.channels.console import attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, day
from app.channels.console_login import signed_in
from handlers.duty import actions
from handlers.duty.console import console
from models import duty as model
from models.duty import StaffLeave
from models.identity import Actor
from models.staff import StaffMember, everybody
from models.staff_wechat import wechat_person


class LeaveForm(ConsoleForm):
    member = SelectField("谁不在", coerce=int)
    deputy = SelectField(
        "谁代班", coerce=int, description="没结束的对话马上(或到那天)转给他,回来以后还给您。"
    )
    first_day = day("从哪天")
    last_day = day("到哪天(含)")


@console.route("/duty/leave", methods=["GET", "POST"])
@staff()
def leave() -> Response | str:
    with looking() as by:
        form = _form(by)
    if form.validate_on_submit() and attempt(lambda by: _tell(by, form), form, "登记好了。"):
        return redirect(url_for("duty_console.leave"))
    with looking() as by:
        mine = by.session.scalars(model.leaves_of(signed_in().staff_id, clock.today())).all()
        others = [one for one in by.session.scalars(model.live_leaves()) if one not in mine]
        me = by.session.get(model.DutyReader, signed_in().staff_id)
        wants = me is None or me.wants_digest
        told = by.staff is not None and wechat_person(by.session, by.staff) is not None
        facts = {"form": form, "mine": mine, "others": others, "wants": wants, "today": clock.today()}
        return render_template("duty/console_leave.html", told=told, **facts)


def _form(by: Actor) -> LeaveForm:
    active = [one for one in by.session.scalars(everybody()) if one.active]
    form, me = LeaveForm(), signed_in().staff_id
    for_others = signed_in().has(*actions.FOR_OTHERS)
    form.member.choices = [(one.id, one.name) for one in active if for_others or one.id == me]
    form.deputy.choices = [(one.id, one.name) for one in active if for_others or one.id != me]
    if request.method == "GET":
        form.member.data = me
    return form


def _tell(by: Actor, form: LeaveForm) -> None:
    member, deputy = find(by, StaffMember, form.member.data), find(by, StaffMember, form.deputy.data)
    actions.tell_leave(by, member, deputy, form.first_day.data, form.last_day.data)


@console.post("/duty/leave/<int:number>/off")
@staff()
def call_off(number: int) -> Response:
    attempt(lambda by: actions.call_off(by, find(by, StaffLeave, number)), done="取消了,对话都还回来了。")
    return redirect(url_for("duty_console.leave"))


@console.post("/duty/digest")
@staff()
def digest() -> Response:
    wants = request.form.get("wants") == "yes"
    attempt(
        lambda by: actions.set_digest(by, wants),
        done="每个工作日早上8:20发给您。" if wants else "不再每天发给您。",
    )
    return redirect(url_for("duty_console.leave"))
