"""My own account: password, second factor, and where I am signed in."""

from __future__ import annotations

from flask import redirect, render_template, session, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.channels.console import attempt, current_site, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm
from app.channels.console_login import signed_in
from handlers.staff import actions, passwords, scans
from handlers.staff.console import console
from handlers.staff.proof import by_password_or_code
from handlers.staff.qr import drawn
from models.identity import Actor
from models.staff import StaffMember
from models.staff_session import StaffSession, live_sessions
from models.staff_wechat import binding_of

ENROLLING = "second factor"


class ChangeForm(ConsoleForm):
    old = PasswordField("原来的密码", [InputRequired(NEEDED)], render_kw={"autocomplete": "current-password"})
    password = PasswordField(
        "新密码",
        [InputRequired(NEEDED)],
        description="至少8个字,可以用一句话。",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "再写一遍",
        [InputRequired(NEEDED), EqualTo("password", "两遍不一样。")],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(ConsoleForm):
    code = StringField(
        "手机上现在显示的6位数字",
        [InputRequired(NEEDED), Length(max=10)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


@console.route("/mine", methods=["GET", "POST"])
@staff()
def mine() -> Response | str:
    form = ChangeForm()
    if form.validate_on_submit() and _changed(form):
        return redirect(url_for("staff_console.mine"))
    with looking() as by:
        sessions = by.session.scalars(live_sessions(by.staff)).all()
        bound = binding_of(by.session, signed_in().staff_id)
        facts = {"sessions": sessions, "here": signed_in().session_id, "bound": bound}
        return render_template("staff/console_mine.html", form=form, **facts)


def _changed(form: ChangeForm) -> bool:
    if not by_password_or_code(form.old.data):
        form.form_errors.append("原来的密码不对。连着错5次,要等15分钟再试。")
        return False
    here, new = signed_in().session_id, form.password.data
    done = "密码改好了,别处的登录都退出了。"
    return attempt(lambda by: actions.change_password(by, new, here), form, done) is not None


@console.post("/mine/wechat/unbind")
@staff(fresh=True)
def unbind_wechat() -> Response:
    here = signed_in().session_id

    def unit(by: Actor) -> None:
        scans.unbind(by, find(by, StaffMember, signed_in().staff_id), but=here)

    attempt(unit, done="微信解绑了,别处的登录都退出了。")
    return redirect(url_for("staff_console.mine"))


@console.post("/sessions/<int:number>/end")
@staff()
def end_session(number: int) -> Response:
    attempt(lambda by: actions.end_session(by, find(by, StaffSession, number)), done="那一处已经退出。")
    back = "staff_console.accounts" if signed_in().has("admin") else "staff_console.mine"
    return redirect(url_for(back))


@console.route("/second-factor", methods=["GET", "POST"])
@staff(fresh=True)
def second_factor() -> Response | str:
    """The secret waits in the browser's signed cookie until the first right code proves that the app has it."""
    if signed_in().has_second_factor:
        return redirect(url_for("staff_console.mine"))
    form = CodeForm()
    secret = session.setdefault(ENROLLING, passwords.new_secret())
    if form.validate_on_submit() and attempt(
        lambda by: actions.enrol_second_factor(by, secret, form.code.data, signed_in().session_id),
        form,
        "动态码开通了,下次登录要填。",
    ):
        session.pop(ENROLLING)
        return redirect(url_for("staff_console.mine"))
    with looking() as by:
        member = by.session.get_one(StaffMember, signed_in().staff_id)
        issuer = current_site().settings.community.account_name
        address = passwords.address_for_app(secret, member, issuer)
    typed = passwords.typed_secret(secret)
    return render_template("staff/console_second_factor.html", form=form, picture=drawn(address), typed=typed)
