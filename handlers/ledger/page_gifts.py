"""What partners give, as pages: what may be taken, one's own vouchers, and the field in which the partner types its
number."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from app.channels.pages import act, asked_page, card, errors, for_residents, line, looking_on, mine_or_404
from handlers.ledger import actions
from handlers.ledger.pages import PER_PAGE, pages
from handlers.people import actions as people
from models.identity import Actor
from models.partners import PartnerOffer, PartnerVoucher, held_vouchers, open_offers
from models.refusal import Refusal


@pages.get("/time/gifts")
@card("单位优惠", on_home=False)
@for_residents
def gifts() -> str:
    def look(by: Actor) -> str:
        page = asked_page()
        wanted = open_offers().offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)
        rows = by.session.scalars(wanted).all()
        facts: dict[str, Any] = {"rows": rows[:PER_PAGE], "more": len(rows) > PER_PAGE, "page": page}
        facts["held"] = by.session.scalars(held_vouchers(by.me)).all()
        return render_template("ledger/page_gifts.html", **facts)

    return looking_on(look)


@pages.get("/time/gifts/<int:number>")
@for_residents
def gift(number: int) -> str:
    return looking_on(lambda by: _gift(by, number))


def _gift(by: Actor, number: int, why: Refusal | None = None) -> str:
    row = by.session.get(PartnerOffer, number)
    if row is None or row.state != "open":
        abort(404)
    facts: dict[str, Any] = {"row": row, "new": people.is_new(by), "wrong": errors(why)}
    return render_template("ledger/page_gift.html", **facts)


@pages.post("/time/gifts/<int:number>/take")
@for_residents
def take_gift_offered(number: int) -> Response:
    def work(by: Actor) -> str:
        row = by.session.get(PartnerOffer, number)
        if row is None:
            abort(404)
        voucher = actions.take(by, row)
        by.session.flush()
        return url_for(".voucher", number=voucher.id)

    return act(work, lambda by, why: _gift(by, number, why))


@pages.get("/time/vouchers/<int:number>")
@for_residents
def voucher(number: int) -> str:
    return looking_on(lambda by: _voucher(by, number))


def _voucher(by: Actor, number: int, why: Refusal | None = None) -> str:
    row = mine_or_404(by, PartnerVoucher, number)
    missed = request.args.get("wrong") == "number"
    return render_template("ledger/page_voucher.html", row=row, wrong=errors(why), missed=missed)


@pages.post("/time/vouchers/<int:number>/use")
@for_residents
def use_voucher(number: int) -> Response:
    """A wrong number is counted, so it is no refusal that undoes its own count: the page says so when it comes back."""

    def work(by: Actor) -> str:
        row = mine_or_404(by, PartnerVoucher, number)
        right = row.state == "used" or actions.use_here(by, row, line("number", 12))
        return url_for(".voucher", number=number, wrong=None if right else "number")

    return act(work, lambda by, why: _voucher(by, number, why))


@pages.post("/time/vouchers/<int:number>/return")
@for_residents
def return_voucher(number: int) -> Response:
    def work(by: Actor) -> str:
        row = mine_or_404(by, PartnerVoucher, number)
        if row.state == "held":
            actions.give_back(by, row)
        return url_for(".voucher", number=number)

    return act(work, lambda by, why: _voucher(by, number, why))
