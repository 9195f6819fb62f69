"""幸福交换手册 on paper: a person's whole book or a year's statement, for the desk to print and hand over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import audit, clock
from app.print import PDF, paper
from app.words import day_words, hours_words
from app.work import Task
from handlers.ledger.page_book import FIRST_YEAR, year_of
from handlers.ledger.rights import signed, what_of
from models.identity import Actor
from models.ledger import TimeAccount, TimePosting, terms
from models.ledger_lists import balance_before, entries_between, reversed_among
from models.staff import StaffMember

PER_SHEET = 34


def print_book(task: Task) -> Mapping[str, Any]:
    number, year = task.facts["account"], task.facts["year"]
    task.step(0, 2, "收集记录")
    with task.site.database.reading() as session:
        facts = _facts(task, session, session.get_one(TimeAccount, number), year)
    task.step(1, 2, "排版")
    made = paper("ledger/book", facts | {"paper": task.facts["paper"]})
    lines = len(facts["lines"])
    task.writing(lambda by: _note(by, number, lines))
    task.give_file(made, name=f"{facts['title']}.pdf", media_type=PDF, purpose="ledger.book")
    return {"entries": lines, "pages": lines // PER_SHEET + 1}


def _note(by: Actor, number: int, lines: int) -> None:
    audit.note(by, "ledger.print_book", by.session.get_one(TimeAccount, number), count=lines)


def _facts(task: Task, session: Session, account: TimeAccount, year: int) -> dict[str, Any]:
    """`year` 0 is the whole book."""
    begins, ends = year_of(year or FIRST_YEAR)
    ends = ends if year else clock.now() + timedelta(seconds=1)
    rows = list(session.scalars(entries_between(account, begins, ends)))
    before = balance_before(session, account, begins)
    corrected = reversed_among(session, [one.transfer_id for one in rows])
    site, by_name = task.site, session.get_one(StaffMember, task.staff_id).name
    say = site.house.say_in
    named = account.name or (account.person.name if account.person else "") or ""
    came = sum(one.minutes for one in rows if one.minutes > 0)
    went = -sum(one.minutes for one in rows if one.minutes < 0)
    title = say("ledger", "book_of_year", {"year": year}) if year else say("ledger", "book_title", {})
    points = f"{(before + came - went) / terms(session).minutes_per_point:.1f}".removesuffix(".0")
    return {
        "community": f"{site.settings.community.name} · {site.settings.community.account_name}",
        "title": title,
        "rows": [
            [say("ledger", "book_name", {}), named],
            [say("ledger", "book_before", {}), signed(before)],
            [say("ledger", "book_came", {}), hours_words(came)],
            [say("ledger", "book_went", {}), hours_words(went)],
            [say("ledger", "book_now", {"points": points}), signed(before + came - went)],
        ],
        "heads": say("ledger", "book_heads", {}).split(),
        "lines": [_line(one, corrected) for one in rows],
        "notes": say("ledger", "book_notes", {}).splitlines(),
        "mark": say(
            "ledger", "book_mark", {"name": by_name, "at": f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"}
        ),
    }


def _line(one: TimePosting, corrected: set[int]) -> list[str]:
    """Date, what, in, out, balance."""
    what = what_of(one) + ("(已更正)" if one.transfer_id in corrected else "")
    stamped = one.transfer.source.removeprefix("stamp:") if one.transfer.kind == "stamp" else ""
    came, went = max(one.minutes, 0), max(-one.minutes, 0)
    return [
        day_words(one.transfer.at).partition("(")[0],
        f"{what} {stamped}".rstrip(),
        hours_words(came) if came else "",
        hours_words(went) if went else "",
        signed(one.after),
    ]
