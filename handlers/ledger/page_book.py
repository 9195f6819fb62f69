"""One's own book as pages: every entry with its balance, and a year on one page."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask import abort, render_template

from app import clock
from app.channels.pages import asked_page, for_residents, looking_on
from handlers.ledger.pages import PER_PAGE, pages
from handlers.ledger.rights import signed, what_of
from models.identity import Actor
from models.ledger import account_of
from models.ledger_lists import balance_before, entries_between, entries_of, reversed_among

FIRST_YEAR = 2020


@pages.get("/time/book")
@for_residents
def book() -> str:
    """Every entry, the newest first."""

    def look(by: Actor) -> str:
        account, page = account_of(by.session, by.me), asked_page()
        rows = []
        if account is not None:
            wanted = entries_of(account).offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)
            rows = list(by.session.scalars(wanted))
        corrected = reversed_among(by.session, [one.transfer_id for one in rows])
        facts: dict[str, Any] = {"rows": rows[:PER_PAGE], "more": len(rows) > PER_PAGE, "page": page}
        facts |= {"corrected": corrected, "what_of": what_of, "signed": signed, "year": clock.today().year}
        return render_template("ledger/page_book.html", **facts)

    return looking_on(look)


@pages.get("/time/year/<int:year>")
@for_residents
def statement(year: int) -> str:
    """One year as a page that can be printed or kept."""
    if not FIRST_YEAR <= year <= clock.today().year:
        abort(404)

    def look(by: Actor) -> str:
        account, begins, ends = account_of(by.session, by.me), *year_of(year)
        if account is None:
            abort(404)
        rows = by.session.scalars(entries_between(account, begins, ends)).all()
        facts: dict[str, Any] = {"rows": rows, "year": year, "what_of": what_of, "signed": signed}
        facts |= {"before": balance_before(by.session, account, begins)}
        facts |= {"came": sum(one.minutes for one in rows if one.minutes > 0)}
        facts |= {"went": -sum(one.minutes for one in rows if one.minutes < 0), "me": by.me}
        facts["corrected"] = reversed_among(by.session, [one.transfer_id for one in rows])
        return render_template("ledger/page_year.html", **facts)

    return looking_on(look)


def year_of(year: int) -> tuple[datetime, datetime]:
    return clock.at(date(year, 1, 1), time()), clock.at(date(year + 1, 1, 1), time())
