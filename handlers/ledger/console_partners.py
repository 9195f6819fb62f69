"""What partners give, at the desk: offers made and closed, vouchers used, the partner's number, its year in counts."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app import audit, clock
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, day, lines_of, sentence, words
from app.channels.lists import asked_page
from handlers.ledger import actions
from handlers.ledger.console import console
from handlers.ledger.page_book import FIRST_YEAR
from handlers.ledger.sentences import minutes_in
from models.identity import Actor
from models.ledger import TimeAccount
from models.partner_counts import year_of_partner
from models.partners import MOST_EACH, MOST_PIECES, PartnerOffer, all_offers

SHOWN = 30


class OfferForm(ConsoleForm):
    partner = SelectField("哪个单位")
    title = words("给什么", 20, hint="比如:电影票1张、免费停车2小时")
    text = words("怎么用", 80, needed=False, hint="比如:周一到周四可用,到前台出示")
    pieces = IntegerField("一共几份", validators=[InputRequired(), NumberRange(1, MOST_PIECES)])
    each = IntegerField("一人最多几份", default=1, validators=[InputRequired(), NumberRange(1, MOST_EACH)])
    hours = words("一份换多少时间", 20, hint="比如:1小时。写 0 就是不用时间")
    until = day("用到哪天", hint="到这天为止")


class RedeemForm(ConsoleForm):
    codes = sentence("券号", 2000, rows=3, hint="单位报来的10位号,一行一个")


def _partners(by: Actor) -> list[TimeAccount]:
    kind = TimeAccount.kind == "organisation", TimeAccount.state == "open"
    return list(by.session.scalars(select(TimeAccount).where(*kind).order_by(TimeAccount.name)))


@console.route("/time/partners", methods=["GET", "POST"])
@staff("desk")
def partners() -> Response | str:
    with looking() as by:
        known = {str(one.id): one.name for one in _partners(by)}
    form = OfferForm()
    form.partner.choices = list(known.items())

    def unit(by: Actor) -> None:
        typed = form.hours.data.strip()
        minutes = 0 if typed in ("0", "０") else minutes_in(typed)
        gift = actions.Gift(
            form.title.data, form.pieces.data, minutes, form.until.data, form.text.data or "", form.each.data
        )
        actions.make_offer(by, find(by, TimeAccount, int(form.partner.data)), gift)

    if form.validate_on_submit() and attempt(unit, form, "登出去了,居民看得到。"):
        return redirect(url_for(".partners"))
    return _show(form=form)


def _show(**more: Any) -> str:
    with looking() as by:
        page = asked_page()
        rows = by.session.scalars(all_offers().offset((page - 1) * SHOWN).limit(SHOWN + 1)).all()
        facts: dict[str, Any] = {"rows": rows[:SHOWN], "more": len(rows) > SHOWN, "page": page}
        facts |= {"partners": _partners(by), "today": clock.today(), "redeem": RedeemForm(formdata=None)}
        if "form" not in more:
            more["form"] = OfferForm(formdata=None)
            more["form"].partner.choices = [(str(one.id), one.name) for one in facts["partners"]]
        return render_template("ledger/console_partners.html", **(facts | more))


@console.post("/time/partners/used")
@staff("desk")
def redeem() -> Response | str:
    """Each number by itself: what is wrong with one says so, and the others are used."""
    form = RedeemForm()
    if not form.validate_on_submit():
        return _show(redeem=form)
    codes = list(dict.fromkeys(lines_of(form.codes.data)))
    used = sum(attempt(partial(actions.use_at_desk, code=code)) is not None for code in codes)
    flash(f"用掉了{used}张,一共{len(codes)}张。", "success" if used == len(codes) else "warning")
    return redirect(url_for(".partners"))


@console.post("/time/partners/offers/<int:number>/close")
@staff("desk")
def close_offer(number: int) -> Response:
    attempt(
        lambda by: actions.close_offer(by, find(by, PartnerOffer, number)),
        done="不再发了。发出去的照样能用。",
    )
    return redirect(url_for(".partners"))


@console.post("/time/partners/<int:number>/number")
@staff("desk")
def new_number(number: int) -> Response | str:
    """Said once, on this page: it stands nowhere else."""

    def unit(by: Actor) -> tuple[str, str]:
        row = find(by, TimeAccount, number)
        return row.name or "", actions.new_partner_number(by, row)

    made = attempt(unit)
    return _show(made=made.it) if made else redirect(url_for(".partners"))


@console.get("/time/partners/<int:number>/<int:year>")
@staff("desk")
def partner_year(number: int, year: int) -> str:
    """What a partner may be given: counts and minutes, no names."""
    if not FIRST_YEAR <= year <= clock.today().year:
        abort(404)

    def unit(by: Actor) -> str:
        row = find(by, TimeAccount, number)
        if row.kind != "organisation":
            abort(404)
        audit.note(by, "ledger.read", row)
        facts = {"row": row, "year": year, "lines": year_of_partner(by.session, row, year)}
        return render_template("ledger/console_partner_year.html", **facts)

    return as_staff(unit)
