"""A resident's own pass, and the leader's phone that scans it.

The code on the page is an ordinary address: WeChat's own scanner leads a leader to the right session, everybody else to
a page that says what it is. The leader's page can also scan by WeChat's script, one after the other; without WeChat and
without JavaScript the four digits are typed, or a name is ticked.
"""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, make_response, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app import audit, clock
from app.channels.page_sdk import is_ours, let_sdk_run, sdk_script, signature
from app.channels.pages import (
    act,
    as_resident,
    card,
    for_residents,
    looking_on,
    refusal_words,
    there_or_404,
)
from app.links import link_to
from app.understanding.phone import mask_name
from handlers.activities import actions as activities
from handlers.volunteers import actions, collecting, passes
from handlers.volunteers.actions import Outcome
from handlers.volunteers.codes import picture
from handlers.volunteers.pages import pages
from models import passes as model
from models.activities import ActivitySession, Enrolment, people_in, under_way
from models.activities_audience import leads
from models.identity import Actor, Person
from models.refusal import Refusal
from models.volunteers import Attendance, stays_in

KINDS = ("in", "out", "repeat")
MOST_LED = 5


# ---- one's own pass ----------------------------------------------------------------------------------------------


@pages.get("/pass")
@card("我的签到码", "我的码")
@for_residents
def own_pass() -> str:
    """The page loads itself again before its code is over, without JavaScript too."""

    def unit(by: Actor) -> str:
        family = passes.wards(by)
        chosen = _chosen(by, family)
        shown = passes.show(by, chosen)
        says = link_to(shown.path)
        facts: dict[str, Any] = {"shown": shown, "says": says, "picture": picture(says), "family": family}
        facts |= {"name": name_of(chosen), "name_of": name_of, "own": chosen.id == by.me.id}
        return render_template("volunteers/page_pass.html", again=_seconds(), me=by.me, **facts)

    return as_resident(unit)


def _chosen(by: Actor, family: list[Person]) -> Person:
    """Myself, or somebody for whom I act; anybody else is a page that is not there."""
    number = request.args.get("who", type=int)
    if number is None or number == by.me.id:
        return by.me
    found = next((one for one in family if one.id == number), None)
    return found or abort(404)


def _seconds() -> int:
    return int(model.PASS_TURNS.total_seconds())


def name_of(person: Person) -> str:
    """Whom a leader has before them; a glance over the shoulder must not tell."""
    return mask_name(person.name or "") or f"居民{person.id}号"


@pages.get("/pass/<token>")
@for_residents
def held_out(token: str) -> Response:
    """Somebody scanned a pass with WeChat's own scanner. Who leads what is on goes on with one tap; nothing happens by
    looking."""

    def look(by: Actor) -> Response:
        leader = activities.as_leader(by)
        led = by.session.scalars(_led_now(leader).limit(MOST_LED)).all()
        try:
            person = passes.holder(by, token)
            why = None if person else Refusal("volunteers.pass_unknown")
        except Refusal as refused:
            person, why = None, refused
        facts: dict[str, Any] = {"led": led, "wrong": refusal_words(why) if why else "", "code": token}
        facts |= {"name": name_of(person) if person and led else ""}
        facts |= {"own": person is not None and person.id == by.me.id}
        return make_response(render_template("volunteers/page_held_out.html", **facts), 409 if why else 200)

    return looking_on(look)


def _led_now(by: Actor) -> Any:
    """What is on now and led by the one who looks."""
    now = under_way().join(ActivitySession.activity)
    return now if by.staff is not None else now.where(leads(by.me))


# ---- the leader's phone --------------------------------------------------------------------------------------------


@pages.get("/leading/<int:number>/scan")
@for_residents
def scan(number: int) -> Response:
    """What the last pass came to, big, and the next one."""

    def unit(by: Actor) -> str:
        held = there_or_404(activities.session_led(by, number))
        audit.note(activities.as_leader(by), "volunteers.view_scanning", held)
        return _page(by, held, last=_last(by, held))

    script = sdk_script()
    return let_sdk_run(make_response(as_resident(unit)), script)


@pages.post("/leading/<int:number>/scan")
@for_residents
def scanned(number: int) -> AnyResponse:
    """A pass was scanned, or its digits typed; `admit`: also who has not signed up."""

    def unit(by: Actor) -> str:
        held, code = there_or_404(activities.session_led(by, number)), request.form.get("code", "")
        outcome = passes.redeem(activities.as_leader(by), held, code, admit="admit" in request.form)
        return _address(outcome, scanned="by_script" in request.form)

    answer = act(unit, lambda by, why: _page(by, there_or_404(activities.session_led(by, number)), why=why))
    return let_sdk_run(answer, sdk_script()) if isinstance(answer, Response) else answer


@pages.post("/leading/<int:number>/tick")
@for_residents
def ticked(number: int) -> AnyResponse:
    """By name, for whoever has neither phone nor digits; only those who are on the list."""

    def unit(by: Actor) -> str:
        held, who = there_or_404(activities.session_led(by, number)), request.form.get("person", 0, int)
        listed = Enrolment.session_id == held.id, Enrolment.person_id == who, Enrolment.state == "joined"
        row = by.session.scalar(select(Enrolment).where(*listed))
        if row is None:
            raise Refusal("activities.not_in_session")
        way: Any = "out" if request.form.get("way") == "out" else "in"
        actions.must_be_time(held)
        if way == "out":
            collecting.must_not_be_a_child(by, held, row.person)
        return _address(actions.tick(activities.as_leader(by), held, row.person, way))

    return act(unit, lambda by, why: _page(by, there_or_404(activities.session_led(by, number)), why=why))


@pages.get("/leading/<int:number>/scan/sdk.json")
@for_residents
def scan_sdk(number: int) -> Response:
    """The signature of the scanning page, for the browser that shows it."""
    looking_on(lambda by: there_or_404(activities.session_led(by, number)))
    page = request.args.get("page", "")
    if not is_ours(page, url_for(".scan", number=number)):
        abort(404)
    signed = signature(page)
    return jsonify(signed) if signed else Response(status=503)


def _address(outcome: Outcome, *, scanned: bool = False) -> str:
    facts: dict[str, Any] = {"kind": outcome.kind if outcome.kind in KINDS else None}
    facts |= {"seen": outcome.attendance.id if outcome.attendance else None}
    facts |= {"more": 1 if outcome.walked_in else None, "next": 1 if scanned else None}
    return url_for(".scan", number=outcome.session.id, **{k: v for k, v in facts.items() if v})


def _last(by: Actor, held: ActivitySession) -> tuple[Attendance, str] | None:
    """The stay that was written just now, and what the scan was; nothing of another session."""
    number, kind = request.args.get("seen", type=int), request.args.get("kind", "")
    stay = by.session.get(Attendance, number) if number else None
    if stay is None or stay.session_id != held.id or stay.person is None or kind not in KINDS:
        return None
    return stay, kind


def _page(
    by: Actor,
    held: ActivitySession,
    *,
    last: tuple[Attendance, str] | None = None,
    why: Refusal | None = None,
) -> str:
    came = by.session.scalars(stays_in(held)).all()
    here = {row.person_id for row in came if row.left_at is None}
    rows = by.session.scalars(people_in(held)).all()
    facts: dict[str, Any] = {"held": held, "last": last, "script": sdk_script(), "now": clock.now()}
    facts |= {
        "here": len(here),
        "listed": [(row.person_id, name_of(row.person), row.person_id in here) for row in rows],
    }
    facts |= {"why": why, "reason": why.code.rpartition(".")[2] if why else "", "name_of": name_of}
    facts |= {
        "words": refusal_words(why) if why else "",
        "code": request.form.get("code", "")[: passes.LONGEST],
    }
    return render_template("volunteers/page_scan.html", **facts)
