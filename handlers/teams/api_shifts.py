"""Shifts for the mini-program: mine, those that want a hand, handing one on or swapping it, answering."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.channels.api import Problem, found
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Id, Page, PageQuery, Shown, Time, left_out
from handlers.activities import actions as activities
from handlers.teams import actions
from handlers.teams.api import ShiftShown, api, shift_facts
from handlers.teams.covering import name_for
from models.activities import ActivitySession, has_joined
from models.identity import Actor
from models.teams import TeamMember
from models.teams_covers import Cover, ask_of, asked_of
from models.teams_shifts import open_shifts, shifts_of

WHEN = (ActivitySession.starts, ActivitySession.id)
SWAPPING = (
    "teams.has_begun",
    "teams.overlaps",
    "teams.not_a_mate",
    "teams.not_their_shift",
    "teams.is_on_it",
)
TAKING = ("teams.taken", "teams.has_begun", "teams.overlaps")


class ShiftPage(Page):
    """The nearest first."""

    items: list[ShiftShown]


class MateShown(Shown):
    """A fellow member who could take this shift, and which of theirs I could take for it."""

    id: int
    called: str
    shifts: list[ShiftShown]


class MatesShown(Shown):
    """Whom I may ask by name."""

    items: list[MateShown]


class AskingCover(Body):
    """Nothing: everybody who could is asked. `mate` (an id of "mates"): only that one; `other`: for that shift."""

    mate: Id = left_out()
    other: Id = left_out()


class CoverShown(Shown):
    """A shift that somebody cannot do. Until it is "taken" it stays the asker's. `called` is who asks; `other` is the
    shift that is given for it."""

    id: int
    shift: ShiftShown
    other: ShiftShown | None
    called: str
    mine: bool = Field(description="whether I am the one who asks")
    state: Literal["open", "taken", "undone", "withdrawn", "refused", "nobody", "over"]
    asked_at: Time


class CoverPage(Page):
    """The oldest question first."""

    items: list[CoverShown]


# ---- shifts --------------------------------------------------------------------------------------------------------


@api.reads("/shifts", asks=PageQuery, gives=ShiftPage)
def shifts(by: Actor, asked: PageQuery) -> ShiftPage:
    """My shifts that have not begun"""
    rows, following = page(by.session, shifts_of(by.me), asked, WHEN, _when)
    return ShiftPage(items=[_shift(row) for row in rows], next=following)


@api.reads("/shifts/open", asks=PageQuery, gives=ShiftPage)
def gaps(by: Actor, asked: PageQuery) -> ShiftPage:
    """Shifts of my teams that want a hand"""
    rows, following = page(by.session, open_shifts(by.me), asked, WHEN, _when)
    return ShiftPage(items=[_shift(row) for row in rows], next=following)


def _when(row: ActivitySession) -> tuple[object, int]:
    return row.starts, row.id


@api.writes(
    "/shifts/<int:session>/join", gives=ShiftShown, refuses=("activities.full", "activities.overlaps")
)
def join_shift(by: Actor, session: int) -> ShiftShown:
    """Take a shift of my team that wants a hand"""
    held = by.session.scalar(open_shifts(by.me).where(ActivitySession.id == session))
    held = held if held is not None else _held(by, session)
    activities.sign_up(by, held)
    return _shift(held)


@api.reads("/shifts/<int:session>/mates", gives=MatesShown)
def mates(by: Actor, session: int) -> MatesShown:
    """Fellow members who could take my shift, or swap"""
    held = _held(by, session)
    items = [
        MateShown(
            id=row.id,
            called=row.shown_name,
            shifts=[_shift(one) for one in actions.swaps_with(by, held, row)],
        )
        for row in actions.mates(by, held)
    ]
    return MatesShown(items=items)


@api.writes("/shifts/<int:session>/cover", takes=AskingCover, gives=CoverShown, status=201, refuses=SWAPPING)
def ask_cover(by: Actor, said: AskingCover, session: int) -> CoverShown:
    """I cannot come: ask everybody, or one by name, or for a swap"""
    held = _held(by, session)
    mate = found(by.session, TeamMember, said.mate) if said.mate is not None else None
    other = found(by.session, ActivitySession, said.other) if said.other is not None else None
    if mate is not None and mate.team_id != held.activity.team_id:
        raise Problem(404, "not_found")
    if other is not None and (mate is None or other.activity.team_id != held.activity.team_id):
        raise Problem(404, "not_found")
    return _cover(by, actions.ask_cover(by, held, to=mate.person if mate is not None else None, other=other))


# ---- answers -------------------------------------------------------------------------------------------------------


@api.reads("/covers", asks=PageQuery, gives=CoverPage)
def covers(by: Actor, asked: PageQuery) -> CoverPage:
    """Shifts that I am asked to take"""
    rows, following = page(by.session, asked_of(by.me), asked, (Cover.asked_at, Cover.id), _asked)
    return CoverPage(items=[_cover(by, row) for row in rows], next=following)


def _asked(row: Cover) -> tuple[object, int]:
    return row.asked_at, row.id


@api.writes("/covers/<int:cover>/take", gives=CoverShown, refuses=TAKING)
def take(by: Actor, cover: int) -> CoverShown:
    """Yes: the first one has it"""
    return _cover(by, actions.take(by, _known(by, cover)))


@api.writes("/covers/<int:cover>/decline", gives=CoverShown)
def decline_cover(by: Actor, cover: int) -> CoverShown:
    """No"""
    return _cover(by, actions.decline(by, _known(by, cover)))


@api.writes("/covers/<int:cover>/withdraw", gives=CoverShown, refuses=("teams.taken", "teams.not_yours"))
def withdraw(by: Actor, cover: int) -> CoverShown:
    """I come after all"""
    return _cover(by, actions.withdraw(by, _known(by, cover)))


@api.writes(
    "/covers/<int:cover>/undo", gives=CoverShown, refuses=("teams.too_late_to_undo", "teams.not_yours")
)
def undo(by: Actor, cover: int) -> CoverShown:
    """Within ten minutes, by either of the two"""
    return _cover(by, actions.undo(by, _known(by, cover)))


# ---- rows ----------------------------------------------------------------------------------------------------------


def _held(by: Actor, number: int) -> ActivitySession:
    """A shift of mine; any other is not there."""
    held = found(by.session, ActivitySession, number)
    if held.activity.team_id is None or not has_joined(by.session, held, by.me):
        raise Problem(404, "not_found")
    return held


def _known(by: Actor, number: int) -> Cover:
    """Only for who asks, who was asked and who took it."""
    cover = found(by.session, Cover, number)
    if by.me.id not in (cover.asker_id, cover.taker_id) and ask_of(by.session, cover, by.me) is None:
        raise Problem(404, "not_found")
    return cover


def _shift(held: ActivitySession) -> ShiftShown:
    return ShiftShown.model_validate(shift_facts(held))


def _cover(by: Actor, row: Cover) -> CoverShown:
    called = name_for(by, row, row.asker) if row.asker is not None else "一位队友"
    same = {"id": row.id, "state": row.state, "asked_at": row.asked_at, "called": called}
    shown = {"shift": _shift(row.session), "other": _shift(row.other) if row.other is not None else None}
    return CoverShown.model_validate({**same, **shown, "mine": row.asker_id == by.me.id})
