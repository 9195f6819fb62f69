"""What happens to the account's menu: a version is saved, sent to WeChat, used again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import audit, clock, work
from handlers.menu import MENU
from models.identity import Actor
from models.menus import (
    COLUMN_BYTES,
    KEY_BYTES,
    KINDS,
    LINE_BYTES,
    MOST_COLUMNS,
    MOST_LINES,
    Columns,
    MenuPublication,
    MenuVersion,
    current_version,
    for_wechat,
    menu_versions,
    publications,
)
from models.refusal import Refusal
from models.work import Work

PUBLISH = "menus.publish"


def beginning() -> Columns:
    """The menu with which an installation begins."""
    return [
        {"name": column.name, "lines": [{"name": w, "kind": "word", "target": w} for w in column.words]}
        for column in MENU
    ]


def install(session: Session) -> None:
    """The first version, when there is none yet."""
    if session.scalars(menu_versions().limit(1)).first() is None:
        session.add(MenuVersion(columns=beginning(), why="开通时的菜单"))


def current_columns(session: Session) -> Columns:
    """What residents see, or will see at the first publication."""
    version = current_version(session)
    return beginning() if version is None else version.columns


def menu_for_wechat(session: Session, public_url: str) -> dict[str, Any]:
    """The current menu as WeChat takes it: for the command, the sandbox and going live."""
    return for_wechat(current_columns(session), public_url)


def save(by: Actor, columns: Columns, *, base: int, why: str = "") -> MenuVersion:
    """A new version; nobody sees it before it is published. `base` is the version from which the writer began.

    Refuses with menus.not_a_menu and menus.newer_version.
    """
    last = _locked_newest(by)
    if not _is_a_menu(columns):
        raise Refusal("menus.not_a_menu")
    if last is not None and last.columns == columns:
        return last
    if last is not None and last.id != base:
        raise Refusal("menus.newer_version", number=last.id)
    author = by.staff.id if by.staff else None
    version = MenuVersion(columns=columns, author_id=author, why=why.strip()[:60])
    by.session.add(version)
    audit.note(by, "menus.save", version)
    return version


def _locked_newest(by: Actor) -> MenuVersion | None:
    """Saves come one after the other: each locks the first version, which never goes, and then looks for the newest
    (one that waited for a lock on the newest would still be given the one that was the newest before)."""
    first = select(MenuVersion.id).order_by(MenuVersion.id).limit(1)
    by.session.execute(first.with_for_update()).first()
    return by.session.scalars(menu_versions().limit(1)).first()


def _is_a_menu(columns: Columns) -> bool:
    """Within what a phone can show and WeChat can take; what a button leads to is looked at before it is published."""
    lines = [line for column in columns for line in column["lines"]]
    names = all(len(column["name"].encode()) <= COLUMN_BYTES for column in columns)
    sizes = len(columns) <= MOST_COLUMNS and all(len(column["lines"]) <= MOST_LINES for column in columns)
    return names and sizes and all(_is_a_line(line) for line in lines)


def _is_a_line(line: dict[str, str]) -> bool:
    most = KEY_BYTES if line["kind"] == "word" else 1024
    fits = len(line["name"].encode()) <= LINE_BYTES and len(line["target"].encode()) <= most
    return line["kind"] in KINDS and fits


def ask_to_publish(by: Actor, version: MenuVersion) -> Work:
    """Send this version to WeChat, outside the request; an old version too: that is the way back.

    Refuses with menus.own_version: who made it does not send it, unless residents have seen it before.
    """
    if by.staff is not None and version.author_id == by.staff.id and not was_published(by.session, version):
        raise Refusal("menus.own_version")
    audit.note(by, "menus.ask_to_publish", version)
    return work.ask_for(by, PUBLISH, version=version.id)


def was_published(session: Session, version: MenuVersion) -> bool:
    taken = MenuPublication.version_id == version.id, MenuPublication.published_at.is_not(None)
    return bool(session.scalar(select(exists().where(*taken))))


def begin_publication(by: Actor, version_id: int) -> MenuPublication:
    if by.staff is None:
        raise Refusal("menus.own_version")
    row = MenuPublication(version_id=version_id, staff_id=by.staff.id, asked_at=clock.now())
    by.session.add(row)
    by.session.flush()
    return row


def note_published(by: Actor, number: int) -> MenuVersion | None:
    """WeChat has taken it. Returns the version to send once more when another publication ran beside this one: whose
    call came last is unknown then, and the one that was begun last counts."""
    row = by.session.get_one(MenuPublication, number)
    row.published_at = clock.now()
    audit.note(by, "menus.publish", row.version)
    by.session.flush()
    beside = MenuPublication.id != row.id, MenuPublication.published_at >= row.asked_at
    if by.session.scalar(select(MenuPublication.id).where(*beside).limit(1)) is None:
        return None
    return by.session.scalars(publications().limit(1)).one().version
