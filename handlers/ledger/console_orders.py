"""What a second person of the staff looks at: large moves, limits of accounts, the terms of the exchange."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import audit
from app.channels.console import Card, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, words
from app.understanding.numbers import number_in
from handlers.ledger import actions
from handlers.ledger.console import console
from handlers.ledger.console_accounts import KINDS, LimitForm
from handlers.ledger.desk import MINUTES_OF_A_POINT
from handlers.ledger.rights import signed
from handlers.ledger.sentences import minutes_in
from models.base import count_rows
from models.identity import Actor
from models.ledger import is_used, terms
from models.ledger_lists import named_accounts, orders_waiting
from models.time_desk import TimeOrder

SHOWN, SHOWN_TODAY = 40, 5
WHAT = {"post": "记入", "gift": "替本人送", "grant": "互助池给", "reversal": "更正"}


class TermsForm(ConsoleForm):
    per_point = SelectField(
        "多少分钟算一分",
        choices=choices({str(n): f"{n}分钟" for n in MINUTES_OF_A_POINT}),
        validate_choice=False,
    )
    credit = words("新来的可以先欠多少", 20, hint="比如:4小时。写 0 就是不能欠。只管以后开的账户")
    most = words("一个人最多存多少", 20, needed=False, hint="不填就是不限。只管以后开的账户")
    two_above = words("一笔超过多少要两个人", 20, hint="比如:10小时")


@console.get("/time/orders")
@staff("desk", "approver")
def orders() -> str:
    """Names and reasons stand here, so opening it is written down."""

    def unit(by: Actor) -> str:
        rows = by.session.scalars(orders_waiting().limit(SHOWN)).all()
        audit.note(by, "ledger.read", None, count=len(rows))
        facts: dict[str, Any] = {"rows": rows, "what": WHAT, "kinds": KINDS, "signed": signed}
        facts["limited"] = list(by.session.scalars(named_accounts()))
        accounts = {one.id: one for row in rows for one in (row.giver, row.taker) if one is not None}
        facts["limited"] += [one for one in accounts.values() if one.kind == "person"]
        return render_template("ledger/console_orders.html", limit=LimitForm(formdata=None), **facts)

    return as_staff(unit)


@console.post("/time/orders/<int:number>/decide")
@staff("desk", "approver")
def decide(number: int) -> Response:
    yes = request.form.get("answer") == "yes"
    attempt(
        lambda by: actions.decide(by, find(by, TimeOrder, number), yes=yes),
        done="看过了,记好了。" if yes else "没有同意,不记。",
    )
    return redirect(url_for(".orders"))


@console.route("/time/terms", methods=["GET", "POST"])
@staff("approver")
def change_terms() -> Response | str:
    form = TermsForm()

    def unit(by: Actor) -> None:
        actions.change_terms(
            by,
            minutes_per_point=number_in(form.per_point.data) or 0,
            credit=_none_or(form.credit.data) or 0,
            most=_none_or(form.most.data),
            two_above=minutes_in(form.two_above.data),
        )

    if form.validate_on_submit() and attempt(unit, form, "改好了。"):
        return redirect(url_for(".change_terms"))
    with looking() as by:
        if request.method == "GET":
            _fill(form, by)
        return render_template("ledger/console_terms.html", form=form, used=is_used(by.session))


def _none_or(typed: str | None) -> int | None:
    said = (typed or "").strip()
    return None if said in ("", "0", "０") else minutes_in(said)


def _fill(form: TermsForm, by: Actor) -> None:
    known = terms(by.session)
    form.per_point.data = str(known.minutes_per_point)
    form.credit.data, form.two_above.data = _said(known.credit), _said(known.two_above)
    form.most.data = _said(known.most) if known.most else ""


def _said(minutes: int) -> str:
    return f"{minutes}分钟" if minutes % 60 else f"{minutes // 60}小时" if minutes else "0"


@console.today("approver")
def to_look_at(by: Actor) -> Card:
    rows = by.session.scalars(orders_waiting().limit(SHOWN_TODAY)).all()
    address = url_for("ledger_console.orders")
    lines = [Line(f"{WHAT[row.kind]}{signed(row.minutes)}", address, row.at) for row in rows]
    return Card("等第二个人看的时间", count_rows(by.session, orders_waiting()), address, lines)
