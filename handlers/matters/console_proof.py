"""Pictures and voices of a matter at the console: looked at, fetched, added afterwards, let be seen; and whether a
colleague of who did it finds it well."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import audit, work
from app.channels.console import as_staff, attempt, current_site, find, staff
from app.channels.kept_files import named_file, shown_file
from handlers.matters import actions
from handlers.matters.console import WHO, back, console, must_be_seen, row_seen
from handlers.matters.photos import sent_photo
from handlers.matters.works import FETCH
from models.identity import Actor
from models.matters import MatterPhoto
from models.refusal import Refusal

# ---- pictures --------------------------------------------------------------------------------------------------------


@console.get("/matters/<int:number>/photos/<int:photo>")
@staff(*WHO)
def photo(number: int, photo: int) -> Response:
    """A picture that was cleaned when it came; that it was looked at is written down."""

    def unit(by: Actor) -> Response:
        row, found = row_seen(by, number), find(by, MatterPhoto, photo)
        if found.matter_id != row.id or found.file is None:
            abort(404)
        audit.note(by, "matters.see_photo", row)
        return named_file(found.file) if found.what == "voice" else shown_file(found.file)

    return as_staff(unit)


@console.post("/matters/<int:number>/photos/<int:photo>/<any(show, hide):what>")
@staff("desk")
def show_photo(number: int, photo: int, what: str) -> Response:
    """Let the resident see it, or not."""

    def unit(by: Actor) -> None:
        row, found = row_seen(by, number), find(by, MatterPhoto, photo)
        if found.matter_id != row.id or found.what == "voice":
            abort(404)
        actions.show(by, found, shown=what == "show")

    attempt(unit, done="居民看得到这张照片了。" if what == "show" else "居民看不到这张照片了。")
    return back(number)


@console.post("/matters/<int:number>/after")
@staff(*WHO)
def add_after(number: int) -> Response:
    """One more picture of how it is now."""
    must_be_seen(number)
    try:
        picture = sent_photo("after")
    except Refusal as why:
        flash(current_site().house.refusal_words(why), "danger")
        return back(number)
    if picture is not None:
        attempt(lambda by: actions.add_after(by, row_seen(by, number), picture), done="照片加上了。")
    return back(number)


@console.post("/matters/<int:number>/check")
@staff(*WHO)
def check(number: int) -> Response:
    """A colleague of who did it has looked: it is well, or it is not and goes on."""
    good, words = request.form.get("answer") == "yes", request.form.get("words", "")

    def unit(by: Actor) -> None:
        row = row_seen(by, number)
        actions.check(by, row) if good else actions.reopen(by, row, words)

    attempt(unit, done="核实过了。" if good else "没办好,又打开了,期限重新算。")
    return back(number)


@console.post("/matters/<int:number>/photos/<int:photo>/fetch")
@staff(*WHO)
def fetch(number: int, photo: int) -> Response:
    """Long work: WeChat is asked outside the request."""

    def unit(by: Actor) -> int:
        row, found = row_seen(by, number), find(by, MatterPhoto, photo)
        if found.matter_id != row.id or found.media_id is None:
            abort(404)
        asked = work.ask_for(by, FETCH, photo=found.id)
        by.session.flush()
        return asked.id

    return redirect(url_for("console.show", number=as_staff(unit)))
