"""Four digits typed in the chat: at which session do they stand on the screen, and what if at none."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import Select, select

from app import clock
from handlers.volunteers import consent
from handlers.volunteers.actions import Outcome, check, must_be_time
from models import activities as plan
from models import place_code
from models import volunteers as model
from models.activities import ActivitySession, Enrolment
from models.identity import Actor
from models.volunteers import Attendance

NEAR = timedelta(hours=3)
TYPED = re.compile(r"(?:签到|签退)?(?:码|数字)?[::]?(\d{4})(?:签到|签退)?")


def digits_in(text: str) -> str | None:
    """ "4821", "4 8 2 1", "签到4821"; None when the message is anything else."""
    found = TYPED.fullmatch(re.sub(r"[\s,,.。、-]", "", text))
    return found[1] if found and found[1].isascii() else None


def expect(by: Actor, session: ActivitySession) -> Attendance | None:
    """Somebody scanned the session's printed code: from now on their four digits are meant for it. Their open stay at
    this session, if they have one."""
    must_be_time(session)
    consent.respect_withdrawal(by)
    model.expect(by.session, by.me, session)
    here = model.open_stay(by.session, by.me)
    return here if here is not None and here.session_id == session.id else None


def sessions_for(by: Actor, digits: str) -> tuple[list[ActivitySession], bool]:
    """Sessions under way at whose screens these digits stand now, and whether it is sure which one is meant. Where the
    person is expected goes before others; four digits that fit only elsewhere may be chance, so they are asked."""
    now = clock.now()
    under_way = by.session.scalars(plan.under_way())
    showing = [held for held in under_way if place_code.digits_are_right(held, digits, now)]
    expected = {held.id for held in model.expected(by.session, by.me)}
    mine = [held for held in showing if held.id in expected]
    return mine or showing, len(mine or showing) == 1 and (bool(mine) or not expected)


def wrong_everywhere(by: Actor, digits: str) -> Outcome | None:
    """Digits that stand on no screen count as a try where the person is expected. For others they are counted in
    silence, and None is returned: four digits may be a year or a door. Who has joined what begins or has ended within
    three hours hears that it is not on (a Refusal)."""
    expected = model.expected(by.session, by.me)
    outcomes = [check(by, held, digits=digits) for held in expected]
    if outcomes:
        return outcomes[0]
    for held in by.session.scalars(_joined_near(by)):
        must_be_time(held)  # too early, over or called off: the digits can only be meant for it
    for held in by.session.scalars(plan.under_way()):
        model.count_wrong(by.session, by.me, held)
    return None


def _joined_near(by: Actor) -> Select[ActivitySession]:
    now = clock.now()
    return (
        select(ActivitySession)
        .join(Enrolment, Enrolment.session_id == ActivitySession.id)
        .where(
            Enrolment.person_id == by.me.id,
            Enrolment.state == "joined",
            Enrolment.comes,
            ActivitySession.starts < now + NEAR,
            ActivitySession.ends > now - NEAR,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )
