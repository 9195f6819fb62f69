"""What the desk does about a promise: gives a wish to somebody who has said yes on the telephone, asks how it goes,
gives more time, takes it back, writes down that it is done, and lets thanks go out that were read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import WhoseForm, mobile
from handlers.people import actions as people
from handlers.wishes import actions
from handlers.wishes.console import console
from models.identity import Actor, Person
from models.wish_lists import open_claims
from models.wishes import MOST_CLAIMS, Claim, Wish

NOBODY = "没有登记过这个号码。请先在“居民”里登记,再来认领。"


class MatchForm(WhoseForm):
    phone = mobile("认领人的手机号")


@console.route("/wishes/<int:number>/match", methods=["GET", "POST"])
@staff("desk", "approver")
def match(number: int) -> Response | str:
    """The phone first, then whose it is and how many promises they hold, then the promise."""
    form = MatchForm()
    found: dict[str, str] = {}
    if form.validate_on_submit():
        found = as_staff(lambda by: _found(by, form.phone.data))
        asked_before = form.offer(found) and form.person.data in found
        if asked_before and attempt(
            lambda by: actions.match(by, find(by, Wish, number), find(by, Person, int(form.person.data))),
            form,
            "认领好了,两边都会收到消息。",
        ):
            return redirect(url_for("wishes_console.wish", number=number))
        if not found:
            form.phone.errors = [*form.phone.errors, NOBODY]

    def unit(by: Actor) -> str:
        facts: dict[str, Any] = {"row": find(by, Wish, number), "form": form, "found": found}
        return render_template("wishes/console_match.html", **facts)

    return as_staff(unit)


def _found(by: Actor, phone: str) -> dict[str, str]:
    """Those with this phone, and what they hold already."""
    persons = people.find_by_phone(by, phone, purpose="wish")
    held = {one: len(by.session.scalars(open_claims(one)).all()) for one in persons}
    return {str(one.id): f"{one.name}(手上有{held[one]}个,最多{MOST_CLAIMS}个)" for one in persons}


# ---- one promise, and its end -----------------------------------------------------------------------------


@console.post("/wishes/<int:number>/confirm")
@staff("desk", "approver")
def confirm(number: int) -> Response:
    """The wisher was asked by telephone: it is done, or it is not."""
    step = actions.confirm if request.form.get("answer") == "yes" else actions.not_yet
    attempt(lambda by: step(by, find(by, Wish, number)), done="记下了。")
    return redirect(url_for("wishes_console.wish", number=number))


@console.post("/wishes/<int:number>/thanks")
@staff("approver")
def thanks(number: int) -> Response:
    step = actions.approve_thanks if request.form.get("answer") == "yes" else actions.refuse_thanks
    attempt(lambda by: step(by, find(by, Wish, number)), done="办好了。")
    return redirect(url_for("wishes_console.wish", number=number))


@console.post("/wishes/claims/<int:number>/give-back")
@staff("desk", "approver")
def give_back(number: int) -> Response:
    """Who promised cannot: the wish is public again."""
    return _with_claim(number, actions.give_back, "认领退回了,心愿又公开了。")


@console.post("/wishes/claims/<int:number>/renew")
@staff("desk", "approver")
def renew(number: int) -> Response:
    """Who promised has asked for more time by telephone."""
    return _with_claim(number, actions.renew, "多给了七天。")


@console.post("/wishes/claims/<int:number>/nudge")
@staff("desk", "approver")
def nudge(number: int) -> Response:
    def step(by: Actor, promised: Claim) -> str:
        return "问过了,对方会收到消息。" if actions.nudge(by, promised) else "今天已经问过一次了。"

    return _with_claim(number, step)


def _with_claim(number: int, step: Callable[[Actor, Claim], Any], done: str = "") -> Response:
    """Do it, say `done` or the words that it returns, and show the wish."""
    found: list[int] = []

    def unit(by: Actor) -> Any:
        promised = find(by, Claim, number)
        found[:] = [promised.wish_id]
        return step(by, promised)

    said = attempt(unit)
    if said:
        flash(done or said.it, "success")
    return redirect(url_for("wishes_console.wish", number=found[0]))


@console.post("/wishes/<int:number>/note")
@staff("desk", "approver")
def note(number: int) -> Response:
    text = request.form.get("text", "")
    attempt(lambda by: actions.note_for_staff(by, find(by, Wish, number), text), done="记下了。")
    return redirect(url_for("wishes_console.wish", number=number))
