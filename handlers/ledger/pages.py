"""The time bank as pages: one's own hours and book, what neighbours want done, asking, offering, giving.

A balance is on its holder's page alone; who asks and where they live, on the page of the one who has promised.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.channels.pages import (
    Pages,
    act,
    as_resident,
    asked_page,
    card,
    errors,
    for_residents,
    line,
    looking_on,
    mine_or_404,
    shown,
)
from handlers.ledger import actions, contact
from handlers.ledger.chat import may_trade
from handlers.ledger.rights import hand_words, request_words, signed
from handlers.ledger.sentences import LONGEST_TEXT, minutes_in, reason_in, request_minutes_in
from handlers.people import actions as people
from models.exchange import CATEGORIES, OPEN, Exchange, ExchangeHand, TimeOffer
from models.identity import Actor
from models.ledger import account_of, terms
from models.ledger_lists import (
    hands_of,
    offers_of,
    open_requests,
    requests_of,
)
from models.refusal import Refusal

PER_PAGE, MOST_LISTED = 20, 20
POOL = "pool"

pages = Pages("ledger_pages", __name__)


# ---- mine ----------------------------------------------------------------------------------------------------------


@pages.get("/time")
@card("我的时间", "时间银行", "幸福指数")
@for_residents
def mine() -> str:
    """Whose name and phone stand here is written down, so this page writes."""
    return as_resident(_mine)


def _mine(by: Actor, why: Refusal | None = None) -> str:
    account, per_point = account_of(by.session, by.me), terms(by.session).minutes_per_point
    rows = by.session.scalars(requests_of(by.me).limit(MOST_LISTED)).all()
    hands = by.session.scalars(hands_of(by.me).limit(MOST_LISTED)).all()
    facts: dict[str, Any] = {"account": account, "wrong": errors(why), "done": request.args.get("done")}
    facts |= {
        "balance": signed(account.balance) if account else "0分钟",
        "state_of": request_words,
        "said": hand_words,
    }
    facts["points"] = f"{(account.balance if account else 0) / per_point:.1f}".removesuffix(".0")
    facts["credit"] = -(account.lowest or 0) if account else terms(by.session).credit
    facts["requests"] = [
        (one, contact.of_helpers(by, one), contact.candidates(by, one)) for one in rows if one.state in OPEN
    ]
    facts["hands"] = [(one, contact.of_asker(by, one)) for one in hands if one.state in ("promised", "done")]
    facts["offers"] = by.session.scalars(offers_of(by.me)).all()
    return render_template("ledger/page_mine.html", **facts)


# Each step of a request, and of a promise: the state in which it has been taken changes nothing any more.
OWN_STEPS: dict[str, tuple[Callable[[Actor, Exchange], Any], tuple[str, ...]]] = {
    "confirm": (actions.confirm, ("paid",)),
    "cancel": (actions.cancel, ("cancelled",)),
    "enough": (actions.enough, ("matched",)),
}
HAND_STEPS: dict[str, tuple[Callable[[Actor, ExchangeHand], Any], tuple[str, ...]]] = {
    "done": (actions.mark_done, ("done", "paid")),
    "withdraw": (actions.withdraw_hand, ("withdrawn",)),
}


@pages.post("/time/requests/<int:number>/<any(confirm, cancel, enough, dispute):step>")
@for_residents
def move_request(number: int, step: str) -> Response:
    def work(by: Actor) -> str:
        row = by.session.get(Exchange, number)
        if row is None or row.asker_id != by.me.id:
            abort(404)
        if step == "dispute":
            actions.dispute(by, row, reason_in(request.form.get("text", "")))
        else:
            take, taken = OWN_STEPS[step]
            if row.state not in taken:
                take(by, row)
        return url_for(".mine", done=step)

    return act(work, _mine)


@pages.post("/time/hands/<int:number>/<any(agree, decline):step>")
@for_residents
def nod(number: int, step: str) -> Response:
    """Whether the one who said yes may come."""

    def work(by: Actor) -> str:
        hand = by.session.get(ExchangeHand, number)
        if hand is None or hand.exchange.asker_id != by.me.id:
            abort(404)
        if step == "agree":
            actions.agree(by, hand)
        elif hand.state != "withdrawn":
            actions.decline(by, hand)
        return url_for(".mine", done=step)

    return act(work, _mine)


@pages.post("/time/promises/<int:number>/<any(done, withdraw):step>")
@for_residents
def move_promise(number: int, step: str) -> Response:
    def work(by: Actor) -> str:
        hand = mine_or_404(by, ExchangeHand, number)
        take, taken = HAND_STEPS[step]
        if hand.state not in taken:
            take(by, hand)
        return url_for(".mine", done=f"hand-{step}")

    return act(work, _mine)


# ---- what neighbours want done -------------------------------------------------------------------------------------


@pages.get("/time/station")
@card("换服务", "幸福交换站", on_home=False)
@for_residents
def station() -> str:
    def look(by: Actor) -> str:
        page = asked_page()
        rows = by.session.scalars(
            open_requests(by.me).offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)
        ).all()
        facts: dict[str, Any] = {"rows": rows[:PER_PAGE], "more": len(rows) > PER_PAGE, "page": page}
        return render_template("ledger/page_station.html", **facts)

    return looking_on(look)


@pages.get("/time/station/<int:number>")
@for_residents
def one(number: int) -> str:
    return looking_on(lambda by: _card(by, number))


def _card(by: Actor, number: int, why: Refusal | None = None) -> str:
    """What everybody may read of a request: the kind of help, the day, the hours."""
    row = by.session.get(Exchange, number)
    if row is None or row.asker_id == by.me.id or row.state not in OPEN:
        abort(404)
    facts: dict[str, Any] = {"row": row, "new": people.is_new(by), "wrong": errors(why)}
    return render_template("ledger/page_card.html", **facts)


@pages.post("/time/station/<int:number>/promise")
@for_residents
def promise(number: int) -> Response:
    def work(by: Actor) -> str:
        row = by.session.get(Exchange, number)
        if row is None or row.asker_id == by.me.id:
            abort(404)
        actions.promise(by, row)
        return url_for(".mine", done="promised")

    return act(work, lambda by, why: _card(by, number, why))


# ---- asking, offering, giving --------------------------------------------------------------------------------------


@pages.get("/time/ask")
@card("请人帮忙", on_home=False)
@for_residents
def ask() -> Response:
    def look(by: Actor) -> str:
        may_trade(by)
        return _ask_form(by)

    return shown(look)


def _ask_form(by: Actor, why: Refusal | None = None) -> str:
    account = account_of(by.session, by.me)
    free = account.free if account else terms(by.session).credit
    wrong = errors(why)
    facts: dict[str, Any] = {"typed": request.form if why else {}, "wrong": wrong, "free": max(free, 0)}
    facts |= {"categories": CATEGORIES, "today": clock.today().isoformat(), "new": people.is_new(by)}
    return render_template("ledger/page_ask.html", longest=LONGEST_TEXT, **facts)


@pages.post("/time/ask")
@for_residents
def take_request() -> Response:
    def work(by: Actor) -> str:
        minutes = request_minutes_in(line("hours", 20))
        day = _day(line("day", 10))
        actions.ask(by, line("category", 20), minutes, day, text=request.form.get("text", ""))
        return url_for(".mine", done="asked")

    return act(work, _ask_form)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Refusal("ledger.no_such_day") from None


@pages.get("/time/offer")
@card("我能帮忙", on_home=False)
@for_residents
def offer() -> Response:
    def look(by: Actor) -> str:
        may_trade(by)
        return _offer_form(by)

    return shown(look)


def _offer_form(by: Actor, why: Refusal | None = None) -> str:
    facts: dict[str, Any] = {"typed": request.form if why else {}, "wrong": errors(why)}
    facts |= {"offers": by.session.scalars(offers_of(by.me)).all(), "new": people.is_new(by)}
    return render_template("ledger/page_offer.html", categories=CATEGORIES, longest=LONGEST_TEXT, **facts)


@pages.post("/time/offer")
@for_residents
def take_offer() -> Response:
    def work(by: Actor) -> str:
        actions.offer(by, line("category", 20), text=request.form.get("text", ""))
        return url_for(".mine", done="offered")

    return act(work, _offer_form)


@pages.post("/time/offers/<int:number>/stop")
@for_residents
def stop_offer(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.stop_offer(by, mine_or_404(by, TimeOffer, number))
        return url_for(".mine", done="stopped")

    return act(work, _mine)


@pages.get("/time/give")
@card("送时间", on_home=False)
@for_residents
def give() -> str:
    return looking_on(_give_form)


def _give_form(by: Actor, why: Refusal | None = None) -> str:
    account = account_of(by.session, by.me)
    own = max(account.balance - account.held, 0) if account else 0
    facts: dict[str, Any] = {"typed": request.form if why else {}, "wrong": errors(why), "own": own}
    return render_template("ledger/page_give.html", kin=contact.kin_of(by), pool=POOL, **facts)


@pages.post("/time/give")
@for_residents
def take_gift() -> Response:
    def work(by: Actor) -> str:
        chosen = line("to", 12)
        to = next((one for one in contact.kin_of(by) if str(one.id) == chosen), None)
        if to is None and chosen != POOL:
            abort(404)
        actions.give(by, to, minutes_in(line("hours", 20)))
        return url_for(".mine", done="given")

    return act(work, _give_form)
