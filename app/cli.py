"""Commands for those who run the house: `flask --app wsgi …`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy.orm import Session

from app.database import Busy
from app.invariants import ask_all, broken
from app.privacy import Lane
from app.schema import migrate

if TYPE_CHECKING:
    from flask import Flask

    from app.site import Site


def install(app: Flask, site: Site) -> None:
    @app.cli.command("migrate")
    def migrate_command() -> None:
        """Bring both databases to the newest schema, with the rows that every installation needs."""
        migrate(site.settings.database.url)
        migrate(site.settings.database.url, lane="confidential")
        install_essentials(site)

    @app.cli.command("seed")
    @click.option("--if-empty", is_flag=True, help="Do nothing when people are already there.")
    def seed_command(if_empty: bool) -> None:
        """Build the invented neighbourhood (never in a live installation)."""
        seed(site, if_empty)

    @app.cli.command("publish-menu")
    def menu_command() -> None:
        """Send the account's menu to WeChat; people see it within five minutes."""
        publish_menu(site)
        click.echo("the menu is published")

    @app.cli.command("rekey")
    @click.option(
        "--new", is_flag=True, help="Make a new key first; without it what is left of an earlier run is done."
    )
    @click.option("--lane", type=click.Choice(["main", "confidential"]), default="main")
    def rekey_command(new: bool, lane: Lane) -> None:
        """Seal everything anew with the newest key. May be killed and run again; the house goes on working."""
        from app import privacy, rekey

        if new:
            click.echo(
                f"a new key: {rekey.make_key(site.settings.data, lane)}; copy it to where the others are kept"
            )
            privacy.use_keys(site.settings.secrets.sealing)
        count = rekey.seal_anew(site, lane)
        click.echo(
            f"sealed anew {count.sealed_anew}, current already {count.current}, unreadable {count.unreadable}"
        )
        sys.exit(1 if count.unreadable else 0)

    @app.cli.command("move-to-postgresql")
    @click.argument("url", required=False)
    @click.option("--url-file", help="The file (0600) with the address, for one that has a password.")
    def move_command(url: str | None, url_file: str | None) -> None:
        """Copy a stopped installation from SQLite to an empty PostgreSQL database, and prove the copy."""
        click.echo(move_to_postgresql(site, target_of(url, url_file)))

    @app.cli.command("check-invariants")
    def invariants_command() -> None:
        """Ask each, with its number in trust.md, how many are broken and how long it took; exit 1 when any is."""
        broken: list[str] = []
        with site.database.reading() as session:
            for asked in ask_all(session, site.house.features, site.redis):
                click.echo(asked.line)
                broken += asked.broken
        click.echo("\n".join(broken) or "all invariants hold")
        sys.exit(1 if broken else 0)

    _say_in_one_line(app.cli)


def _say_in_one_line(group: click.Group) -> None:
    """That the database is away, for all commands, also those of features."""
    for command in group.commands.values():
        if isinstance(command, click.Group):
            _say_in_one_line(command)
        elif command.callback:
            command.callback = _patient(command.callback)


def _patient(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def run(*given: Any, **named: Any) -> Any:
        try:
            return work(*given, **named)
        except Busy as fault:
            why = str(fault.__cause__ or fault).partition("\n")[0]
            raise click.ClickException(f"the database is away or busy: {why}") from None

    return run


def target_of(url: str | None, url_file: str | None) -> str:
    """The address of a database that was said in one of two ways. A password among the words of a command is read by
    everybody on the machine, by `ps`."""
    from app.settings_sources import BadSettings, content_of, has_password

    if bool(url) == bool(url_file):
        raise click.UsageError("say the address of the database, or --url-file and where it stands")
    if url and has_password(url):
        raise click.ClickException("the address has a password: write it into a file (0600) for --url-file")
    try:
        return url or content_of(url_file or "", "--url-file")
    except BadSettings as why:
        raise click.ClickException(str(why)) from None


def move_to_postgresql(site: Site, url: str) -> str:
    """The line to print; raises ClickException with the reason, and the installation is as it was."""
    from app.moving import CannotMove, move, settle
    from app.settings import MOVED

    try:
        moved = move(site.settings, url)
    except CannotMove as why:
        raise click.ClickException(f"not moved: {why}") from None
    broken = settle(site.settings, url)
    if broken:
        raise click.ClickException("moved, but do not use the copy: " + "; ".join(broken[:5]))
    (site.settings.data / MOVED).touch()
    return (
        f"moved {moved.rows} rows of {moved.tables} tables; counts, contents, ties and invariants agree."
        " Set [database] url to the new address and start; keep the SQLite files until you are content"
    )


def publish_menu(site: Site) -> None:
    """Overwrite the menu of the community's own account with the current version."""
    from app.wechat.errors import NotWeChat, WeChatError
    from handlers.menus.actions import menu_for_wechat

    with site.database.reading() as session:
        menu = menu_for_wechat(session, site.settings.web.public_url)
    try:
        site.main.menu.create(menu)
    except (WeChatError, NotWeChat) as fault:
        raise click.ClickException(f"the menu was not published: {fault}") from None


def install_essentials(site: Site) -> None:
    """Rows that live installations need as well as the sandbox; doing it again changes nothing."""

    def unit(session: Session) -> None:
        for feature in site.house.features:
            if feature.essentials is not None:
                feature.essentials(session)

    site.database.writing(unit)


def seed(site: Site, if_empty: bool = True) -> None:
    """Every feature's demo rows, in one unit of work."""
    from models.outbox import forget_unsent
    from models.seeded import is_seeded, note_seeded

    if site.settings.mode == "live":
        raise click.ClickException("a live installation takes no demo people")

    def unit(session: Session) -> None:
        if if_empty and is_seeded(session):
            return
        for feature in site.house.features:
            if feature.seed is not None:
                feature.seed(session)
        forget_unsent(session)
        note_seeded(session)

    site.database.writing(unit)


def check_invariants(site: Site) -> list[str]:
    with site.database.reading() as session:
        return broken(session, site.house.features)
