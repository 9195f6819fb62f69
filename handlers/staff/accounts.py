"""Accounts, for the administrator: who has one, with which roles; invited, changed, closed."""

from __future__ import annotations

from collections.abc import Iterable

from flask import g, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.channels.console import as_staff, attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, words
from handlers.staff import actions, scans
from handlers.staff.commands import link as public_link
from handlers.staff.console import console
from models.identity import Actor
from models.places import Grid
from models.places_named import grid_called
from models.places_offered import grid_names
from models.staff import ROLES, StaffMember, everybody
from models.staff_check import findings
from models.staff_session import live_sessions
from models.staff_wechat import binding_of, bound_members

CHOICES = {role: f"{name}:{what}" for role, (name, what) in ROLES.items()}


def _roles() -> SelectMultipleField:
    return SelectMultipleField(
        "角色",
        [InputRequired("请至少选一个角色。")],
        choices=choices(CHOICES),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def _grid() -> StringField:
    hint = "网格员才填。只当网格员的人,只看这个网格;兼了别的角色,都能看。"
    return words("网格", 40, needed=False, hint=hint, list="grids", autocomplete="off")


def _grids_of(by: Actor, members: Iterable[StaffMember]) -> dict[int, str]:
    theirs = Grid.id.in_({one.grid_id for one in members if one.grid_id})
    return {one.id: one.name for one in by.session.execute(select(Grid.id, Grid.name).where(theirs))}


class NewForm(ConsoleForm):
    name = words("姓名", actions.LONGEST_NAME)
    login = words("登录名", 20, hint="小写字母开头,比如 wang", autocomplete="off", autocapitalize="off")
    roles = _roles()
    grid = _grid()


class RolesForm(ConsoleForm):
    roles = _roles()
    grid = _grid()


@console.get("/accounts")
@staff("admin")
def accounts() -> str:
    g.menu_word = "账号"
    with looking() as by:
        members = by.session.scalars(everybody()).all()
        sessions = by.session.scalars(live_sessions()).all()
        bound = bound_members(by.session)
        facts = {"members": members, "sessions": sessions, "bound": bound}
        facts["grids"] = _grids_of(by, members)
        return render_template("staff/console_accounts.html", findings=findings(members, bound), **facts)


@console.route("/accounts/new", methods=["GET", "POST"])
@staff("admin")
def new_account() -> Response | str:
    g.menu_word = "账号"
    form = NewForm()

    def unit(by: Actor) -> StaffMember:
        given = {"login": form.login.data.lower(), "name": form.name.data, "roles": form.roles.data}
        return actions.add(by, grid=grid_called(by.session, form.grid.data), **given)

    if form.validate_on_submit() and (made := attempt(unit, form, "账号建好了。现在发一个链接给本人。")):
        return redirect(url_for("staff_console.account", number=made.it.id))
    with looking() as by:
        grids = grid_names(by.session)
        return render_template("staff/console_account_new.html", form=form, grids=grids)


@console.route("/accounts/<int:number>", methods=["GET", "POST"])
@staff("admin")
def account(number: int) -> Response | str:
    g.menu_word = "账号"
    form = RolesForm()

    def unit(by: Actor) -> None:
        grid = grid_called(by.session, form.grid.data)
        actions.set_roles(by, find(by, StaffMember, number), form.roles.data, grid=grid)

    if form.validate_on_submit() and attempt(unit, form, "角色改好了,请他重新登录。"):
        return redirect(url_for("staff_console.account", number=number))
    return _show(number, form)


@console.post("/accounts/<int:number>/invite")
@staff("admin")
def invite(number: int) -> str:
    """The link is shown once, on this page only."""
    g.menu_word = "账号"
    key = attempt(lambda by: actions.invite(by, find(by, StaffMember, number)))
    return _show(number, RolesForm(formdata=None), link=public_link(current_site(), key.it) if key else "")


@console.post("/accounts/<int:number>/deactivate")
@staff("admin")
def deactivate(number: int) -> Response:
    attempt(
        lambda by: actions.deactivate(by, find(by, StaffMember, number)), done="账号停用了,登录都已退出。"
    )
    return redirect(url_for("staff_console.account", number=number))


@console.post("/accounts/<int:number>/reactivate")
@staff("admin")
def reactivate(number: int) -> Response:
    attempt(
        lambda by: actions.reactivate(by, find(by, StaffMember, number)),
        done="账号恢复了。发一个链接,让本人设新密码。",
    )
    return redirect(url_for("staff_console.account", number=number))


@console.post("/accounts/<int:number>/reset-second-factor")
@staff("admin")
def reset_second_factor(number: int) -> Response:
    attempt(
        lambda by: actions.reset_second_factor(by, find(by, StaffMember, number)),
        done="动态码取消了,请本人登录后重新开通。",
    )
    return redirect(url_for("staff_console.account", number=number))


@console.post("/accounts/<int:number>/unbind-wechat")
@staff("admin")
def unbind_wechat_of(number: int) -> Response:
    attempt(
        lambda by: scans.unbind(by, find(by, StaffMember, number)),
        done="微信解绑了,登录都已退出。请本人用密码登录后重新绑定。",
    )
    return redirect(url_for("staff_console.account", number=number))


def _show(number: int, form: RolesForm, link: str = "") -> str:
    def unit(by: Actor) -> str:
        member = find(by, StaffMember, number)
        if form.roles.raw_data is None:
            form.roles.data = member.roles
            form.grid.data = _grids_of(by, [member]).get(member.grid_id or 0)
        sessions = by.session.scalars(live_sessions(member)).all()
        facts = {"member": member, "form": form, "link": link, "sessions": sessions}
        facts |= {"bound": binding_of(by.session, member.id), "grids": grid_names(by.session)}
        return render_template("staff/console_account.html", **facts)

    return as_staff(unit)
