"""Proving again who sits there, before what is sensitive is opened or taken away (trust 1.8), and then back to it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import Length

from app.channels.console import as_staff, current_site, staff
from app.channels.console_forms import ConsoleForm
from app.channels.console_login import signed_in
from handlers.staff import actions
from handlers.staff.console import console, way_back


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
    """A password, or the code of whoever has one. What was filled in on the page before has to be sent again."""
    if signed_in().is_fresh:
        return redirect(way_back())
    form = ProofForm()
    if not form.validate_on_submit():
        return _show(form)
    if _try(form):
        return redirect(way_back())
    form.form_errors.append("不对。连着错5次,要等15分钟再试。")
    return _show(form), 403


def _try(form: ProofForm) -> bool:
    """The slow half, argon2id, comes before the unit of work."""
    password, code, address = form.password.data or "", form.code.data or "", request.remote_addr or ""
    with current_site().database.reading() as session:
        fitting = actions.fitting_hash(session, signed_in().login, password) if password else None
    here = signed_in().session_id
    return as_staff(lambda by: actions.prove_again(by, here, fitting, code, address))


def _show(form: ProofForm) -> str:
    leave = url_for("console.today")
    return render_template("staff/console_again.html", form=form, leave=leave)
