"""The page on which one joins: who comes along, the group, the form; all of it kept when a rule says no."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.channels.pages import act, errors, for_residents, line, looking_on, shown
from handlers.activities import actions
from handlers.activities.actions import Member, Wish
from handlers.activities.asking import wards_of
from handlers.activities.pages import is_open, pages, placed, seen
from handlers.activities.wishes import groups_for, is_for_children
from handlers.people import actions as people
from models.activities import ActivitySession, overlapping
from models.activities_party import answers_of, head_of
from models.activities_rules import LONGEST_ANSWER, Group, groups_of, questions_of
from models.identity import Actor
from models.people import live_consent
from models.refusal import Refusal

CHILDREN, GROWN_UPS = 3, 2
ONLY_FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Told:
    """What the form was filled in with, to be shown again."""

    who: str = ""
    group: str = ""
    names: dict[str, str] = field(default_factory=dict)
    wards: frozenset[str] = frozenset()
    answers: dict[str, str] = field(default_factory=dict)


@pages.get("/activities/<int:number>/join")
@for_residents
def confirm_join(number: int) -> Response:
    """The first time the page says that signing up is agreeing to `volunteer`, as the chat does."""

    def look(by: Actor) -> str:
        people.respect_withdrawal(by, "volunteer")
        row = seen(by, number)
        if not is_open(row):
            raise Refusal("activities.is_over", session=row)
        return _form(by, row, Told(ONLY_FAMILY if is_for_children(row) else ""))

    return shown(look)


@pages.post("/activities/<int:number>/join")
@for_residents
def join(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        row = seen(by, number)
        actions.sign_up(by, row, _wish(by, row))
        return url_for(".show_activity", number=number, new=1)

    return act(work, lambda by, why: _again(by, number, why))


@pages.post("/activities/<int:number>/wait")
@for_residents
def wait(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        row = seen(by, number)
        actions.wait(by, row, _wish(by, row))
        return url_for(".show_activity", number=number, new=1)

    return act(work, lambda by, why: _again(by, number, why))


def _again(by: Actor, number: int, why: Refusal) -> str:
    return _form(by, seen(by, number), _told(), why)


def _form(by: Actor, row: ActivitySession, told: Told, why: Refusal | None = None) -> str:
    clash = overlapping(by.session, row, [by.me.id])
    facts: dict[str, Any] = {
        "row": row,
        "told": told,
        "why": why,
        "wrong": errors(why),
        "others": why.instead if why else [],
        "is_new": live_consent(by.session, by.me, "volunteer") is None,
        "clash": clash[0] if clash else None,
        "groups": _choices(row),
        "wards": list(wards_of(by)) if row.activity.family else [],
        "questions": questions_of(row.activity.questions),
        "children": range(1, CHILDREN + 1),
        "grown_ups": range(1, GROWN_UPS + 1),
        "longest": LONGEST_ANSWER,
    }
    return render_template("activities/page_join.html", **facts)


def _choices(row: ActivitySession) -> list[Group]:
    """The groups between which a grown-up must choose; none where there is no choice."""
    own = set(groups_for(row, child=False))
    named = [one for one in groups_of(row.activity.groups) if one.key in own]
    return named if len(named) > 1 else []


# ---- what was typed ------------------------------------------------------------------------------------------------


def _told() -> Told:
    names = {key: line(key, 20) for key in request.form if key.startswith(("child-", "grown-"))}
    answers = {key[2:]: line(key, LONGEST_ANSWER) for key in request.form if key.startswith("q-")}
    wards = frozenset(key[5:] for key in request.form if key.startswith("ward-"))
    return Told(line("who"), line("group"), names, wards, answers)


def _wish(by: Actor, row: ActivitySession) -> Wish:
    told, known = _told(), wards_of(by)
    group = told.group or None
    family = [
        Member(
            person=known[name][0], name=name, child=known[name][1], group=None if known[name][1] else group
        )
        for name in known
        if name in told.wards
    ]
    for key, name in sorted(told.names.items()):
        if name:
            child = key.startswith("child-")
            family.append(Member(name=name, child=child, group=None if child else group))
    comes = told.who != ONLY_FAMILY
    return Wish(group=group, comes=comes, family=tuple(family), answers=told.answers)


# ---- the form again, later -------------------------------------------------------------------------------------------


@pages.get("/activities/<int:number>/form")
@for_residents
def show_form(number: int) -> str:
    return looking_on(lambda by: _own_form(by, number))


@pages.post("/activities/<int:number>/form")
@for_residents
def change_form(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        actions.change_answers(by, placed(by, number).session, _told().answers)
        return url_for(".show_activity", number=number, changed=1)

    return act(work, lambda by, why: _own_form(by, number, why))


def _own_form(by: Actor, number: int, why: Refusal | None = None) -> str:
    mine = placed(by, number)
    questions = questions_of(mine.session.activity.questions)
    if not questions or head_of(by.session, mine).id != mine.id:
        abort(404)
    told = Told(answers=_told().answers if why else answers_of(by.session, mine))
    facts = {"row": mine.session, "questions": questions, "told": told, "longest": LONGEST_ANSWER}
    return render_template("activities/page_form.html", wrong=errors(why), **facts)
