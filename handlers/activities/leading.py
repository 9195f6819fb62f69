"""What those who lead a session do with it: begin and end it, note who did not come, count heads, send a word.

A resident who leads chooses among written words, so that nothing goes out in the community's name that nobody has read;
the staff may write a sentence of their own. Neither sends more than three in one session.
"""

from __future__ import annotations

from dataclasses import replace

from app import audit, clock
from handlers.activities.telling import tell
from models import activities as model
from models.activities import ActivitySession, Enrolment
from models.activities_audience import is_leader
from models.activities_heads import WAYS, HeadCount
from models.identity import Actor, Person
from models.refusal import Refusal
from models.staff_wechat import member_of

LEADERS = {"desk", "approver", "leader"}
LONGEST_WORD = 60
MOST_WORDS = 3
MOST_HEADS = 2000
# What leaders may say by a tap; the staff may write instead.
WORDS = {
    "early": "请提前15分钟到,我们准时出发。",
    "warm": "天气凉,请多穿一件,带上水。",
    "rain": "可能下雨,请带雨具,活动照常。",
    "things": "请带好要用的东西,穿平底鞋。",
    "late": "负责人晚到一会儿,请在集合的地方等一等。",
}


def may_lead(by: Actor, session: ActivitySession) -> bool:
    """Staff, the house's own jobs, and the residents who lead this activity."""
    if by.staff is not None or by.channel == "job":
        return True
    return by.person is not None and is_leader(by.session, session.activity, by.person)


def session_led(by: Actor, number: int) -> ActivitySession | None:
    """The session with this number, if it is led by whoever holds the phone; else none that they may know of."""
    session = by.session.get(ActivitySession, number)
    return session if session is not None and may_lead(as_leader(by), session) else None


def must_lead(by: Actor, session: ActivitySession) -> None:
    if not may_lead(by, session):
        raise Refusal("activities.not_leader")


def open_session(by: Actor, session: ActivitySession) -> ActivitySession:
    """Begin: from now on it is shown as under way. Opening twice is opening once."""
    must_lead(by, session)
    if model.move(by.session, session, ("planned",), "open"):
        audit.note(by, "activities.open_session", session)
    elif session.state != "open":
        raise Refusal("activities.is_over", session=session)
    return session


def mark_closed(by: Actor, session: ActivitySession) -> bool:
    """The state alone; whoever is still checked in is settled by handlers/volunteers/actions.close_session."""
    must_lead(by, session)
    closed = model.move(by.session, session, model.LIVE, "closed")
    if closed:
        audit.note(by, "activities.close_session", session)
    return closed


def as_leader(by: Actor) -> Actor:
    """On a phone, whose WeChat is bound to an account of the staff leads as that member."""
    member = member_of(by.session, by.identity)
    return replace(by, staff=member) if member is not None and LEADERS & set(member.roles) else by


# ---- who came ----------------------------------------------------------------------------------------------


def note_mark(by: Actor, session: ActivitySession, person: Person, mark: str | None) -> Enrolment:
    """Somebody is not there: "absent", or "excused" when they let us know. None takes the mark away."""
    must_lead(by, session)
    row = model.enrolment_of(by.session, session, person)
    if row is None or row.state != "joined":
        raise Refusal("activities.not_in_session")
    if mark not in (None, "absent", "excused"):
        raise Refusal("activities.no_such_mark")
    if mark != row.mark:
        row.mark = mark
        audit.note(by, "activities.mark", row, session=session.id, mark=mark)
    return row


def count_heads(by: Actor, session: ActivitySession, way: str, counted: int) -> HeadCount:
    """Out, on the way, back: how many were counted, beside how many should be there."""
    must_lead(by, session)
    if way not in WAYS or not 0 <= counted <= MOST_HEADS:
        raise Refusal("activities.bad_count")
    row = HeadCount(session_id=session.id, way=way, counted=counted, expected=session.taken)
    by.session.add(row)
    audit.note(by, "activities.count_heads", session, way=way, counted=counted, expected=session.taken)
    return row


# ---- a word to those who come ------------------------------------------------------------------------------


def send_word(by: Actor, session: ActivitySession, *, chosen: str = "", own: str = "") -> int:
    """Tell everybody who has joined one sentence; how many. Not the waiting list: they have no seat."""
    must_lead(by, session)
    words = _word(by, chosen, own)
    model.hold(by.session, session)
    if session.state not in model.LIVE or session.ends <= clock.now():
        raise Refusal("activities.is_over", session=session)
    if session.words_sent >= MOST_WORDS:
        raise Refusal("activities.enough_words", most=MOST_WORDS)
    session.words_sent += 1
    rows = [row for row in by.session.scalars(model.everybody_in(session)) if row.state == "joined"]
    for row in rows:
        tell(
            by, row.person, "word", f"{session.id}:{session.words_sent}:{row.person_id}", session, words=words
        )
    audit.note(by, "activities.send_word", session, told=len(rows), own=bool(own))
    return len(rows)


def _word(by: Actor, chosen: str, own: str) -> str:
    if own and by.staff is None:
        raise Refusal("activities.words_of_the_desk")
    words = own.strip() if own else WORDS.get(chosen, "")
    if not 0 < len(words) <= LONGEST_WORD:
        raise Refusal("activities.bad_word", most=LONGEST_WORD)
    return words
