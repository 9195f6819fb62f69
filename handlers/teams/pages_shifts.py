"""One's own shifts as pages: the next ones, handing one on or swapping it, what others ask, what wants a hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.channels.pages import act, card, errors, for_residents, looking_on
from handlers.activities import actions as activities
from handlers.teams import actions
from handlers.teams.covering import name_for
from handlers.teams.own_rows import ROLES
from handlers.teams.pages import pages
from models import teams as model
from models.activities import ActivitySession, has_joined
from models.identity import Actor
from models.refusal import Refusal
from models.teams import TeamMember
from models.teams_covers import Cover, ask_of, asked_for_by, asked_of, open_cover
from models.teams_shifts import open_shifts, shifts_of

MOST = 20


@pages.get("/teams/mine")
@card("我的队伍", "我的班", "换班")
@for_residents
def mine() -> str:
    return looking_on(draw_mine)


def draw_mine(by: Actor, why: Refusal | None = None) -> str:
    shifts = by.session.scalars(shifts_of(by.me).limit(MOST)).unique().all()
    asked = by.session.scalars(asked_of(by.me).limit(MOST)).unique().all()
    facts: dict[str, Any] = {
        "rows": by.session.scalars(model.memberships(by.me, "asked", "invited", "active")).all(),
        "led": by.session.scalars(model.led_teams(by.me)).all(),
        "shifts": [(held, open_cover(by.session, held, by.me)) for held in shifts],
        "asked": [(cover, name_for(by, cover, cover.asker)) for cover in asked if cover.asker is not None],
        "gaps": by.session.scalars(open_shifts(by.me).limit(MOST)).unique().all(),
        "undoable": [
            one for one in by.session.scalars(asked_for_by(by.me).limit(MOST)).unique() if one.can_be_undone
        ],
        "roles": ROLES,
        "me": by.me.id,
        "done": request.args.get("done", ""),
        "wrong": errors(why),
    }
    return render_template("teams/page_mine.html", **facts)


# ---- one shift -------------------------------------------------------------------------------------------------------


def _held(by: Actor, number: int) -> ActivitySession:
    """A shift that one has; any other is a page that is not there."""
    held = by.session.get(ActivitySession, number)
    if held is None or held.activity.team_id is None or not has_joined(by.session, held, by.me):
        abort(404)
    return held


@pages.get("/shifts/<int:number>")
@for_residents
def shift(number: int) -> str:
    return looking_on(lambda by: _shift(by, _held(by, number)))


def _shift(by: Actor, held: ActivitySession, why: Refusal | None = None) -> str:
    mates = actions.mates(by, held)
    facts: dict[str, Any] = {
        "held": held,
        "cover": open_cover(by.session, held, by.me),
        "mates": mates,
        "now": clock.now(),
        "wrong": errors(why),
    }
    return render_template("teams/page_shift.html", **facts)


@pages.get("/shifts/<int:number>/swap/<int:mate>")
@for_residents
def swap_for(number: int, mate: int) -> str:
    """Which of that member's shifts one would take for this one."""

    def look(by: Actor) -> str:
        held = _held(by, number)
        row = _mate(by, held, mate)
        others = actions.swaps_with(by, held, row)
        return render_template("teams/page_swap.html", held=held, mate=row, others=others)

    return looking_on(look)


def _mate(by: Actor, held: ActivitySession, number: int) -> TeamMember:
    row = by.session.get(TeamMember, number)
    if row is None or row.team_id != held.activity.team_id or row.state != "active":
        abort(404)
    return row


@pages.post("/shifts/<int:number>/cover")
@for_residents
def look_for_cover(number: int) -> Response:
    """Everybody, one by name (`mate`), or that one for a shift of theirs (`other`)."""

    def work(by: Actor) -> str:
        held = _held(by, number)
        mate, other = request.form.get("mate", 0, int), request.form.get("other", 0, int)
        to = _mate(by, held, mate).person if mate else None
        given = by.session.get(ActivitySession, other) if other else None
        if other and (given is None or to is None):
            abort(404)
        actions.ask_cover(by, held, to=to, other=given)
        return url_for(".mine", done="looking")

    return act(work, lambda by, why: _shift(by, _held(by, number), why))


# ---- answers ---------------------------------------------------------------------------------------------------------


STEPS: dict[str, Callable[[Actor, Cover], Any]] = {
    "take": actions.take,
    "decline": actions.decline,
    "withdraw": actions.withdraw,
    "undo": actions.undo,
}


@pages.post("/covers/<int:number>/<any(take, decline, withdraw, undo):step>")
@for_residents
def move_cover(number: int, step: str) -> Response:
    """Those who were asked, who asks, and who said yes; for others there is no such page."""

    def work(by: Actor) -> str:
        cover = by.session.get(Cover, number)
        if cover is None or not (
            by.me.id in (cover.asker_id, cover.taker_id) or ask_of(by.session, cover, by.me) is not None
        ):
            abort(404)
        STEPS[step](by, cover)
        return url_for(".mine", done=step)

    return act(work, draw_mine)


@pages.post("/shifts/<int:number>/join")
@for_residents
def join_shift(number: int) -> Response:
    """A shift of one's team that wants a hand."""

    def work(by: Actor) -> str:
        held = by.session.scalar(open_shifts(by.me).where(ActivitySession.id == number))
        if held is None:
            held = _held(by, number)  # pressed twice: it is theirs already
        activities.sign_up(by, held)
        return url_for(".mine", done="on_shift")

    return act(work, draw_mine)
