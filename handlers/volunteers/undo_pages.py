"""Taking scans back on a phone: one's own of the last minutes, and on the leader's page anybody's of the session."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import audit
from app.channels.pages import (
    act,
    as_resident,
    errors,
    for_residents,
    line,
    looking_on,
    there_or_404,
)
from app.understanding.phone import mask_name
from handlers.activities import actions as activities
from handlers.volunteers import undoing
from handlers.volunteers.pages import pages
from handlers.volunteers.undoing import REASONS, Decision
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.refusal import Refusal
from models.scan_undo import LONGEST_REASON, decided, scans_at
from models.volunteers import Scan

WAYS = {"in": "到", "out": "离", "turn": "扫码"}
# What a leader may choose; a correction on a sheet and one's own are said by the house.
CHOSEN = ("person", "time", "not_here", "twice")


@dataclass(frozen=True, slots=True)
class Seen:
    """A scan in a list: whose, when, which way; taken back by whom and why."""

    scan: Scan
    name: str
    way: str
    undone: bool
    why: str


def seen(by: Actor, held: ActivitySession, covered: bool) -> list[Seen]:
    rows = []
    for scan in by.session.scalars(scans_at(held)).all():
        person = by.session.get_one(Person, scan.person_id)
        last = decided(by.session, scan) if scan.voided_at is not None else None
        name = (mask_name(person.name or "") if covered else person.name) or f"居民{person.id}号"
        why = undoing.reason_words(last.reason) if last is not None else ""
        rows.append(Seen(scan, name, WAYS[scan.way], scan.voided_at is not None, why))
    return rows


def decision_of(scan: Scan, chosen: str, typed: str, back: bool) -> Decision:
    """What a form says; giving back needs no reason of its own."""
    reason = chosen if chosen in CHOSEN else typed
    return Decision(scan.nonce, "restored" if back else reason, undone=not back)


# ---- one's own -------------------------------------------------------------------------------------------------------


@pages.post("/scans/<int:scan>/undo")
@for_residents
def undo_own(scan: int) -> AnyResponse:
    def work(by: Actor) -> str:
        row = by.session.get(Scan, scan)
        if row is None or row.person_id != by.me.id:
            abort(404)
        undoing.undo_own(by, row)
        return url_for("volunteers_pages.undone", scan=scan)

    return act(work)


@pages.get("/scans/<int:scan>/undone")
@for_residents
def undone(scan: int) -> str:
    def look(by: Actor) -> str:
        row = by.session.get(Scan, scan)
        if row is None or row.person_id != by.me.id or row.voided_at is None:
            abort(404)
        return render_template("volunteers/page_undone.html", scan=row)

    return looking_on(look)


# ---- the leader ------------------------------------------------------------------------------------------------------


@pages.get("/leading/<int:number>/scans")
@for_residents
def scans(number: int) -> str:
    """Opening the list leaves a line: others' names stand on it."""

    def look(by: Actor) -> str:
        held = there_or_404(activities.session_led(by, number))
        audit.note(activities.as_leader(by), "volunteers.view_scans", held)
        return _page(by, held)

    return as_resident(look)


@pages.post("/leading/<int:number>/undo")
@for_residents
def undo(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        held = there_or_404(activities.session_led(by, number))
        scan = by.session.get(Scan, request.form.get("scan", 0, int))
        if scan is None or scan.session_id != held.id:
            raise Refusal("volunteers.no_such_scan")
        decision = decision_of(scan, request.form.get("chosen", ""), line("typed", LONGEST_REASON), _back())
        undoing.undo(activities.as_leader(by), held, by.session.get_one(Person, scan.person_id), decision)
        return url_for("volunteers_pages.scans", number=number, done="back" if _back() else "undo")

    return act(work, lambda by, why: _page(by, there_or_404(activities.session_led(by, number)), why))


def _back() -> bool:
    return request.form.get("back") == "1"


def _page(by: Actor, held: ActivitySession, why: Refusal | None = None) -> str:
    facts = {"held": held, "rows": seen(by, held, covered=True), "reasons": chosen_reasons()}
    return render_template("volunteers/page_scans.html", wrong=errors(why), longest=LONGEST_REASON, **facts)


def chosen_reasons() -> list[tuple[str, str]]:
    return [(one, REASONS[one]) for one in CHOSEN]
