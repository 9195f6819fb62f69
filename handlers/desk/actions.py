"""What happens at the desk: a resident asks for a person, both talk, somebody closes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app import audit, clock
from models import outbox
from models.desk import DeskLine, DeskTalk, open_talk_of
from models.identity import Actor, Identity
from models.refusal import Refusal
from models.staff import StaffMember

LONGEST_REPLY = 600
REPLY_USEFUL = timedelta(hours=48)


def ask_for_person(by: Actor, about: str) -> DeskTalk:
    """Open a talk, or come back to the one that is open. `about` is asked, voice, picture, … (a word for staff)."""
    talk = open_talk_of(by.session, by.me)
    if talk is None:
        talk = DeskTalk(person_id=by.me.id, identity_id=_identity(by).id, about=about)
        by.session.add(talk)
        audit.note(by, "desk.ask", talk, about=about)
    elif talk.waiting_since is None:
        talk.waiting_since = clock.now()
    return talk


def tell(by: Actor, talk: DeskTalk, text: str, kind: str = "text", media_id: str | None = None) -> DeskLine:
    """The resident says something to the staff."""
    line = DeskLine(talk=talk, speaker="resident", kind=kind, text=text, media_id=media_id)
    by.session.add(line)
    talk.last_line_at = clock.now()
    talk.waiting_since = talk.waiting_since or clock.now()
    audit.note(by, "desk.tell", talk, kind=kind)
    return line


def reply(by: Actor, talk: DeskTalk, text: str) -> DeskLine:
    """A person of the staff answers: the words go out, the bot keeps quiet."""
    staff = _staff(by)
    talk = _locked(by, talk)
    words = text.strip()
    if not 0 < len(words) <= LONGEST_REPLY:
        raise Refusal("desk.reply_length", most=LONGEST_REPLY)
    line = DeskLine(talk=talk, speaker="staff", text=words, staff_id=staff.id)
    by.session.add(line)
    talk.state, talk.staff_id = "talking", talk.staff_id or staff.id
    talk.waiting_since, talk.last_line_at = None, clock.now()
    by.session.flush()
    facts = {"text": words, "at": clock.now().isoformat()}
    until = clock.now() + REPLY_USEFUL
    outbox.put(
        by.session, to=talk.person, kind="desk.reply", once=f"desk:{line.id}", facts=facts, useful_until=until
    )
    audit.note(by, "desk.reply", talk)
    return line


def note(by: Actor, talk: DeskTalk, text: str) -> DeskLine:
    """A remark for colleagues; the resident never sees it."""
    line = DeskLine(talk=talk, speaker="note", text=text.strip()[:LONGEST_REPLY], staff_id=_staff(by).id)
    by.session.add(line)
    audit.note(by, "desk.note", talk)
    return line


def take(by: Actor, talk: DeskTalk, staff: StaffMember | None = None) -> DeskTalk:
    """Take the talk, or give it to a colleague."""
    talk = _locked(by, talk)
    talk.staff_id = (staff or _staff(by)).id
    audit.note(by, "desk.take", talk, to=talk.staff_id)
    return talk


def close(by: Actor, talk: DeskTalk) -> DeskTalk:
    """End the talk; the bot speaks again."""
    talk = _locked(by, talk)
    talk.state, talk.closed_at, talk.waiting_since = "closed", clock.now(), None
    audit.note(by, "desk.close", talk)
    return talk


def close_idle(by: Actor) -> int:
    """Talks in which nobody has spoken for half an hour after the staff's last word are closed."""
    from models.desk import IDLE

    idle = select(DeskTalk).where(DeskTalk.state == "talking", DeskTalk.waiting_since.is_(None))
    talks = by.session.scalars(idle.where(DeskTalk.last_line_at < clock.now() - IDLE)).all()
    for talk in talks:
        close(by, talk)
    return len(talks)


def _locked(by: Actor, talk: DeskTalk) -> DeskTalk:
    """The row under lock: two colleagues at once see each other's answer."""
    found = by.session.scalars(
        select(DeskTalk)
        .where(DeskTalk.id == talk.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if found.state == "closed":
        raise Refusal("desk.already_closed", talk=found)
    return found


def _identity(by: Actor) -> Identity:
    if by.identity is not None:
        return by.identity
    return by.session.scalars(select(Identity).where(Identity.person_id == by.me.id).limit(1)).one()


def _staff(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("desk.staff_only")
    return by.staff
