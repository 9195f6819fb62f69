"""Guides, for the staff: what has to be looked at first, one card with its ways of asking, confirmed or put away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Card, Console, Line, as_staff, attempt, find, looking, staff
from app.channels.lists import asked_page
from app.words import day_words
from handlers.guides import actions, console_words, console_write
from handlers.guides.console_look import look_of
from handlers.guides.works import PAPER
from models.base import count_rows
from models.guides import (
    FEWEST_PHRASINGS,
    LONGEST_REVIEW,
    TOPICS,
    GuideCard,
    GuidePhrasing,
    GuideVersion,
    amber_cards,
    answering_cards,
    changed_cards,
    newest,
    overdue_cards,
    service_of,
    versions_of,
)
from models.identity import Actor

SHOWN, SHOWN_TODAY, HISTORY = 50, 5, 30
WRITERS = ("desk", "approver")
READERS = ("desk", "first_review", "second_review", "approver")
USUAL_REVIEW = timedelta(days=180)

console = Console("guides_console", __name__)
console_write.enter(console)
console_words.enter(console)


# ---- lists -----------------------------------------------------------------------------------------------------------


def _lists() -> dict[str, tuple[str, Select[GuideCard]]]:
    """What has to be looked at comes first."""
    retired = select(GuideCard).where(GuideCard.state == "retired").order_by(GuideCard.changed_at.desc())
    return {
        "amber": ("要核对的", amber_cards()),
        "changed": ("改了等核对", changed_cards()),
        "all": ("全部", answering_cards()),
        "retired": ("收起来的", retired),
    }


@console.get("/guides")
@staff(*READERS)
def guides() -> str:
    lists, page = _lists(), asked_page()
    which = request.args.get("which", "amber")
    which = which if which in lists else "amber"
    topic = request.args.get("topic", "")
    with looking() as by:
        counts = {key: count_rows(by.session, found) for key, (_, found) in lists.items()}
        found = lists[which][1]
        if topic in TOPICS:
            found = found.where(GuideCard.topic == topic)
        rows = by.session.scalars(found.offset((page - 1) * SHOWN).limit(SHOWN + 1)).all()
        return render_template(
            "guides/console_list.html",
            rows=rows[:SHOWN],
            more=len(rows) > SHOWN,
            page=page,
            which=which,
            topic=topic,
            topics=TOPICS,
            tabs_of={key: (name, counts[key]) for key, (name, _) in lists.items()},
            overdue=count_rows(by.session, overdue_cards()),
        )


# ---- one card --------------------------------------------------------------------------------------------------------


@console.get("/guides/<int:number>")
@staff(*READERS)
def guide(number: int) -> str:
    with looking() as by:
        row = find(by, GuideCard, number)
        version = newest(by.session, row)
        service = service_of(by.session, row)
        facts: dict[str, Any] = look_of(row, version.content, service is not None)
        facts |= {"row": row, "version": version, "service": service, "fewest": FEWEST_PHRASINGS}
        facts["history"] = by.session.scalars(versions_of(row).limit(HISTORY)).all()
        facts["until"] = clock.today() + USUAL_REVIEW
        facts["latest"] = clock.today() + LONGEST_REVIEW
        return render_template("guides/console_card.html", **facts)


@console.get("/guides/versions/<int:number>")
@staff(*READERS)
def version(number: int) -> str:
    """What a card said then."""
    with looking() as by:
        shown = find(by, GuideVersion, number)
        row = find(by, GuideCard, shown.card_id)
        facts = look_of(row, shown.content, row.service is not None)
        return render_template("guides/console_version.html", row=row, version=shown, **facts)


@console.post("/guides/<int:number>/confirm")
@staff(*WRITERS)
def confirm(number: int) -> Response:
    seen, until = request.form.get("version", 0, type=int), _day(request.form.get("until", ""))
    done = f"核对过了,记下了是您。{day_words(until)}以前再核对一次。"
    attempt(lambda by: actions.confirm(by, find(by, GuideCard, number), seen, until), done=done)
    return _back(number)


def _day(typed: str) -> date:
    """What is no day is refused as one that is over."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return date.min


@console.post("/guides/<int:number>/retire")
@staff(*WRITERS)
def retire(number: int) -> Response:
    attempt(lambda by: actions.retire(by, find(by, GuideCard, number)), done="收起来了。居民问不到这张卡了。")
    return _back(number)


@console.post("/guides/<int:number>/bring-back")
@staff(*WRITERS)
def bring_back(number: int) -> Response:
    done = "拿回来了,现在是草稿。核对以后居民才问得到。"
    attempt(lambda by: actions.bring_back(by, find(by, GuideCard, number)), done=done)
    return _back(number)


@console.post("/guides/<int:number>/phrasings")
@staff(*WRITERS)
def add_phrasing(number: int) -> Response:
    words = request.form.get("words", "")[:100]
    done = "加上了,马上就能问到。"
    attempt(lambda by: actions.add_phrasing(by, find(by, GuideCard, number), words), done=done)
    return _back(number)


@console.post("/guides/phrasings/<int:number>/remove")
@staff(*WRITERS)
def remove_phrasing(number: int) -> Response:
    of: list[int] = []

    def unit(by: Actor) -> None:
        row = find(by, GuidePhrasing, number)
        of.append(row.card_id)
        actions.remove_phrasing(by, row)

    attempt(unit, done="去掉了。")
    return _back(of[0]) if of else redirect(url_for("guides_console.guides"))


@console.post("/guides/<int:number>/print")
@staff(*READERS)
def print_card(number: int) -> Response:
    """The card in big letters on one sheet; made outside the request."""
    asked = as_staff(lambda by: actions.ask_for_paper(by, find(by, GuideCard, number), PAPER).id)
    return redirect(url_for("console.show", number=asked))


def _back(number: int) -> Response:
    return redirect(url_for("guides_console.guide", number=number))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*WRITERS)
def overdue(by: Actor) -> Card:
    rows = by.session.scalars(overdue_cards().limit(SHOWN_TODAY)).all()
    lines = [Line(row.title, _address(row), mark=f"{row.review_by:%m-%d}到期", urgent=True) for row in rows]
    nothing = "没有过期的办事卡。"
    return Card(
        "过了核对日的办事卡",
        count_rows(by.session, overdue_cards()),
        url_for("guides_console.guides"),
        lines,
        nothing,
    )


def _address(row: GuideCard) -> str:
    return url_for("guides_console.guide", number=row.id)
