"""The home page: four big cards, a search that answers like the chat, and the switch for letters. No login."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.access import open_to
from app.channels.page_cries import answer_to_cry
from app.channels.page_login import current_site, who_looks
from app.house import normal
from app.said import parts_of
from app.understanding.calendar import is_working_day
from models import office_hours
from models.plans import Hours

LETTERS = "letters"
YEAR = 365 * 24 * 3600
LONGEST_SEARCH = 40
FIRST = ("预约服务", "最新通知", "活动报名", "我的预约")
NEXT = ("说事反映", "心愿站", "我的心愿", "我说的事", "评价", "志愿时长", "我的信息")  # others come behind

blueprint = Blueprint("pages", __name__, url_prefix="/h5")


@blueprint.get("/")
@open_to("everybody")
def home() -> str:
    known = dict(_cards())
    others = [word for word in known if word not in FIRST]
    more = [
        (word, known[word])
        for word in sorted(others, key=lambda word: NEXT.index(word) if word in NEXT else 99)
    ]
    return render_template("_base/home.html", first=FIRST, address_of=known, more=more, office=_office())


@dataclass(frozen=True, slots=True)
class Office:
    """Whether somebody is there today. `hours` is empty where no plan has been written down yet."""

    today: date
    hours: list[Hours]
    is_open: bool
    opens_next: datetime | None
    is_worked: bool


def _office() -> Office:
    now, today = clock.now(), clock.today()
    with current_site().database.reading() as session:
        hours, is_open = office_hours.hours_on(session, today), office_hours.is_office_time(session, now)
        is_worked = bool(hours) or is_working_day(today)
        return Office(today, hours, is_open, office_hours.next_opening(session, now), is_worked)


def _cards() -> Iterator[tuple[str, str]]:
    """(chat word, address) of every page that a feature shows on the home page."""
    for name, view in current_app.view_functions.items():
        words = getattr(view, "cards", ())
        if words and getattr(view, "on_home", False):
            yield words[0], url_for(name)


# ---- searching ----------------------------------------------------------------------------------------------------


@blueprint.get("/search")
@open_to("everybody")
def search() -> Response | str:
    """What a typed word would find, as links: pages of chat words, then what each feature finds. Words of need get the
    number to call, as everywhere."""
    words = normal(request.args.get("q", "")[:LONGEST_SEARCH])
    if not words:
        return render_template("_base/page_search.html", words="", pages=[], found=[], say=None)
    if (page := answer_to_cry(words, who_looks() if _typed_here() else None)) is not None:
        return page
    pages, say = _pages_for(words)
    with current_site().database.reading() as session:
        found = list(_found(session, words))
    return render_template("_base/page_search.html", words=words, pages=pages, found=found, say=say)


def _typed_here() -> bool:
    """Whether one of our own pages sends these words. A link that somebody else made must not cry for help in the name
    of whoever opens it; browsers that say nothing are believed, since the words may be true."""
    site, before = request.headers.get("Sec-Fetch-Site"), parts_of(request.referrer).netloc
    return site in (None, "same-origin") and before in ("", request.host)


def _pages_for(words: str) -> tuple[list[tuple[str, str]], str | None]:
    """(title, address) of the pages that these words mean; and a chat word, where only the chat can answer it."""
    house, by_target = current_site().house, _pages_by_target()
    exact = house.find(words) or house.exact_phrase(words)
    if exact is not None:
        page = by_target.get(exact[0])
        return ([page], None) if page else ([], words)
    near = [by_target[offer.target] for _, offer in house.near(words) if offer.target in by_target]
    return list(dict.fromkeys(near)), None


def _pages_by_target() -> dict[str, tuple[str, str]]:
    """What a chat word reaches → (the word, the page that does the same)."""
    house, known = current_site().house, {}
    for name, view in current_app.view_functions.items():
        for word in getattr(view, "cards", ()):
            target = house.find(normal(word))
            if target is not None:
                known[target[0]] = (word, url_for(name))
    return known


def _found(session: Session, words: str) -> Iterator[object]:
    for feature in current_site().house.features:
        look = getattr(feature.pages, "search", None)
        if look is not None:
            yield from look(session, words)


# ---- letters ------------------------------------------------------------------------------------------------------


@blueprint.get("/letters/<any(big, small):size>")
@open_to("everybody")
def letters(size: str) -> AnyResponse:
    """Big letters are what everybody gets; who wants small ones says so, and is remembered for a year."""
    answer = redirect(_page_before())
    answer.set_cookie(LETTERS, size, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer


def _page_before() -> str:
    """The page of ours from which the switch was pressed, found again in the table of routes; else home."""
    before = parts_of(request.referrer)
    if before.netloc != request.host:
        return url_for("pages.home")
    try:
        route, arguments = current_app.create_url_adapter(request).match(before.path, "GET")  # type: ignore[union-attr]
    except HTTPException:
        return url_for("pages.home")
    if not before.path.startswith("/h5/") or route == "pages.letters":
        return url_for("pages.home")
    asked = urlencode(parse_qs(before.query), doseq=True)
    address = url_for(route, **arguments)
    return f"{address}?{asked}" if asked else address
