"""The account's menu: at most three columns of five lines, each save a version, each publication remembered.

The current menu is the version that was published last; before the first publication it is the first version.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from sqlalchemy import JSON, ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.staff import StaffMember

Columns: TypeAlias = list[dict[str, Any]]

# reference/wechat.md §8
MOST_COLUMNS, MOST_LINES = 3, 5
COLUMN_SHOWN, LINE_SHOWN = 4, 8
COLUMN_BYTES, LINE_BYTES, KEY_BYTES, ADDRESS_BYTES = 16, 60, 128, 1024
KINDS = ("word", "page", "link")
SAFE_HOSTS = ("mp.weixin.qq.com", ".gov.cn")


class MenuVersion(Base):
    """`columns`: [{"name", "lines": [{"name", "kind", "target"}]}]. A "word" is said for the resident by a tap, a
    "page" is a path of ours, a "link" an https address elsewhere."""

    __tablename__ = "menu_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    columns: Mapped[Columns] = mapped_column(JSON)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    why: Mapped[str] = mapped_column(String(60), default="")

    author: Mapped[StaffMember | None] = relationship()


class MenuPublication(Base):
    """That a version was sent to WeChat: when somebody began to, and when WeChat had taken it (None: it has not)."""

    __tablename__ = "menu_publication"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("menu_version.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(Instant)

    version: Mapped[MenuVersion] = relationship()
    staff: Mapped[StaffMember] = relationship()


def menu_versions() -> Select[MenuVersion]:
    """The newest first."""
    return select(MenuVersion).order_by(MenuVersion.id.desc())


def publications() -> Select[MenuPublication]:
    """Those that WeChat has taken, the last first."""
    taken = select(MenuPublication).where(MenuPublication.published_at.is_not(None))
    return taken.order_by(MenuPublication.id.desc())


def current_version(session: Session) -> MenuVersion | None:
    """What residents see; None before there is any version."""
    last = session.scalars(publications().limit(1)).first()
    if last is not None:
        return last.version
    return session.scalars(select(MenuVersion).order_by(MenuVersion.id).limit(1)).first()


# ---- WeChat's limits -------------------------------------------------------------------------------------------------


class Fault(NamedTuple):
    """What keeps a menu from being published. `line` is None for the column itself; both are None for the menu."""

    code: str
    column: int | None = None
    line: int | None = None
    words: str = ""


def shown_length(name: str) -> float:
    """In Chinese characters as the phone's menu counts: letters and digits are half as wide."""
    return sum(0.5 if sign.isascii() else 1 for sign in name)


def as_shown(name: str, most: int) -> str:
    """What the phone shows of a name: the rest is cut off."""
    shown, width = "", 0.0
    for sign in name:
        width += shown_length(sign)
        if width > most:
            return f"{shown}…"
        shown += sign
    return shown


def is_cut(name: str, most: int) -> bool:
    return shown_length(name) > most


def faults(columns: Columns, answers: Callable[[str], bool], pages: Collection[str]) -> list[Fault]:
    """What WeChat or a resident would stumble over. `answers` says whether a chat word reaches something."""
    found = [Fault("no_columns")] if not columns else []
    if len(columns) > MOST_COLUMNS:
        found.append(Fault("too_many_columns"))
    for at, column in enumerate(columns):
        found += _column_faults(at, column)
        for number, line in enumerate(column["lines"]):
            codes = _line_faults(line, answers, pages)
            found += [Fault(code, at, number, line["name"] or line["target"]) for code in codes]
    return found


def _column_faults(at: int, column: Mapping[str, Any]) -> Iterator[Fault]:
    name, lines = column["name"], column["lines"]
    if not name:
        yield Fault("no_name", at)
    if len(name.encode()) > COLUMN_BYTES:
        yield Fault("name_too_long", at, None, name)
    if not lines:
        yield Fault("no_lines", at, None, name)
    if len(lines) > MOST_LINES:
        yield Fault("too_many_lines", at, None, name)
    names = [line["name"] for line in lines]
    yield from (
        Fault("name_twice", at, None, twice) for twice in sorted({n for n in names if names.count(n) > 1})
    )


def _line_faults(
    line: Mapping[str, str], answers: Callable[[str], bool], pages: Collection[str]
) -> Iterator[str]:
    name, target = line["name"], line["target"]
    if not name:
        yield "no_name"
    if len(name.encode()) > LINE_BYTES:
        yield "name_too_long"
    if line["kind"] == "word":
        if len(target.encode()) > KEY_BYTES:
            yield "key_too_long"
        elif not answers(target):
            yield "no_such_word"
    elif line["kind"] == "page":
        if target not in pages:
            yield "no_such_page"
    elif not is_safe_link(target):
        yield "foreign_link"


def is_safe_link(address: str) -> bool:
    """https, to WeChat's own articles or to a government's site: a menu must not lead residents anywhere."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    known = any(host == safe or (safe.startswith(".") and host.endswith(safe)) for safe in SAFE_HOSTS)
    plain = (
        parts.scheme == "https"
        and port is None
        and "@" not in parts.netloc
        and not set(address) & set(" \n\t\\")
    )
    return known and plain and len(address.encode()) <= ADDRESS_BYTES


def for_wechat(columns: Sequence[Mapping[str, Any]], public_url: str) -> dict[str, Any]:
    """The body of cgi-bin/menu/create."""
    return {
        "button": [
            {"name": c["name"], "sub_button": [_button(x, public_url) for x in c["lines"]]} for c in columns
        ]
    }


def _button(line: Mapping[str, str], public_url: str) -> dict[str, str]:
    if line["kind"] == "word":
        return {"type": "click", "name": line["name"], "key": line["target"]}
    address = line["target"] if line["kind"] == "link" else f"{public_url.rstrip('/')}{line['target']}"
    return {"type": "view", "name": line["name"], "url": address}
