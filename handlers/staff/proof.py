"""Proving again who sits there, before what is sensitive is opened or taken away (trust 1.8), and then back to it."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from app.channels.console import as_staff, current_site, looking, staff
from app.channels.console_forms import ConsoleForm
from app.channels.console_login import has_phone, needs_phone, signed_in
from handlers.staff import actions
from handlers.staff.console import console, way_back
from models.staff_wechat import binding_of


class ProofForm(ConsoleForm):
    password = PasswordField("密码", [Length(max=200)], render_kw={"autocomplete": "current-password"})
    code = StringField(
        "动态码",
        [Length(max=10)],
        description="手机上现在显示的6位数字",
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


@console.route("/again", methods=["GET", "POST"])
@staff()
def prove() -> Response | str | tuple[str, int]:
    """A password, or the code of whoever has one; where real use still asks for the phone, only that. What was filled
    in on the page before has to be sent again."""
    if signed_in().is_fresh and not needs_phone():
        return redirect(way_back())
    form = ProofForm()
    if not form.validate_on_submit():
        return _show(form)
    if by_password_or_code("" if _only_phone() else form.password.data or "", form.code.data or ""):
        return redirect(way_back())
    form.form_errors.append("不对。连着错5次,要等15分钟再试。")
    return _show(form), 403


def _only_phone() -> bool:
    return needs_phone() and has_phone()


def by_password_or_code(password: str, code: str = "") -> bool:
    """Whether one of them is right; counted. The slow half, argon2id, comes before the unit of work."""
    with current_site().database.reading() as session:
        who = actions.knock(session, signed_in().login, request.remote_addr or "", password)
    here = signed_in().session_id
    return who is not None and as_staff(lambda by: actions.prove_again(by, here, who, code))


def _show(form: ProofForm) -> str:
    with looking() as by:
        bound = binding_of(by.session, signed_in().staff_id) is not None
    ways = {"by_password": not _only_phone(), "by_code": signed_in().has_second_factor, "by_scan": bound}
    return render_template("staff/console_again.html", form=form, back=way_back(), **ways)
