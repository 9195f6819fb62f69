"""Own passes for the mini-program: what a resident holds out, and what a leader scans or types."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.channels.api import Problem, found
from app.channels.api.schemas import Body, Shown, Time
from handlers.activities import actions as activities
from handlers.volunteers import passes
from handlers.volunteers.api import CheckedIn, api, checked_in
from models.activities import ActivitySession
from models.identity import Actor


class DigitsShown(Shown):
    """Four digits to be read out to the leader of this session."""

    session: int
    title: str
    starts: Time
    digits: str = Field(examples=["4821"])


class PassShown(Shown):
    """`code` is what the picture of the code must say; it is another one at `turns_at`. `mine`: it is the caller's own,
    else that of somebody for whom they act."""

    name: str | None
    mine: bool
    code: str = Field(examples=["/h5/pass/AgH…"])
    turns_at: Time
    today: list[DigitsShown]


class Passes(Shown):
    items: list[PassShown]


class Held(Body):
    """What was scanned from a pass, or its four digits. `admit`: also who has not signed up."""

    code: Annotated[str, Field(min_length=1, max_length=passes.LONGEST, examples=["4821"])]
    admit: bool = False


REDEEM = (
    "activities.has_withdrawn",
    "volunteers.pass_unknown",
    "volunteers.pass_expired",
    "volunteers.pass_is_screen",
    "volunteers.pass_digits_unknown",
    "volunteers.not_signed_up",
    "volunteers.not_yet",
    "volunteers.over",
    "volunteers.called_off",
    "volunteers.elsewhere",
)


@api.reads("/me/passes", gives=Passes, leaves_a_mark=True)
def my_passes(by: Actor) -> Passes:
    """My pass, and those of whom I act for"""
    people = [by.me, *passes.wards(by)]
    return Passes(items=[_shown(by, passes.show(by, one)) for one in people])


def _shown(by: Actor, held_out: passes.Pass) -> PassShown:
    today = [
        DigitsShown(
            session=one.session.id,
            title=one.session.activity.title,
            starts=one.session.starts,
            digits=one.digits,
        )
        for one in held_out.days
    ]
    return PassShown(
        name=held_out.person.name,
        mine=held_out.person.id == by.me.id,
        code=held_out.path,
        turns_at=held_out.turns_at,
        today=today,
    )


@api.writes("/sessions/<int:session>/passes", takes=Held, gives=CheckedIn, refuses=REDEEM)
def redeem(by: Actor, said: Held, session: int) -> CheckedIn:
    """Check somebody in or out by their pass, as the leader"""
    held = found(by.session, ActivitySession, session)
    if not activities.may_lead(by, held):
        raise Problem(404, "not_found")
    return checked_in(by, passes.redeem(by, held, said.code, admit=said.admit))
