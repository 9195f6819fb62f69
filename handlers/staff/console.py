"""The door of the console: signing in and out, and the one-time link with which everybody begins."""

from __future__ import annotations

import re

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.access import open_to
from app.channels import console_login
from app.channels.console import Console, as_staff, current_site, staff
from app.channels.console_forms import NEEDED, ConsoleForm
from app.channels.console_login import signed_in
from app.database import run_in_savepoint
from handlers.staff import actions, commands
from models.identity import Actor
from models.refusal import Refusal
from models.staff import live_invitation

OURS = re.compile(r"/console/[\w/.=&?%-]*")

console = Console("staff_console", __name__, cli_group="staff")


class SignInForm(ConsoleForm):
    login = StringField(
        "登录名", [InputRequired(NEEDED), Length(max=40)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        "密码", [InputRequired(NEEDED), Length(max=200)], render_kw={"autocomplete": "current-password"}
    )
    code = StringField(
        "动态码",
        [Length(max=10)],
        description="手机上的6位数字,开通了的才填",
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class PasswordForm(ConsoleForm):
    password = PasswordField(
        "新密码",
        [InputRequired(NEEDED)],
        description="至少8个字,可以用一句话。不要用名字、生日和社区的名字。",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "再写一遍",
        [InputRequired(NEEDED), EqualTo("password", "两遍不一样。")],
        render_kw={"autocomplete": "new-password"},
    )


# ---- in and out ------------------------------------------------------------------------------------------------------


@console.route("/sign-in", methods=["GET", "POST"])
@open_to("everyone")
def sign_in() -> Response | str | tuple[str, int]:
    form = SignInForm()
    if signed_in().is_authenticated:
        return redirect(url_for("console.today"))
    if not form.validate_on_submit():
        return render_template("staff/console_sign_in.html", form=form)
    address = request.remote_addr or ""
    key = _try(form, address)
    if key is None:
        form.form_errors.append("登录名、密码或者动态码不对。连着错5次,要等15分钟再试。")
        return render_template("staff/console_sign_in.html", form=form), 403
    return console_login.keep_cookie(redirect(way_back()), key)


def _try(form: SignInForm, address: str) -> str | None:
    """The secret for the cookie, or None. The slow half comes before the unit of work."""
    database, login = current_site().database, form.login.data.strip().lower()
    with database.reading() as session:
        who = actions.knock(session, login, address, form.password.data)
    code = form.code.data or ""
    return None if who is None else database.writing(lambda session: _enter(session, who, code))


def _enter(database: Session, who: actions.Knock, code: str) -> str | None:
    member = actions.sign_in(Actor(database, channel="console"), who, code)
    if member is None:
        return None
    return console_login.start_session(database, member.id, possession=member.totp is not None)


def way_back() -> str:
    """The page that was asked for, if it is one of ours; anything else is nobody's business here."""
    back = request.args.get("back", "")
    return back if OURS.fullmatch(back) and "//" not in back else url_for("console.today")


@console.post("/sign-out")
@staff()
def sign_out() -> Response:
    def unit(by: Actor) -> None:
        actions.sign_out(by)
        console_login.end_session(by.session)

    as_staff(unit)
    return console_login.drop_cookie(redirect(url_for("staff_console.sign_in")))


# ---- the one-time link -----------------------------------------------------------------------------------------------


@console.route("/invitation/<key>", methods=["GET", "POST"])
@open_to("everyone")
def invitation(key: str) -> Response | str | tuple[str, int]:
    """Whoever holds the link chooses a password and is in."""
    with current_site().database.reading() as database:
        found = live_invitation(database, key)
        member = None if found is None else {"name": found.staff.name, "login": found.staff.login}
    form = PasswordForm()
    if member is None:
        return render_template("staff/console_link_used.html"), 410
    if form.validate_on_submit():
        secret = current_site().database.writing(lambda database: _choose(database, key, form))
        if secret is not None:
            commands.forget_first_link(current_site().settings.data, key)
            return console_login.keep_cookie(redirect(url_for("console.today")), secret)
    return render_template("staff/console_invitation.html", form=form, member=member)


def _choose(database: Session, key: str, form: PasswordForm) -> str | None:
    by = Actor(database, channel="console")
    try:
        member = run_in_savepoint(database, lambda: actions.choose_password(by, key, form.password.data))
    except Refusal as why:
        form.form_errors.append(current_site().house.refusal_words(why))
        return None
    return console_login.start_session(database, member.id, possession=False)


commands.install(console)
