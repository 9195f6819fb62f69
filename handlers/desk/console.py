"""The inbox: who waits since when, the talk, the answer; and messages that did not arrive, with what to do instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response
from wtforms import HiddenField

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, sentence
from app.channels.console_login import signed_in
from app.channels.console_words import waited_words
from handlers.desk import actions
from models.desk import DeskLine, DeskTalk, is_idle, open_talks, waiting_talks
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.staff import StaffMember

WINDOW = timedelta(
    hours=48
)  # WeChat lets a service account answer freely for so long after the resident spoke
SHOWN, SHOWN_TODAY, LINES = 50, 5, 200
LATE = timedelta(minutes=30)
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


class SayForm(ConsoleForm):
    text = sentence("写给居民的话", actions.LONGEST_REPLY, rows=3)
    seen = HiddenField()  # the last line that the page showed


# ---- the list --------------------------------------------------------------------------------------------------------


@console.get("/talks")
@staff("desk")
def inbox() -> str:
    """Waiting first, the oldest on top; then the ones in which the staff spoke last; then what is over."""
    which = request.args.get("which", "waiting")
    lists = {"waiting": waiting_talks(), "open": _answered(), "closed": _closed()}
    with looking() as by:
        found = lists.get(which, lists["waiting"]).limit(SHOWN).options(selectinload(DeskTalk.lines))
        facts: dict[str, Any] = {"talks": by.session.scalars(found).all()}
        facts |= {"which": which if which in lists else "waiting"}
        facts |= {"waiting": _count(by, waiting_talks()), "answered": _count(by, _answered())}
        return render_template("desk/console_inbox.html", about=ABOUT, names=_staff_names(by), **facts)


def _answered() -> Select[DeskTalk]:
    return open_talks().where(DeskTalk.waiting_since.is_(None))


def _closed() -> Select[DeskTalk]:
    return select(DeskTalk).where(DeskTalk.state == "closed").order_by(DeskTalk.closed_at.desc())


def _count(by: Actor, rows: Select[DeskTalk]) -> int:
    return by.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0


def _staff_names(by: Actor) -> dict[int, str]:
    return {one.id: one.name for one in by.session.scalars(select(StaffMember))}


# ---- one talk --------------------------------------------------------------------------------------------------------


@console.route("/talks/<int:number>", methods=["GET", "POST"])
@staff("desk")
def talk(number: int) -> Response | str:
    form = SayForm()
    is_note = request.form.get("do") == "note"
    if form.validate_on_submit() and (is_note or not _overtaken(number, form)):
        say = partial(_say, number=number, text=form.text.data, is_note=is_note)
        if attempt(say, form):
            return redirect(url_for("desk_console.talk", number=number))
    return as_staff(lambda by: _show(by, number, form))


def _overtaken(number: int, form: SayForm) -> bool:
    """A colleague answered after this page was opened: two answers may contradict, so it is read before it is sent."""
    with looking() as by:
        newer = DeskLine.id > int(form.seen.data) if (form.seen.data or "").isdecimal() else false()
        others = DeskLine.staff_id != signed_in().staff_id
        said = select(DeskLine.staff_id).where(DeskLine.talk_id == number, DeskLine.speaker == "staff")
        who = by.session.scalar(said.where(newer, others).limit(1))
        name = _staff_names(by).get(who, "同事") if who else ""
    if name:
        form.form_errors.append(f"您写的时候{name}已经回复了,请看看上面。还要发,就再点一次。")
    return bool(name)


def _say(by: Actor, number: int, text: str, *, is_note: bool) -> None:
    """A form sent twice by an impatient finger is one answer."""
    talk = find(by, DeskTalk, number)
    last = by.session.scalar(
        select(DeskLine).where(DeskLine.talk_id == talk.id).order_by(DeskLine.id.desc()).limit(1)
    )
    speaker = "note" if is_note else "staff"
    if last is not None and (last.speaker, last.text) == (speaker, text) and clock.now() - last.at < TWICE:
        return
    (actions.note if is_note else actions.reply)(by, talk, text)


def _show(by: Actor, number: int, form: SayForm) -> str:
    """All that was ever said with this resident, as one thread; that it was opened is written down."""
    talk = find(by, DeskTalk, number)
    audit.note(by, "desk.read", talk)
    lines = _lines(by, talk.person)
    form.seen.data = str(lines[-1].id) if lines else "0"
    facts: dict[str, Any] = {
        "lines": lines,
        "window_ends": _window_ends(talk),
        "names": _staff_names(by),
    }
    facts |= {"unreached": _unreached_replies(by, talk), "others": _colleagues(by), "idle": _is_idle(talk)}
    return render_template("desk/console_talk.html", talk=talk, form=form, about=ABOUT, **facts)


def _lines(by: Actor, person: Person) -> Sequence[DeskLine]:
    said = select(DeskLine).join(DeskLine.talk).where(DeskTalk.person_id == person.id)
    return by.session.scalars(said.order_by(DeskLine.id.desc()).limit(LINES)).all()[::-1]


def _window_ends(talk: DeskTalk) -> datetime | None:
    spoke = talk.identity.spoke_at
    return None if spoke is None or not talk.identity.following else spoke + WINDOW


def _is_idle(talk: DeskTalk) -> bool:
    return talk.state == "talking" and is_idle(talk, clock.now())


def _unreached_replies(by: Actor, talk: DeskTalk) -> Sequence[OutboxRow]:
    mine = OutboxRow.person_id == talk.person_id, OutboxRow.kind == "desk.reply"
    return by.session.scalars(_unreached().where(*mine)).all()


def _colleagues(by: Actor) -> list[StaffMember]:
    active = by.session.scalars(select(StaffMember).where(StaffMember.active).order_by(StaffMember.id))
    return [one for one in active if "desk" in one.roles and by.staff is not None and one.id != by.staff.id]


@console.post("/talks/<int:number>/take")
@staff("desk")
def take(number: int) -> Response:
    """Take it oneself, or give it to a colleague."""
    to = request.form.get("to", type=int)

    def unit(by: Actor) -> None:
        colleague = next((one for one in _colleagues(by) if one.id == to), None)
        actions.take(by, find(by, DeskTalk, number), colleague)

    attempt(unit, done="接手的人改好了。")
    return redirect(url_for("desk_console.talk", number=number))


@console.post("/talks/<int:number>/close")
@staff("desk")
def close(number: int) -> Response:
    attempt(lambda by: actions.close(by, find(by, DeskTalk, number)), done="对话结束了,公众号又会自动回答。")
    return redirect(url_for("desk_console.inbox"))


# ---- what did not arrive ---------------------------------------------------------------------------------------------


@console.get("/messages")
@staff("desk")
def messages() -> str:
    with looking() as by:
        rows = by.session.scalars(_unreached().limit(200)).all()
        people = select(Person).where(Person.id.in_([row.person_id for row in rows]))
        names = {one.id: one for one in by.session.scalars(people)}
        return render_template("desk/console_messages.html", rows=rows, people=names, kinds=_kind_words)


def _unreached() -> Select[OutboxRow]:
    """Failed, or nobody knows: of the last days, the newest first."""
    lately = OutboxRow.created_at > clock.now() - UNREACHED_SHOWN
    lost = OutboxRow.state.in_(("failed", "unknown"))
    return select(OutboxRow).where(lost, lately).order_by(OutboxRow.id.desc())


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
        _count(by, waiting_talks()),
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
    lost = _unreached()
    rows = by.session.scalars(lost.limit(SHOWN_TODAY)).all()
    count = by.session.scalar(select(func.count()).select_from(lost.order_by(None).subquery())) or 0
    address = url_for("desk_console.messages")
    names = _names_of(by, rows)
    lines = [Line(_lost_words(row, names), address, row.settled_at, _kind_words(row.kind)) for row in rows]
    urgent = any(row.kind.startswith(PROMISED) for row in rows)
    return Card("没送到的消息", count, address, lines, nothing="这7天的消息都送到了。", urgent=urgent)
