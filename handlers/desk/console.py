"""The inbox: who waits since when; and messages that did not arrive, with what to do instead. One talk is shown by
console_talk.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app import clock
from app.channels.console import Card, Console, Line, current_site, looking, staff
from app.channels.console_words import waited_words
from app.channels.lists import asked_page
from models.allowance import WORDS_WINDOW
from models.base import count_rows
from models.desk import DeskLine, DeskTalk, open_talks, waiting_talks
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.staff import staff_names
from models.unindexed import unindexed

SHOWN, SHOWN_TODAY = 50, 7
LATE = timedelta(minutes=30)
SOON_SHUT = timedelta(hours=4)  # of the 48 hours in which WeChat takes an answer
UNREACHED_SHOWN = timedelta(days=7)
TWICE = timedelta(seconds=30)
PROMISED = ("desk.", "appointments.")  # somebody waits for this word, or comes in vain without it
ABOUT = {
    "asked": "要找工作人员",
    "voice": "发来语音",
    "picture": "发来图片",
    "image": "发来图片",
    "video": "发来视频",
    "file": "发来文件",
    "place": "发来位置",
    "location": "发来位置",
}

console = Console("desk_console", __name__)


# ---- the list --------------------------------------------------------------------------------------------------------


@console.get("/talks")
@staff("desk")
def inbox() -> str:
    """Waiting first, the oldest on top; then the ones in which the staff spoke last; then what is over. Polled: then
    only the rows are drawn again."""
    lists = {"waiting": waiting_talks(), "open": _answered(), "closed": _closed()}
    which = request.args.get("which", "waiting")
    which, page = which if which in lists else "waiting", asked_page()
    with looking() as by:
        shown = lists[which].offset((page - 1) * SHOWN).limit(SHOWN + 1)
        whole = joinedload(DeskTalk.person), joinedload(DeskTalk.identity)
        talks = by.session.scalars(shown.options(*whole)).all()
        facts: dict[str, Any] = {"talks": talks[:SHOWN], "more": len(talks) > SHOWN, "page": page}
        facts |= {
            "which": which,
            "waiting": count_rows(by.session, waiting_talks()),
            "answered": count_rows(by.session, _answered()),
        }
        facts |= {"last": _last_lines(by, talks), "late": LATE, "now": clock.now(), "shuts": _shuts}
        part = "_rows" if "HX-Request" in request.headers else ""
        return render_template(
            f"desk/console_inbox{part}.html", about=ABOUT, names=staff_names(by.session), **facts
        )


def _last_lines(by: Actor, talks: Sequence[DeskTalk]) -> dict[int, DeskLine]:
    numbers = [talk.id for talk in talks]
    newest = select(func.max(DeskLine.id)).where(DeskLine.talk_id.in_(numbers)).group_by(DeskLine.talk_id)
    lines = by.session.scalars(select(DeskLine).where(DeskLine.id.in_(newest)))
    return {line.talk_id: line for line in lines}


def _shuts(talk: DeskTalk) -> str:
    """What is worth saying about WeChat's window in the list: that it closes soon, or is closed."""
    spoke = talk.identity.spoke_at
    if spoke is None or not talk.identity.following or clock.now() >= spoke + WORDS_WINDOW:
        return "要打电话"
    return "快过48小时" if clock.now() >= spoke + WORDS_WINDOW - SOON_SHUT else ""


def _answered() -> Select[DeskTalk]:
    return open_talks().where(unindexed(DeskTalk.waiting_since).is_(None))


def _closed() -> Select[DeskTalk]:
    return select(DeskTalk).where(DeskTalk.state == "closed").order_by(DeskTalk.closed_at.desc())


# ---- what did not arrive ---------------------------------------------------------------------------------------------


@console.get("/messages")
@staff("desk")
def messages() -> str:
    with looking() as by:
        rows = by.session.scalars(unreached().limit(200)).all()
        people = select(Person).where(Person.id.in_([row.person_id for row in rows]))
        names = {one.id: one for one in by.session.scalars(people)}
        return render_template("desk/console_messages.html", rows=rows, people=names, kinds=_kind_words)


def unreached() -> Select[OutboxRow]:
    """Failed, or nobody knows: of the last days, the newest first."""
    lately = OutboxRow.settled_at > clock.now() - UNREACHED_SHOWN
    lost = OutboxRow.state.in_(("failed", "unknown"))
    return select(OutboxRow).where(lost, lately).order_by(OutboxRow.settled_at.desc())


def _names_of(by: Actor, rows: Sequence[OutboxRow]) -> dict[int, str]:
    people = select(Person).where(Person.id.in_([row.person_id for row in rows]))
    return {one.id: one.name or f"居民{one.id}号" for one in by.session.scalars(people)}


def _lost_words(row: OutboxRow, names: dict[int, str]) -> str:
    return f"{names.get(row.person_id, '已删除的居民')}:{row.reason or '没有送到'}"


def _kind_words(kind: str) -> str:
    """The feature that the message came from."""
    titles = {feature.name: feature.title for feature in current_site().house.features}
    return titles.get(kind.partition(".")[0], kind)


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk")
def waiting(by: Actor) -> Card:
    talks = by.session.scalars(waiting_talks().limit(SHOWN_TODAY)).all()
    lines = [_line(talk) for talk in talks]
    return Card(
        "等着回复的居民",
        count_rows(by.session, waiting_talks()),
        url_for("desk_console.inbox"),
        lines,
        nothing="没有人在等,很好。",
        urgent=any(line.urgent for line in lines),
    )


def _line(talk: DeskTalk) -> Line:
    since = talk.waiting_since or talk.opened_at
    name = talk.person.name or f"居民{talk.person_id}号"
    words = f"{name}:{ABOUT.get(talk.about, talk.about)}"
    late = clock.now() - since > LATE
    return Line(
        words, url_for("desk_console.talk", number=talk.id), mark=f"等了{waited_words(since)}", urgent=late
    )


@console.today("desk")
def not_arrived(by: Actor) -> Card:
    lost = unreached()
    rows = by.session.scalars(lost.limit(SHOWN_TODAY)).all()
    count = count_rows(by.session, lost)
    address = url_for("desk_console.messages")
    names = _names_of(by, rows)
    lines = [Line(_lost_words(row, names), address, row.settled_at, _kind_words(row.kind)) for row in rows]
    urgent = any(row.kind.startswith(PROMISED) for row in rows)
    return Card("没送到的消息", count, address, lines, nothing="这7天的消息都送到了。", urgent=urgent)
