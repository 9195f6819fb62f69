"""Who comes along, changed later: one more, or one who stays at home."""

from __future__ import annotations

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.channels.pages import act, errors, for_residents, line, looking_on
from app.understanding.numbers import number_in
from handlers.activities import actions
from handlers.activities.actions import Member
from handlers.activities.asking import wards_of
from handlers.activities.pages import pages, placed
from handlers.activities.wishes import groups_for
from models.activities import ActivitySession, Enrolment
from models.activities_party import companions_of, head_of, party_of
from models.activities_rules import groups_of
from models.identity import Actor
from models.refusal import Refusal


@pages.get("/activities/<int:number>/party")
@for_residents
def show_party(number: int) -> str:
    return looking_on(lambda by: _page(by, number))


@pages.post("/activities/<int:number>/party/more")
@for_residents
def add_to_party(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        session = placed(by, number).session
        actions.add_to_party(by, session, (_member(by, session),))
        return url_for(".show_party", number=number, done=1)

    return act(work, lambda by, why: _page(by, number, why))


@pages.post("/activities/<int:number>/party/fewer")
@for_residents
def take_from_party(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        kind, _, key = request.form.get("who", "").partition(":")
        chosen = (number_in(key) or 0,)
        people, companions = (chosen, ()) if kind == "person" else ((), chosen)
        actions.take_from_party(by, placed(by, number).session, people=people, companions=companions)
        return url_for(".show_party", number=number, done=1)

    return act(work, lambda by, why: _page(by, number, why))


def _member(by: Actor, session: ActivitySession) -> Member:
    """Somebody on file by number, or a name."""
    known = {str(person.id): (person, child) for person, child in wards_of(by).values()}
    chosen, group = request.form.get("ward", ""), line("group") or None
    if chosen in known:
        person, child = known[chosen]
        return Member(person=person, name=person.name or "", child=child, group=None if child else group)
    child = request.form.get("child") == "1"
    return Member(name=line("name", 20), child=child, group=None if child else group)


def _page(by: Actor, number: int, why: Refusal | None = None) -> str:
    mine = placed(by, number)
    row = mine.session
    if not row.activity.family or head_of(by.session, mine).id != mine.id:
        abort(404)
    here = _people(by, mine)
    wards = [
        (person.id, name)
        for name, (person, _) in wards_of(by).items()
        if name not in {one[1] for one in here}
    ]
    own = set(groups_for(row, child=False))
    groups = [one.pair for one in groups_of(row.activity.groups) if one.key in own]
    return render_template(
        "activities/page_party.html",
        row=row,
        here=here,
        wards=wards,
        groups=groups if len(groups) > 1 else [],
        wrong=errors(why, "name"),
    )


def _people(by: Actor, head: Enrolment) -> list[tuple[str, str]]:
    """(what the form calls them, their name)."""
    comers = [one for one in party_of(by.session, head) if one.comes]
    people = [
        (f"person:{one.id}", "您自己" if one.id == head.id else one.person.name or "家人") for one in comers
    ]
    along = [(f"companion:{one.id}", one.name or "家人") for one in companions_of(by.session, head)]
    return people + along
