"""By exception and once a month: entries that are odd, and months closed with their figures frozen."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import audit
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, words
from app.channels.lists import asked_page
from handlers.ledger import actions
from handlers.ledger.console import console
from handlers.ledger.console_accounts import KINDS as ACCOUNTS
from handlers.ledger.rights import KINDS as MOVES
from handlers.ledger.rights import signed
from handlers.ledger.sentences import LONGEST_REASON
from models.identity import Actor
from models.ledger import TimeTransfer
from models.ledger_months import TimeMonth, closed_months, is_same, months_to_close
from models.ledger_odd import hands_paid, odd_entries

SHOWN = 30
WHY = {
    "long": "一次超过4小时",
    "late": "过了约的日子一星期才付",
    "quick": "答应后十分钟就付了",
    "often": "一个月里同样两个人四次以上",
}


class WrongForm(ConsoleForm):
    reason = words("为什么更正", LONGEST_REASON)


# ---- odd entries -----------------------------------------------------------------------------------------------------


@console.get("/time/odd")
@staff("desk")
def odd() -> str:
    """Names stand here, so that it was looked at is written down."""

    def unit(by: Actor) -> str:
        page, found = asked_page(), odd_entries(by.session)
        rows = found[(page - 1) * SHOWN : page * SHOWN]
        people = sorted({one.exchange.asker_id for one in rows if one.exchange.asker_id is not None})
        audit.note(by, "ledger.odd", None, found=len(found), persons=people)
        facts: dict[str, Any] = {"rows": rows, "page": page, "more": len(found) > page * SHOWN}
        return render_template("ledger/console_odd.html", why=WHY, hands=hands_paid, **facts)

    return as_staff(unit)


@console.post("/time/odd/<int:number>/<any(fine, wrong):result>")
@staff("desk")
def look_at(number: int, result: str) -> Response:
    form = WrongForm()
    if result == "wrong" and not form.validate_on_submit():
        flash("请写明为什么更正。", "danger")
        return redirect(url_for(".odd"))
    is_fine, reason = result == "fine", form.reason.data or ""
    attempt(
        lambda by: actions.look_at(by, find(by, TimeTransfer, number), fine=is_fine, reason=reason),
        done="记下了,不再提示。" if is_fine else "更正好了,两边的账都改回来了。",
    )
    return redirect(url_for(".odd"))


# ---- months ----------------------------------------------------------------------------------------------------------


@console.get("/time/months")
@staff("desk", "approver")
def months() -> str:
    with looking() as by:
        rows = by.session.scalars(closed_months().limit(SHOWN)).all()
        facts = {"rows": rows, "open": months_to_close(by.session)}
        return render_template("ledger/console_months.html", **facts)


@console.post("/time/months/close")
@staff("desk", "approver")
def close_month() -> Response:
    try:
        month = date.fromisoformat(f"{request.form.get('month', '')}-01")
    except ValueError:
        abort(404)
    attempt(lambda by: actions.close_month(by, month), done="结好了。")
    return redirect(url_for(".months"))


@console.get("/time/months/<int:number>")
@staff("desk", "approver")
def month(number: int) -> str:
    """The frozen figures, counted again beside them."""

    def unit(by: Actor) -> str:
        row = find(by, TimeMonth, number)
        facts: dict[str, Any] = {"row": row, "same": is_same(by.session, row), "signed": signed}
        return render_template("ledger/console_month.html", moves=MOVES, kinds=ACCOUNTS, **facts)

    return as_staff(unit)
