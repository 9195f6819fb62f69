"""搬家, 分户, 并户: two steps, since what is about to happen is said with numbers before it happens."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField

from app import audit
from app.channels.console import as_staff, attempt, staff
from app.channels.console_forms import ConsoleForm, words
from app.understanding.numbers import number_in
from handlers.people import household_moves
from handlers.people.console import console, under
from handlers.people.console_households import ROLES, asked_place, doors_offered, seen_household
from handlers.people.own_rows import TIE_WORDS
from models.households import Household, HouseholdMember, door_in, household_at, members_of
from models.identity import Actor
from models.refusal import Refusal
from models.sight import need_sight_of_place


class MoveForm(ConsoleForm):
    place = words("搬到哪个楼栋单元", 60, list="places", autocomplete="off")
    door = words("门牌", 12, autocomplete="off")
    reason = words("说明", 60, needed=False)
    sure = HiddenField()


class MergeForm(ConsoleForm):
    other = words("并进来的户号", 9, hint="那一户的人都住到这一户来", inputmode="numeric")
    reason = words("说明", 60, needed=False)
    sure = HiddenField()


@console.route("/households/<int:number>/move", methods=["GET", "POST"])
@staff(*ROLES)
def move(number: int) -> Response | str:
    """All or some of a household to another door. With all of them it is a move, with some of them a household of their
    own, and where somebody lives already the two become one."""
    under("住户")
    form, arrived = MoveForm(), []
    going = request.form.getlist("stay", int)

    def work(by: Actor) -> None:
        home, place = seen_household(by, number), asked_place(by, form.place.data)
        persons = [stay.person for stay in by.session.scalars(members_of(home)) if stay.id in going]
        there = household_moves.move(
            by, home, persons, place, form.door.data, reason=form.reason.data or None
        )
        arrived.append(there.id)

    valid = form.validate_on_submit()
    if valid and not going:
        form.form_errors.append("请勾上要搬的人。")
    if valid and going and form.sure.data and attempt(work, form, "搬好了,30天内可以撤销。"):
        return redirect(url_for("people_console.household", number=arrived[-1]))
    return as_staff(lambda by: _move_page(by, number, form, going, valid and bool(going)))


def _move_page(by: Actor, number: int, form: MoveForm, going: list[int], valid: bool) -> str:
    home = _looked_at(by, number)
    members = by.session.scalars(members_of(home)).all()
    facts: dict[str, Any] = {"home": home, "members": members, "going": going or [one.id for one in members]}
    facts["plan"] = _plan(by, home, members_going=len(going), form=form) if valid else None
    facts["places"], facts["ties"] = doors_offered(by), TIE_WORDS
    return render_template("people/console_move.html", form=form, **facts)


def _looked_at(by: Actor, number: int) -> Household:
    """A household whose people stand on the page by their names: that somebody looked is written down."""
    home = seen_household(by, number)
    audit.note(by, "people.view_household", home)
    return home


def _plan(by: Actor, home: Household, members_going: int, form: MoveForm) -> dict[str, Any] | None:
    """What will happen, in numbers; None, with the reason above the form, when it cannot."""
    door = door_in(form.door.data or "")
    try:
        place = asked_place(by, form.place.data)
        need_sight_of_place(by, place)
    except Refusal:
        form.form_errors.append("没有这个楼栋单元,请从列出的里面选。")
        return None
    if door is None:
        form.form_errors.append("门牌看不懂。请写门上的号,比如:301。")
        return None
    there = household_at(by.session, place, door)
    living = len(by.session.scalars(members_of(there)).all()) if there else 0
    staying = len(by.session.scalars(members_of(home)).all()) - members_going
    return {
        "going": members_going,
        "staying": staying,
        "place": place,
        "door": door,
        "there": there,
        "living": living,
    }


@console.route("/households/<int:number>/merge", methods=["GET", "POST"])
@staff(*ROLES)
def merge(number: int) -> Response | str:
    under("住户")
    form = MergeForm()

    def work(by: Actor) -> None:
        kept, gone = seen_household(by, number), seen_household(by, _number(form))
        household_moves.merge_households(by, kept, gone, reason=form.reason.data or None)

    valid = form.validate_on_submit()
    if valid and form.sure.data and attempt(work, form, "并好了,30天内可以撤销。"):
        return redirect(url_for("people_console.household", number=number))
    return as_staff(lambda by: _merge_page(by, number, form, bool(valid)))


def _merge_page(by: Actor, number: int, form: MergeForm, valid: bool) -> str:
    home, other = seen_household(by, number), None
    coming: list[HouseholdMember] = []
    if valid:
        other = _looked_at(by, _number(form))
        coming = list(by.session.scalars(members_of(other)))
    if other is not None and (other.ended_at is not None or other.id == home.id):
        form.form_errors.append("那一户不能并:已经没有人了,或者就是这一户。")
        other = None
    members = by.session.scalars(members_of(home)).all()
    facts = {"home": home, "other": other, "coming": coming, "members": members, "ties": TIE_WORDS}
    return render_template("people/console_merge.html", form=form, **facts)


def _number(form: MergeForm) -> int:
    digits = "".join(sign for sign in form.other.data or "" if sign.isdecimal())
    return number_in(digits) or 0
