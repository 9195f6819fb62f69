"""One talk at the console: all that was ever said with this resident, the answer with what WeChat still allows, and
what may be done with the talk. New lines come by polling; what is being typed is kept on the server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import false, func, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response
from wtforms import HiddenField

from app import audit, clock
from app.channels.console import as_staff, attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, sentence
from app.channels.console_login import signed_in
from app.channels.kept_files import named_file, shown_file
from app.understanding.numbers import number_in
from handlers.desk import actions, confidential, quick
from handlers.desk.console import ABOUT, TWICE, console, unreached
from models import desk as model
from models.allowance import allowance
from models.desk import DeskLine, DeskTalk, QuickReply, is_idle, quick_replies
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.staff import StaffMember, staff_names
from models.stored_file import StoredFile

LINES = 200
SHOWN_INLINE = ("image/jpeg", "image/png", "image/webp")


class SayForm(ConsoleForm):
    text = sentence("写给居民的话", actions.LONGEST_REPLY, rows=3)
    seen = HiddenField()  # the last line that the page showed


# ---- reading and answering -------------------------------------------------------------------------------------------


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
        newer = false() if (seen := number_in(form.seen.data)) is None else DeskLine.id > seen
        others = DeskLine.staff_id != signed_in().staff_id
        said = select(DeskLine.staff_id).where(DeskLine.talk_id == number, DeskLine.speaker == "staff")
        who = by.session.scalar(said.where(newer, others).limit(1))
        name = staff_names(by.session).get(who, "同事") if who else ""
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
    lines = _lines(by, talk.person, 0)
    if request.method == "GET":
        form.text.data = _begun(by, talk)
    form.seen.data = str(lines[-1].id) if lines else "0"
    facts: dict[str, Any] = {"lines": lines, "unreached": _unreached_replies(by, talk)}
    facts |= {"others": _colleagues(by), "quick": _quick(by, talk.person), "form": form, "about": ABOUT}
    facts["in_talk"] = _count_in(by, talk)
    return render_template("desk/console_talk.html", **facts, **_standing(by, talk))


def _standing(by: Actor, talk: DeskTalk) -> dict[str, Any]:
    """How the talk stands now: what the page shows at first and again with every poll."""
    idle = talk.state == "talking" and is_idle(talk, clock.now())
    may = allowance(by.session, talk.identity, clock.now())
    return {"talk": talk, "may": may, "names": staff_names(by.session), "idle": idle}


def _begun(by: Actor, talk: DeskTalk) -> str:
    """The draft, with a quick reply behind it for browsers that do not run our script."""
    draft = model.draft_of(by.session, talk.id, signed_in().staff_id)
    chosen = request.args.get("quick", type=int)
    row = by.session.get(QuickReply, chosen) if chosen else None
    parts = [draft.text if draft else "", quick.said_to(row, talk.person) if row else ""]
    return "\n".join(part for part in parts if part)


def _lines(by: Actor, person: Person, after: int) -> Sequence[DeskLine]:
    said = select(DeskLine).join(DeskLine.talk).where(DeskTalk.person_id == person.id, DeskLine.id > after)
    newest = said.order_by(DeskLine.id.desc()).limit(LINES).options(selectinload(DeskLine.file))
    return by.session.scalars(newest).all()[::-1]


def _count_in(by: Actor, talk: DeskTalk) -> int:
    return by.session.scalar(select(func.count()).where(DeskLine.talk_id == talk.id)) or 0


def _unreached_replies(by: Actor, talk: DeskTalk) -> Sequence[OutboxRow]:
    mine = OutboxRow.person_id == talk.person_id, OutboxRow.kind == "desk.reply"
    return by.session.scalars(unreached().where(*mine)).all()


def _quick(by: Actor, person: Person) -> list[tuple[QuickReply, str]]:
    return [(row, quick.said_to(row, person)) for row in by.session.scalars(quick_replies())]


def _colleagues(by: Actor) -> list[StaffMember]:
    active = by.session.scalars(select(StaffMember).where(StaffMember.active).order_by(StaffMember.id))
    return [one for one in active if "desk" in one.roles and by.staff is not None and one.id != by.staff.id]


# ---- polled ----------------------------------------------------------------------------------------------------------


@console.get("/talks/<int:number>/lines")
@staff("desk")
def lines(number: int) -> str:
    """What was said after the last line that the page has, and how the talk stands; reading new words leaves a line."""
    after = request.args.get("after", 0, type=int)

    def unit(by: Actor) -> str:
        talk = find(by, DeskTalk, number)
        fresh = _lines(by, talk.person, after)
        if fresh:
            audit.note(by, "desk.read", talk)
        last = fresh[-1].id if fresh else after
        return render_template("desk/console_lines.html", lines=fresh, last=last, **_standing(by, talk))

    with looking() as by:
        if not _lines(by, find(by, DeskTalk, number).person, after):
            return unit(by)
    return as_staff(unit)


@console.post("/talks/<int:number>/draft")
@staff("desk")
def draft(number: int) -> str:
    text = request.form.get("text", "")
    attempt(lambda by: actions.keep_draft(by, find(by, DeskTalk, number), text))
    return f"草稿存好了({clock.local(clock.now()):%H:%M:%S})" if text.strip() else ""


@console.get("/talks/media/<int:number>")
@staff("desk")
def media(number: int) -> Response:
    """What a resident sent: a picture in the page, all else as a file to take away. That it was opened is written
    down."""

    def unit(by: Actor) -> StoredFile:
        line = find(by, DeskLine, number)
        if line.file is None:
            abort(404)
        audit.note(by, "desk.open_media", line, kind=line.kind)
        return line.file

    kept = as_staff(unit)
    return shown_file(kept) if kept.media_type in SHOWN_INLINE else named_file(kept)


# ---- what may be done with it ----------------------------------------------------------------------------------------


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


@console.post("/talks/<int:number>/reopen")
@staff("desk")
def reopen(number: int) -> Response:
    attempt(lambda by: actions.reopen(by, find(by, DeskTalk, number)), done="对话又打开了,您在接。")
    return redirect(url_for("desk_console.talk", number=number))


@console.post("/talks/<int:number>/move")
@staff("desk", fresh=True)
def move(number: int) -> Response:
    """To the confidential lane; the second click says how many lines it was shown."""
    shown = request.form.get("shown", -1, type=int)
    lane = current_site().confidential
    done = f"移走了{shown}句话,这里不再有。紧急求助专员马上会知道。"
    if attempt(lambda by: confidential.move(by, lane, find(by, DeskTalk, number), shown), done=done):
        return redirect(url_for("desk_console.inbox"))
    return redirect(url_for("desk_console.talk", number=number))
