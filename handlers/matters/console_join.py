"""Two matters that are one thing, at the console: joined with one press from the list of those alike or by number,
parted again with another."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.channels.console import attempt, find, staff
from handlers.matters import actions
from handlers.matters.console import console
from models.identity import Actor
from models.matters import Matter
from models.receipts import receipt_in
from models.refusal import Refusal


@console.post("/matters/<int:number>/join")
@staff("desk")
def join(number: int) -> Response:
    """It goes on under the number that was picked or typed."""
    receipt = receipt_in(request.form.get("into", ""))

    def unit(by: Actor) -> Matter:
        into = by.session.scalar(select(Matter).where(Matter.receipt == receipt)) if receipt else None
        if into is None:
            raise Refusal("matters.bad_number")
        return actions.join(by, find(by, Matter, number), into)

    if kept := attempt(unit, done="合到一起了,两边的居民都告诉了。"):
        return redirect(url_for("matters_console.matter", number=kept.it.id))
    return redirect(url_for("matters_console.matter", number=number))


@console.post("/matters/<int:number>/part")
@staff("desk")
def part(number: int) -> Response:
    if attempt(lambda by: actions.part(by, find(by, Matter, number))):
        flash("分开了,这一件单独办,期限重新算。", "success")
    return redirect(url_for("matters_console.matter", number=number))
