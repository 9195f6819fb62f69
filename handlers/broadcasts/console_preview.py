"""One notice as it will look everywhere, before anybody gets it: chat, subscription notice, article, page, poster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.channels.console import as_staff, current_site, find, looking, staff
from handlers.broadcasts import article
from handlers.broadcasts import review_sheet as sheets
from handlers.broadcasts.console import console
from handlers.broadcasts.console_frame import READERS, frame_of
from handlers.broadcasts.console_write import message_of
from handlers.broadcasts.forms import card_of, fields_of
from models.broadcasts import Broadcast
from models.identity import Actor
from models.notices import Notice, NoticeVersion
from models.work import Work


@console.get("/broadcasts/<int:number>/preview")
@staff(*READERS)
def preview(number: int) -> str:
    with looking() as by:
        row = find(by, Broadcast, number)
        facts = _looks(by, row, row.version) | frame_of(row, "preview")
        return render_template("broadcasts/console_preview.html", **facts)


@console.get("/broadcasts/versions/<int:number>/preview")
@staff(*READERS)
def preview_version(number: int) -> str:
    """The same of a notice's version that nobody has made a broadcast of."""
    with looking() as by:
        version = find(by, NoticeVersion, number)
        pretended = Broadcast(
            version=version, topic=version.content["category"], urgent=False, code="preview"
        )
        facts = _looks(by, pretended, version)
        return render_template("broadcasts/console_preview_version.html", **facts)


@console.get("/broadcasts/versions/<int:number>/cover.png")
@staff(*READERS)
def cover(number: int) -> Response:
    """The article's cover; it takes a tenth of a second."""
    with looking() as by:
        version = find(by, NoticeVersion, number)
        answer = make_response(article.cover_png(version, current_site().settings.community))
    answer.mimetype = "image/png"
    return answer


@console.post("/broadcasts/<int:number>/review-sheet")
@staff(*READERS)
def review_sheet(number: int) -> AnyResponse:
    def unit(by: Actor) -> Work:
        row = find(by, Broadcast, number)
        return sheets.ask(by, version=row.version, broadcast=row)

    return _asked(unit)


@console.post("/broadcasts/versions/<int:number>/review-sheet")
@staff(*READERS)
def review_sheet_of_version(number: int) -> AnyResponse:
    return _asked(lambda by: sheets.ask(by, version=find(by, NoticeVersion, number)))


def _asked(unit: Callable[[Actor], Work]) -> AnyResponse:
    return redirect(url_for("console.show", number=as_staff(lambda by: unit(by).id)))


def _looks(by: Actor, row: Broadcast, version: NoticeVersion) -> dict[str, Any]:
    site, content = current_site(), version.content
    card = card_of(row, site.settings.web.public_url)
    title = content.get("article_title") or content["title"]
    return {
        "version": version,
        "notice": find(by, Notice, version.notice_id),
        "told": version.parts,
        "message": message_of(row),
        "card": card,
        "fields": fields_of(card),
        "article": article.html_of(content, site.settings.community, classes=True),
        "article_title": title,
        "too_long": len(title) > article.LONGEST_TITLE,
        "most": article.LONGEST_TITLE,
    }
