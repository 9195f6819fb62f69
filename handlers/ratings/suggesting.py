"""Making a suggestion: it is taken in as a matter of the kind 建议 and so has a number, an owner and a last day at
once; beside it stands whether it may be shown to everybody without a name."""

from __future__ import annotations

from dataclasses import dataclass

from app import audit
from app.understanding.lines import one_line
from handlers.matters import actions as matters
from models.base import insert_once
from models.diary import KIND, Suggestion, SuggestionEcho, beside, hold
from models.identity import Actor
from models.matters import Matter
from models.refusal import Refusal

MOST_PAGE = 10


@dataclass(frozen=True, slots=True)
class Said:
    """`contact` as for every matter; `book_page` when it was copied from the paper book; `photo` was cleaned;
    `media_id` (a picture) and `voice_id` lie at WeChat."""

    text: str
    contact: str = "confidential"
    may_show: bool | None = None
    book_page: str = ""
    phone: str | None = None
    photo: matters.Photo | None = None
    media_id: str | None = None
    voice_id: str | None = None


def suggest(by: Actor, said: Said) -> matters.Reported:
    """Refuses with ratings.bad_page and whatever matters.report refuses."""
    page = one_line(said.book_page)
    if len(page) > MOST_PAGE:
        raise Refusal("ratings.bad_page", most=MOST_PAGE)
    made = matters.report(
        by,
        matters.Report(
            said.text,
            KIND,
            said.contact,
            phone=said.phone,
            photo=said.photo,
            media_id=said.media_id,
            voice_id=said.voice_id,
        ),
    )
    by.session.flush()
    row = beside(by.session, made.matter)
    row.may_show, row.book_page = said.may_show, page or None
    return made


def echo(by: Actor, row: Suggestion) -> bool:
    """我也这样想, once each; whether it is new. Refuses with ratings.not_public."""
    row = hold(by.session, row)
    if row.state != "public":
        raise Refusal("ratings.not_public")
    is_new = insert_once(by.session, SuggestionEcho, suggestion_id=row.id, person_id=by.me.id)
    if is_new:
        audit.note(by, "ratings.echo", row)
    return is_new


def let_show(by: Actor, matter: Matter, *, may: bool) -> Suggestion:
    """Who made it says whether everybody may read it; what is public and should not be is taken down at once.

    Refuses with ratings.not_yours."""
    if by.person is None or matter.person_id != by.person.id or matter.kind != KIND:
        raise Refusal("ratings.not_yours")
    row = beside(by.session, matter)
    row.may_show = may
    if not may and row.state in ("asked", "public"):
        row.state = "down"
        row.revision += 1
    audit.note(by, "ratings.let_show", row, may=may)
    return row
