"""Wishes as pages: everybody reads the cards; who is known says one, promises one, and moves their own on.

A card is what the staff approved; who wishes, where they live and who promised is on no page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.channels.lists import asked_page
from app.channels.pages import (
    Pages,
    act,
    card,
    errors,
    for_everybody,
    for_residents,
    line,
    looking,
    looking_on,
    mine_or_404,
    shown,
)
from app.understanding.phone import name_in, phone_in
from handlers.people import actions as people
from handlers.wishes import actions, sentences
from handlers.wishes.rights import PROMISES, STATES
from models.hours import ServiceHours
from models.identity import Actor, Helped
from models.refusal import Refusal
from models.wish_lists import claims_of, others_to_claim, public_wishes, wishes_of
from models.wishes import (
    CATEGORIES,
    LEASE,
    MOST_CLAIMS,
    PROMISED,
    VALUE_CAP,
    Claim,
    Wish,
    due_day,
    live_claim,
)

PER_PAGE = 10
MOST_LISTED = 50
RULES = {"cap": VALUE_CAP, "days": LEASE.days, "most": MOST_CLAIMS}
FOR_TEXT = ("wishes.too_short", "wishes.too_long", "wishes.bad_other")

pages = Pages("wishes_pages", __name__)


# ---- the station ---------------------------------------------------------------------------------------------------


@pages.get("/wishes")
@card("心愿站")
@for_everybody
def station() -> str:
    number = asked_page()

    def look(by: Actor) -> str:
        rows = public_wishes().offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)
        found = by.session.scalars(rows).all()
        facts: dict[str, Any] = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number}
        return render_template("wishes/page_station.html", **facts)

    return looking(look)


@pages.get("/wishes/<int:number>")
@for_residents
def one(number: int) -> str:
    return looking_on(lambda by: _card(by, number))


def _card(by: Actor, number: int, why: Refusal | None = None) -> str:
    """What everybody may read of it. One that was never public is not there, except for who said it."""
    row = by.session.get(Wish, number)
    own = row is not None and row.wisher_id == by.me.id
    if row is None or not (own or row.state in ("public", *PROMISED)):
        abort(404)
    instead = others_to_claim(by.session, row, by.me) if row.state != "public" else []
    facts: dict[str, Any] = {
        "row": row,
        "own": own,
        "due": due_day(),
        "new": people.is_new(by),
        "instead": instead,
    }
    return render_template("wishes/page_card.html", wrong=errors(why), **RULES, **facts)


@pages.post("/wishes/<int:number>/claim")
@for_residents
def claim(number: int) -> Response:
    """Promising twice is promising once: who holds it already is shown what they hold."""

    def work(by: Actor) -> str:
        row = by.session.get(Wish, number)
        if row is None or not (row.wisher_id == by.me.id or row.state in ("public", *PROMISED)):
            abort(404)
        live = live_claim(by.session, row)
        if live is None or live.person_id != by.me.id:
            actions.claim(by, row)
        return url_for(".mine", done="claimed")

    return act(work, lambda by, why: _card(by, number, why))


# ---- saying one ----------------------------------------------------------------------------------------------------


@pages.get("/wishes/say")
@card("许个心愿", "心愿", on_home=False)
@for_residents
def say() -> Response:
    """Who took their consent back hears so before they write."""

    def look(by: Actor) -> str:
        people.respect_withdrawal(by, "service")
        return _form(by)

    return shown(look)


@pages.post("/wishes/say")
@for_residents
def take_in() -> Response:
    return act(_say, _form)


def _say(by: Actor) -> str:
    if request.form.get("whose") == "other":
        by = by.helping(_other())
    actions.say_wish(by, request.form.get("text", ""), category=request.form.get("category", "其他"))
    return url_for(".mine", done="said")


def _other() -> Helped:
    """Somebody for whom it is said; a phone only when there is one."""
    name, typed = name_in(line("name", 30)), line("phone", 30)
    phone = phone_in(typed)
    if name is None:
        raise Refusal("people.bad_name")
    if typed and phone is None:
        raise Refusal("people.bad_phone")
    return Helped(name, phone, line("tie", 20) or "邻居")


def _form(by: Actor, why: Refusal | None = None) -> str:
    typed = request.form if why is not None else {}
    wrong = errors(why, "name", "phone")
    if why is not None and why.code in FOR_TEXT:
        wrong = {"text": wrong[""]}
    facts: dict[str, Any] = {
        "typed": typed,
        "wrong": wrong,
        "new": people.is_new(by),
        "categories": CATEGORIES,
    }
    return render_template("wishes/page_say.html", longest=sentences.LONGEST, **RULES, **facts)


# ---- mine ----------------------------------------------------------------------------------------------------------


@pages.get("/wishes/mine")
@card("我的心愿")
@for_residents
def mine() -> str:
    return looking_on(_mine)


def _mine(by: Actor, why: Refusal | None = None) -> str:
    wishes = by.session.scalars(wishes_of(by.me).limit(MOST_LISTED)).all()
    promised = by.session.scalars(claims_of(by.me).limit(MOST_LISTED)).all()
    open_claims = by.session.execute(_open_of([one.id for one in wishes])).all()
    facts: dict[str, Any] = {"wishes": wishes, "promised": promised, "wrong": errors(why)}
    facts |= {"due": {one.wish_id: one.due for one in open_claims}}
    facts |= {"talks": {one.wish_id: one.id for one in open_claims}}
    facts |= {"took": _took(by), "times": TIMES}
    facts |= {"states": STATES, "promises": PROMISES, "done": request.args.get("done")}
    return render_template("wishes/page_mine.html", longest=sentences.LONGEST_THANKS, **RULES, **facts)


def _open_of(numbers: list[int]) -> Any:
    return select(Claim.wish_id, Claim.due, Claim.id).where(Claim.wish_id.in_(numbers), Claim.state == "open")


def _took(by: Actor) -> dict[str, int]:
    """How long one's promises took, as one said."""
    mine = ServiceHours.person_id == by.me.id, ServiceHours.source.startswith("wish:")
    return {row.source: row.minutes for row in by.session.scalars(select(ServiceHours).where(*mine))}


TIMES = {"30": "半小时", "60": "1小时", "90": "1个半小时", "120": "2小时", "180": "3小时", "240": "4小时"}
# Each step, and the state in which it has been taken: the same button again changes nothing.
OWN_STEPS: dict[str, tuple[Callable[[Actor, Wish], Any], str]] = {
    "withdraw": (actions.withdraw, "withdrawn"),
    "confirm": (actions.confirm, "confirmed"),
    "not-yet": (actions.not_yet, "claimed"),
}
PROMISED_STEPS: dict[str, tuple[Callable[[Actor, Claim], Any], str]] = {
    "renew": (actions.renew, ""),
    "give-back": (actions.give_back, "returned"),
    "done": (actions.mark_done, "done"),
}


@pages.post("/wishes/mine/<int:number>/<any(withdraw, confirm, 'not-yet', thank):step>")
@for_residents
def move_own(number: int, step: str) -> Response:
    def work(by: Actor) -> str:
        row = by.session.get(Wish, number)
        if row is None or row.wisher_id != by.me.id:
            abort(404)
        if step == "thank":
            actions.thank(by, row, request.form.get("text", ""))
        else:
            take, taken = OWN_STEPS[step]
            if row.state != taken:
                take(by, row)
        return url_for(".mine", done=step)

    return act(work, _mine)


@pages.post("/wishes/promised/<int:number>/time")
@for_residents
def tell_time(number: int) -> Response:
    """How long it took, chosen among a few."""
    chosen = line("minutes", 4)

    def work(by: Actor) -> str:
        if chosen not in TIMES:
            abort(404)
        actions.tell_time(by, mine_or_404(by, Claim, number), int(chosen))
        return url_for(".mine", done="time")

    return act(work, _mine)


@pages.post("/wishes/promised/<int:number>/<any(renew, 'give-back', done):step>")
@for_residents
def move_promised(number: int, step: str) -> Response:
    def work(by: Actor) -> str:
        row = mine_or_404(by, Claim, number)
        take, taken = PROMISED_STEPS[step]
        if row.state != taken:
            take(by, row)
        return url_for(".mine", done=step)

    return act(work, _mine)
