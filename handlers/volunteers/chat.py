"""Checking in by chat: four digits from the leader's screen, a session's printed code, one's own hours."""

from __future__ import annotations

from collections.abc import Callable

from app.dialogue import Chat, Offer, Reply, Say
from app.links import link_to
from app.understanding.numbers import number_in
from handlers.volunteers import actions, consent, digits, passes, undoing
from handlers.volunteers.actions import Outcome
from models import volunteers as model
from models.activities import ActivitySession, joined_by
from models.activities_audience import led_by
from models.identity import Actor
from models.refusal import Refusal
from models.volunteers import Attendance, Scan

LISTED = 5

chat = Chat("volunteers")
chat.also_said("签到", "我要签到", "怎么签到", "我来了", "打卡", "我到了")
chat.also_said("签退", "我要签退", "怎么签退", "我走了", "我要走了")
chat.also_said("我的签到码", "出示签到码", "我的二维码", "给负责人扫的码")
chat.also_said("志愿服务", "我想当志愿者", "做志愿者", "志愿者", "我要做志愿服务")


@chat.says("志愿服务", "志愿")
def about(resident: Actor) -> Reply:
    offers = {1: Offer("activities.sign_up"), 2: arrive.offer(), 3: Offer.of_word("志愿时长")}
    return Say("about", offers=offers)


@chat.says("签到", "签退")
def arrive(resident: Actor) -> Reply:
    """Where the person is checked in, or where they are awaited now."""
    here = model.open_stay(resident.session, resident.me)
    if here is not None:
        return Say("you_are_in", attendance=here, offers={1: leave_here.offer(attendance=here)})
    consent.respect_withdrawal(resident)
    awaited = model.expected(resident.session, resident.me)
    if awaited:
        return Say("show_digits", session=awaited[0])
    ahead = resident.session.scalar(joined_by(resident.me).limit(1))
    if ahead is not None:
        return Say("not_yet", session=ahead)
    return Say("nothing_now", offers={1: Offer("activities.sign_up")})


@chat.says("签到码", "负责人签到码")
def screen(resident: Actor) -> Reply:
    """The leader's own link to the screen with the code that turns over; who leads nothing means their own pass."""
    held = resident.session.scalar(led_by(resident.me).limit(1))
    if held is None:
        return _pass_of(resident)
    return Say("screen", session=held, link=link_to(actions.leader_link(resident, held)))


@chat.says("我的签到码", "我的码")
def own_pass(resident: Actor) -> Reply:
    return _pass_of(resident)


def _pass_of(resident: Actor) -> Say:
    """The digits to be read out, and the way to the page with the code. The code is no picture in the talk: a picture
    stays there, is forwarded, and cannot turn over."""
    days, family = passes.show(resident, resident.me).days, passes.wards(resident)
    return Say("volunteers.own_pass", days=days, family=bool(family), link=link_to("/h5/pass"))


@chat.scanned("session")
def printed_code(resident: Actor, rest: str) -> Reply:
    """The printed code is the same for ever: it only asks for the digits that turn over."""
    held = resident.session.get(ActivitySession, number_in(rest) or 0)
    if held is None:
        return Say("volunteers.no_such_session")
    here = digits.expect(resident, held)
    if here is not None:
        return Say("volunteers.show_digits_out", attendance=here)
    return Say("volunteers.show_digits", session=held)


@chat.listens("digits")
def typed(resident: Actor, text: str) -> Reply:
    found = digits.digits_in(text)
    if found is None:
        return None
    sessions, sure = digits.sessions_for(resident, found)
    if sure:
        return _check(resident, sessions[0], found)
    if sessions:
        offers = {
            n: check_here.offer(session=one, digits=found) for n, one in enumerate(sessions[:LISTED], 1)
        }
        return Say("volunteers.which_session", sessions=sessions[:LISTED], offers=offers)
    return _explained(lambda: digits.wrong_everywhere(resident, found))


@chat.offered()
def check_here(resident: Actor, session: ActivitySession, digits: str) -> Reply:
    return _check(resident, session, digits)


@chat.offered()
def leave_here(resident: Actor, attendance: Attendance) -> Reply:
    return said(actions.leave_without_code(resident, attendance))


@chat.offered()
def undo_here(resident: Actor, scan: Scan) -> Reply:
    """撤销, within ten minutes of a check-in or check-out of one's own."""
    return Say("undone", scan=undoing.undo_own(resident, scan))


def _check(resident: Actor, session: ActivitySession, typed: str) -> Reply:
    return _explained(lambda: actions.check(resident, session, digits=typed))


def _explained(work: Callable[[], Outcome | None]) -> Reply:
    """Nothing is written before a rule says no, so the words are all that is left to do."""
    try:
        outcome = work()
    except Refusal as why:
        return refused(why)
    return said(outcome) if outcome is not None else None


def said(outcome: Outcome) -> Reply:
    """An outcome in words. A second scan within a minute is explained, not counted."""
    if outcome.why is not None:
        return refused(outcome.why)
    if outcome.kind == "repeat":
        there = outcome.attendance is not None and outcome.attendance.left_at is None
        key = "still_in" if there else "already_out"
    else:
        key = {"in": "came", "out": "went"}.get(outcome.kind, "was_undone")
    return Say(
        f"volunteers.{key}",
        session=outcome.session,
        attendance=outcome.attendance,
        walked_in=outcome.walked_in,
        first=outcome.first,
        undo=undo_here.offer(scan=outcome.scan) if key in ("came", "went") else None,
    )


def refused(why: Refusal) -> Say:
    offers = {}
    if why.code == "volunteers.elsewhere":
        offers[1] = leave_here.offer(attendance=why.facts["attendance"])
    return Say(why.code, offers=offers, **why.facts)
