"""Commands about accounts: `flask --app wsgi staff …`, for the first administrator and for the day nobody gets in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from flask import Blueprint, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.site import Site
from handlers.staff import actions, scans
from models.identity import Actor
from models.refusal import Refusal
from models.staff import ROLES, StaffInvitation, StaffMember, everybody, member_by_login

FIRST_LINK = "first-admin-link.txt"
FIRST = {"login": "admin", "name": "管理员"}


def install(console: Blueprint) -> None:
    @console.cli.command("invite")
    @click.option("--login", required=True, help="Sign-in name: lower-case letters, digits, dot, dash.")
    @click.option("--name", default="", help="The person's name; needed for a new account.")
    @click.option("--role", "roles", multiple=True, type=click.Choice(list(ROLES)), help="For a new account.")
    def invite(login: str, name: str, roles: tuple[str, ...]) -> None:
        """Print a one-time link, good for a day, with which this person chooses a password."""
        site: Site = current_app.extensions["site"]
        click.echo(_in_words(site, lambda session: link(site, invitation_for(session, login, name, roles))))

    @console.cli.command("reset-second-factor")
    @click.option("--login", required=True)
    def reset(login: str) -> None:
        """Take the second factor off an account: the phone is lost and no administrator can get in."""
        site: Site = current_app.extensions["site"]

        def unit(session: Session) -> str:
            actions.reset_second_factor(Actor(session, channel="job"), _member(session, login))
            return f"{login} signs in with the password alone, and should enrol again"

        click.echo(_in_words(site, unit))

    @console.cli.command("unbind-wechat")
    @click.option("--login", required=True)
    def unbind(login: str) -> None:
        """Take the WeChat off an account: the phone is lost and no administrator can get in."""
        site: Site = current_app.extensions["site"]

        def unit(session: Session) -> str:
            scans.unbind(Actor(session, channel="job"), _member(session, login))
            return f"{login} signs in with the password, and should bind a WeChat again"

        click.echo(_in_words(site, unit))

    @console.cli.command("list")
    def show() -> None:
        """Who has an account, with which roles."""
        site: Site = current_app.extensions["site"]
        with site.database.reading() as session:
            for one in session.scalars(everybody()):
                state = "active" if one.active else "closed"
                click.echo(f"{one.login}\t{one.name}\t{','.join(one.roles)}\t{state}")


def _in_words(site: Site, unit: Callable[[Session], str]) -> str:
    try:
        return site.database.writing(unit)
    except Refusal as why:
        raise click.ClickException(site.house.refusal_words(why)) from None


def _member(session: Session, login: str) -> StaffMember:
    member = member_by_login(session, login)
    if member is None:
        raise click.ClickException(f"no account {login!r}")
    return member


def link(site: Site, key: str) -> str:
    return f"{site.settings.web.public_url.rstrip('/')}/console/invitation/{key}"


def invitation_for(session: Session, login: str, name: str, roles: tuple[str, ...]) -> str:
    """The secret of a link for this account, made when it is new (an administrator, unless roles say otherwise)."""
    by = Actor(session, channel="job")
    member = member_by_login(session, login)
    if member is None:
        member = actions.add(by, login=login, name=name, roles=roles or ("admin",))
    if not member.active:
        actions.reactivate(by, member)
    return actions.invite(by, member)


# ---- the first administrator of a sandbox ----------------------------------------------------------------------------


def write_first_link(site: Site) -> None:
    """While no administrator has a password: a fresh link for the first one, in DATA, for `make run` to print."""
    path = site.settings.data / FIRST_LINK

    def unit(session: Session) -> str | None:
        members = session.scalars(select(StaffMember).where(StaffMember.active))
        if any("admin" in one.roles and one.password for one in members) or _is_good(session, path):
            return None
        return invitation_for(session, FIRST["login"], FIRST["name"], ())

    key = site.database.writing(unit)
    if key is not None:
        path.touch(mode=0o600)
        path.write_text(link(site, key) + "\n", encoding="utf-8")


def _is_good(session: Session, path: Path) -> bool:
    """Whether the link that is there can still be used."""
    live = select(StaffInvitation.id).join(StaffInvitation.staff)
    unused = StaffInvitation.used_at.is_(None), StaffInvitation.expires_at > clock.now()
    first = session.scalar(live.where(StaffMember.login == FIRST["login"], *unused).limit(1))
    return path.exists() and first is not None


def forget_first_link(data: Path, key: str) -> None:
    """The link was used: the file that shows it goes."""
    path = data / FIRST_LINK
    if path.exists() and path.read_text(encoding="utf-8").strip().endswith(f"/{key}"):
        path.unlink()
