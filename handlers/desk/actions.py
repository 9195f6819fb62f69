"""What happens at the desk: a resident asks for a person, both talk, somebody closes."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, func, select, update

from app import audit, clock, files
from app.understanding.crisis import crisis_in
from app.understanding.emergencies import bare_emergency, emergency_in
from models import outbox
from models.desk import (
    IDLE,
    OPEN_STATES,
    DeskDraft,
    DeskLine,
    DeskTalk,
    begun_too_often,
    draft_of,
    open_talk_of,
    room_for,
    talks_to_forget,
)
from models.duty import deputy_of
from models.identity import Actor, Identity
from models.refusal import Refusal
from models.staff import StaffMember
from models.unindexed import unindexed

LONGEST_REPLY = 600
AS_IT_WAS = {"synchronize_session": False}
FETCHED = ("image", "voice", "video", "shortvideo", "file")
REPLY_USEFUL = timedelta(hours=48)


def ask_for_person(by: Actor, about: str) -> DeskTalk:
    """Open a talk, or come back to the one that is open. `about` is asked, voice, picture, … (a word for staff).
    Whoever opens and closes without end comes back to the last one."""
    talk = open_talk_of(by.session, by.me)
    if talk is None and (talk := begun_too_often(by.session, by.me.id)) is not None:
        talk.state, talk.closed_at, talk.waiting_since = "waiting", None, clock.now()
        audit.note(by, "desk.ask", talk, about=about)
    elif talk is None:
        talk = DeskTalk(person_id=by.me.id, identity_id=_identity(by).id, about=about)
        by.session.add(talk)
        audit.note(by, "desk.ask", talk, about=about)
    elif talk.waiting_since is None:
        talk.waiting_since = clock.now()
    return talk


def tell(by: Actor, talk: DeskTalk, text: str, kind: str = "text", media_id: str | None = None) -> DeskLine:
    """The resident says something to the staff; what hangs on it is fetched from WeChat soon (media.py). Nobody floods
    the desk (trust B29): beyond the budget nothing is kept, and that is said. An emergency is heard all the same."""
    _check_budget(by, talk, text)
    line = DeskLine(talk=talk, speaker="resident", kind=kind, text=text, media_id=media_id)
    if media_id and kind in FETCHED:
        line.media_state, line.media_due = "waiting", clock.now()
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
    forget_draft(by, talk)
    audit.note(by, "desk.reply", talk)
    return line


def note(by: Actor, talk: DeskTalk, text: str) -> DeskLine:
    """A remark for colleagues; the resident never sees it."""
    line = DeskLine(talk=talk, speaker="note", text=text.strip()[:LONGEST_REPLY], staff_id=_staff(by).id)
    by.session.add(line)
    audit.note(by, "desk.note", talk)
    return line


def take(by: Actor, talk: DeskTalk, staff: StaffMember | None = None) -> DeskTalk:
    """Take the talk, or give it to a colleague; who is away has somebody to stand in.

    The colleague's row is locked before the talk, as by whoever goes on leave: one of the two sees the other.
    """
    wanted = _locked_member(by, staff) if staff is not None else _staff(by)
    deputy = deputy_of(by.session, wanted.id, clock.now()) if staff is not None else None
    talk = _locked(by, talk)
    talk.staff_id, talk.lent_by_id = (deputy.id, wanted.id) if deputy else (wanted.id, None)
    audit.note(by, "desk.take", talk, to=talk.staff_id)
    return talk


def lend(by: Actor, absent: StaffMember, deputy: StaffMember) -> int:
    """The open talks of somebody who goes away; they come back with `give_back`."""
    theirs = DeskTalk.staff_id == absent.id, DeskTalk.state.in_(OPEN_STATES)
    whose = func.coalesce(DeskTalk.lent_by_id, absent.id)
    moved = update(DeskTalk).where(*theirs).values(staff_id=deputy.id, lent_by_id=whose)
    count = len(by.session.scalars(moved.returning(DeskTalk.id).execution_options(**AS_IT_WAS)).all())
    audit.note(by, "desk.lend", absent, to=deputy.id, count=count)
    return count


def give_back(by: Actor, absent: StaffMember) -> int:
    """They are there again: their talks that are still open are theirs."""
    lent = update(DeskTalk).where(DeskTalk.lent_by_id == absent.id)
    open_ones = lent.where(DeskTalk.state.in_(OPEN_STATES)).values(staff_id=absent.id, lent_by_id=None)
    count = len(by.session.scalars(open_ones.returning(DeskTalk.id).execution_options(**AS_IT_WAS)).all())
    by.session.execute(lent.values(lent_by_id=None).execution_options(**AS_IT_WAS))
    audit.note(by, "desk.give_back", absent, count=count)
    return count


def close(by: Actor, talk: DeskTalk) -> DeskTalk:
    """End the talk; the bot speaks again."""
    talk = _locked(by, talk)
    talk.state, talk.closed_at, talk.waiting_since = "closed", clock.now(), None
    by.session.execute(delete(DeskDraft).where(DeskDraft.talk_id == talk.id))
    audit.note(by, "desk.close", talk)
    return talk


def reopen(by: Actor, talk: DeskTalk) -> DeskTalk:
    """Something was forgotten: the talk goes on with whoever opens it again, and the bot keeps quiet."""
    staff = _staff(by)
    if open_talk_of(by.session, talk.person) is not None:
        raise Refusal("desk.has_open_talk")
    talk.state, talk.closed_at, talk.last_line_at = "talking", None, clock.now()
    talk.staff_id, talk.lent_by_id = staff.id, None
    audit.note(by, "desk.reopen", talk)
    return talk


def keep_draft(by: Actor, talk: DeskTalk, text: str) -> None:
    """What somebody is writing, so that a closed window loses nothing. Nobody else sees it; no line in the trail."""
    staff = _staff(by)
    words = text[:LONGEST_REPLY]
    if not words.strip():
        forget_draft(by, talk)
        return
    row = draft_of(by.session, talk.id, staff.id)
    if row is None:
        row = DeskDraft(talk_id=talk.id, staff_id=staff.id)
        by.session.add(row)
    row.text, row.saved_at = words, clock.now()


def forget_draft(by: Actor, talk: DeskTalk) -> None:
    mine = DeskDraft.talk_id == talk.id, DeskDraft.staff_id == _staff(by).id
    by.session.execute(delete(DeskDraft).where(*mine))


def forget_words(by: Actor, before: datetime, most: int) -> int:
    """What was said in talks that were closed before, with all that hung on it; that there was a talk stays, for the
    counts. How many talks were emptied."""
    talks = by.session.scalars(talks_to_forget(before).limit(most)).all()
    for talk in talks:
        for line in talk.lines:
            line.text, line.media_id = "", None
            if line.file is not None:
                files.remove(by.session, line.file)
        talk.forgotten_at = clock.now()
    if talks:
        audit.note(by, "desk.forget_words", None, count=len(talks))
    return len(talks)


def close_idle(by: Actor) -> int:
    """Talks in which nobody has spoken for half an hour after the staff's last word are closed."""
    idle = select(DeskTalk).where(DeskTalk.state == "talking", unindexed(DeskTalk.waiting_since).is_(None))
    talks = by.session.scalars(idle.where(DeskTalk.last_line_at < clock.now() - IDLE)).all()
    for talk in talks:
        close(by, talk)
    return len(talks)


def _check_budget(by: Actor, talk: DeskTalk, text: str) -> None:
    again = room_for(by.session, talk.person_id)
    if again is None or is_urgent(text):
        return
    raise Refusal("desk.too_much", minutes=ceil((again - clock.now()) / timedelta(minutes=1)))


def is_urgent(text: str) -> bool:
    return bool(crisis_in(text) or emergency_in(text) or bare_emergency(text))


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


def _locked_member(by: Actor, staff: StaffMember) -> StaffMember:
    same = select(StaffMember).where(StaffMember.id == staff.id)
    return by.session.scalars(same.with_for_update()).one()


def _identity(by: Actor) -> Identity:
    if by.identity is not None:
        return by.identity
    return by.session.scalars(select(Identity).where(Identity.person_id == by.me.id).limit(1)).one()


def _staff(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("desk.staff_only")
    return by.staff
