"""The tablet on the wall: it shows the code of whatever is on at its place, and between times what comes next.

The device proves itself by a cookie that it got when its code was opened. Nobody's name is on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.channels.pages import current_site, for_everybody, refusal_words
from app.database import run_in_savepoint
from app.links import link_to
from handlers.volunteers import tablets
from handlers.volunteers.codes import picture
from handlers.volunteers.pages import code_now, how_many_here, pages
from models import tablets as model
from models.activities import ActivitySession
from models.identity import Actor
from models.place_code import PlaceCode
from models.refusal import Refusal
from models.tablets import WallTablet

COOKIE = "wall"
OF_THE_HALL = {
    "line": "hall_pages.screen",
    "numbers": "hall_pages.kiosk",
}  # what such a tablet shows stands there
YEAR = 365 * 24 * 3600
MOST_BOARDS = 2  # more would be too small to read from three metres


@dataclass(frozen=True, slots=True)
class Board:
    session: ActivitySession
    code: PlaceCode
    picture: str
    here: int
    address: str


@pages.get("/wall")
@for_everybody
def wall() -> AnyResponse:
    def unit(session: Session) -> AnyResponse:
        tablet = _mine(session)
        if tablet is None:
            return make_response(render_template("volunteers/page_wall_code.html", wrong=""))
        elsewhere = OF_THE_HALL.get(tablet.shows)
        return redirect(url_for(elsewhere), 303) if elsewhere else make_response(_shown(session, tablet))

    return current_site().database.writing(unit)


@pages.get("/wall/state.json")
@for_everybody
def wall_state() -> AnyResponse:
    """What the tablet asks for every few seconds: when the answer is another one, it loads itself again."""

    def unit(session: Session) -> str | None:
        tablet = _mine(session)
        return _key(session, tablet) if tablet is not None else None

    key = current_site().database.writing(unit)
    return make_response({"key": key if key is not None else "gone"})


@pages.get("/wall/<int:number>/code.json")
@for_everybody
def wall_code(number: int) -> dict[str, Any]:
    """The code of one session, for the tablet that hangs where it is."""
    with current_site().database.reading() as session:
        tablet = _of_cookie(session)
        if tablet is None:
            abort(404)
        board = next((one for one in _boards(session, tablet) if one.session.id == number), None)
    if board is None:
        return {"digits": "", "here": 0}
    facts = {"digits": board.code.digits, "picture": board.picture}
    return facts | {"seconds_left": board.code.seconds_left, "here": board.here}


@pages.get("/wall/open/<code>")
@for_everybody
def open_wall(code: str) -> str:
    """Looking does nothing yet, so that no preview of the link spends it."""
    return render_template("volunteers/page_wall_code.html", code=code, wrong="")


@pages.post("/wall")
@for_everybody
def bind_wall() -> AnyResponse:
    """This device becomes the tablet."""
    code = request.form.get("code", "")[:40]

    def unit(session: Session) -> AnyResponse:
        by = Actor(session, channel="page")
        try:
            mark = run_in_savepoint(session, lambda: tablets.open_on(by, code))
        except Refusal as why:
            words = refusal_words(why)
            return make_response(render_template("volunteers/page_wall_code.html", wrong=words, code=""), 409)
        answer = redirect(url_for(".wall"), 303)
        answer.set_cookie(
            COOKIE,
            mark,
            max_age=YEAR,
            path="/h5/wall",
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
        return answer

    return current_site().database.writing(unit)


def _mine(session: Session) -> WallTablet | None:
    tablet = _of_cookie(session)
    if tablet is not None:
        tablets.touch(Actor(session, channel="page"), tablet)
    return tablet


def _of_cookie(session: Session) -> WallTablet | None:
    mark = request.cookies.get(COOKIE, "")
    return model.by_device(session, mark) if mark else None


def _shown(session: Session, tablet: WallTablet) -> str:
    boards = _boards(session, tablet)
    coming = None if boards else model.next_at(session, tablet.place)
    facts: dict[str, Any] = {"boards": boards, "coming": coming, "tablet": tablet}
    return render_template("volunteers/page_wall.html", key=_key(session, tablet), **facts)


def _key(session: Session, tablet: WallTablet) -> str:
    """Says which page this is: other sessions, another next one, another place."""
    boards = _boards(session, tablet)
    coming = None if boards else model.next_at(session, tablet.place)
    parts = [tablet.id, *(f"on{one.session.id}" for one in boards)]
    parts += [f"next{coming.id}-{coming.starts:%d%H%M}"] if coming is not None else []
    return ".".join(str(part) for part in parts)


def _boards(session: Session, tablet: WallTablet) -> list[Board]:
    found = []
    for held in model.on_now(session, tablet.place)[:MOST_BOARDS]:
        code = code_now(held)
        if code is not None:
            link = link_to(url_for("volunteers_pages.check_in", token=code.token))
            address = url_for("volunteers_pages.wall_code", number=held.id)
            found.append(Board(held, code, picture(link), how_many_here(session, held), address))
    return found
