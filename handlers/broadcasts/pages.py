"""What a broadcast says as a page: open to everybody, since it is a public notice.

Looking never writes. Where the reader is known, the browser says by a POST of its own that the page is open (page.js);
without JavaScript only the button counts. A stranger's button leads the silent way through WeChat first.
"""

from __future__ import annotations

from flask import make_response, render_template, url_for
from werkzeug.wrappers import Response

from app.channels.page_login import wechat_can_tell
from app.channels.pages import Pages, act, as_resident, for_everybody, for_residents, looking, looking_on
from handlers.broadcasts import reading
from models import reach
from models.broadcasts import Broadcast
from models.identity import Actor

pages = Pages("broadcasts_pages", __name__)


@pages.get("/b/<code>")
@for_everybody
def show(code: str) -> Response:
    return looking(lambda by: _page(by, code))


@pages.get("/b/<code>/mine")
@for_residents
def mine(code: str) -> Response:
    """The same page, after WeChat has said who is reading."""
    return looking_on(lambda by: _page(by, code))


@pages.post("/b/<code>/opened")
@for_residents
def opened(code: str) -> tuple[str, int]:
    """The browser says that the page is open before somebody's eyes."""
    as_resident(lambda by: _receive(by, code))
    return "", 204


@pages.post("/b/<code>/got")
@for_residents
def got(code: str) -> Response:
    def work(by: Actor) -> str:
        _receive(by, code)
        return url_for("broadcasts_pages.thanks", code=code)

    return make_response(act(work))


@pages.get("/b/<code>/thanks")
@for_residents
def thanks(code: str) -> Response:
    return looking_on(lambda by: _page(by, code, "broadcasts/page_got.html"))


def _receive(by: Actor, code: str) -> None:
    row = reach.with_code(by.session, code)
    if row is not None:
        reading.receive_page(by, row)


def _page(by: Actor, code: str, template: str = "broadcasts/page_one.html") -> Response:
    row = reach.with_code(by.session, code)
    if row is None:
        return make_response(render_template("broadcasts/page_none.html"), 404)
    mine = reach.recipient_of(by.session, row, by.person) if by.person else None
    facts = {
        "row": row,
        "told": row.version.parts,
        "known": by.person is not None,
        "is_meant": mine is not None,
        "was_read": mine is not None and mine.read_at is not None,
        "may_ask": wechat_can_tell(),
        "is_out": reach.is_out(row),
        "correction": reach.correction_of(by.session, row),
        "newer": _is_newer(row),
        "is_current": row.notice.is_current or not reach.is_out(row),
    }
    return make_response(render_template(template, **facts))


def _is_newer(row: Broadcast) -> bool:
    """The notice says something else by now."""
    return row.notice.state == "published" and row.notice.version > row.version.number
