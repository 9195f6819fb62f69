"""放学接人 on the leader's phone: who is still here, and to whom each child is handed over."""

from __future__ import annotations

from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import audit
from app.channels.pages import (
    act,
    as_resident,
    errors,
    for_residents,
    line,
    there_or_404,
)
from handlers.activities import actions as activities
from handlers.volunteers import collecting
from handlers.volunteers.pages import pages
from models.activities import ActivitySession
from models.collectors import DIGITS, Collector, children_in
from models.identity import Actor, Person
from models.refusal import Refusal


@pages.get("/leading/<int:number>/pick-up")
@for_residents
def pick_up(number: int) -> str:
    """Opening it leaves a line: children and who may collect them stand on it."""

    def look(by: Actor) -> str:
        held = there_or_404(activities.session_led(by, number))
        audit.note(activities.as_leader(by), "volunteers.view_pick_up", held)
        return _page(by, held)

    return as_resident(look)


@pages.post("/leading/<int:number>/pick-up")
@for_residents
def hand_over(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        held = there_or_404(activities.session_led(by, number))
        child, leader = _child(by, held), activities.as_leader(by)
        if request.form.get("unknown"):
            raise collecting.whom_to_call(by, child)
        chosen = by.session.get(Collector, request.form.get("collector", 0, int))
        collecting.hand_over(leader, held, child, code=line("code", DIGITS), collector=chosen)
        return url_for("volunteers_pages.pick_up", number=number, done=1)

    return act(work, lambda by, why: _said_no(by, there_or_404(activities.session_led(by, number)), why))


def _said_no(by: Actor, held: ActivitySession, why: Refusal) -> str:
    """That a guardian's number was shown is written down."""
    if why.code == "volunteers.collector_unknown":
        collecting.note_unknown(activities.as_leader(by), held, _child(by, held))
    return _page(by, held, why)


def _child(by: Actor, held: ActivitySession) -> Person:
    number = request.form.get("child", 0, int)
    for child in children_in(by.session, held):
        if child.id == number:
            return child
    raise Refusal("activities.not_in_session")


def _page(by: Actor, held: ActivitySession, why: Refusal | None = None) -> str:
    here = collecting.children_here(by, held)
    return render_template(
        "volunteers/page_pick_up.html", held=held, here=here, digits=DIGITS, wrong=errors(why)
    )
