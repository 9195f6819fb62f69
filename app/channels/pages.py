"""Residents' pages, opened inside WeChat: each feature's pages.py mounted under /h5, and who may look at what.

Everything works without JavaScript and without a mini-program. What is public asks nobody who they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from apiflask import APIFlask
from flask import Blueprint, Response, abort, g, make_response, request
from sqlalchemy.orm import Session

from app.channels import page_home, page_login
from app.channels.foreign_forms import refuse_foreign_forms
from app.channels.lists import asked_page
from app.channels.page_forms import (
    act,
    errors,
    line,
    not_too_often,
    once_key,
    refusal_words,
    refused_page,
    sent_bytes,
)
from app.channels.page_login import ask_who, current_site, sign_out, who_looks
from app.site import Site
from models.base import Base
from models.identity import Actor, Identity
from models.refusal import Refusal

__all__ = [
    "Found",
    "Pages",
    "act",
    "as_resident",
    "asked_page",
    "card",
    "current_site",
    "errors",
    "for_everybody",
    "for_residents",
    "line",
    "looking",
    "looking_on",
    "mine_or_404",
    "not_too_often",
    "refusal_words",
    "refused_page",
    "sent_bytes",
    "shown",
    "sign_out",
    "there_or_404",
]

T = TypeVar("T")
Row = TypeVar("Row", bound=Base)
View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a search on the home page has found."""

    title: str
    hint: str
    address: str


class Pages(Blueprint):
    """A feature's part of the pages. `finds`: what of it fits some words typed on the home page. `hears_unionid`: is
    told when WeChat says who somebody is across our apps."""

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(name, import_name)
        self.search: Callable[[Session, str], Sequence[Found]] | None = None
        self.hears_unionid: Callable[[Actor, str], Any] | None = None

    def finds(self, look: Callable[[Session, str], Sequence[Found]]) -> Callable[..., Sequence[Found]]:
        self.search = look
        return look

    def told_unionid(self, hear: Callable[[Actor, str], Any]) -> Callable[[Actor, str], Any]:
        self.hears_unionid = hear
        return hear


def install(app: APIFlask, site: Site) -> None:
    app.register_blueprint(page_login.blueprint)
    app.register_blueprint(page_home.blueprint)
    for feature in site.house.features:
        if feature.root is not None:
            app.register_blueprint(feature.root)
        if feature.pages is not None:
            app.register_blueprint(feature.pages, url_prefix="/h5")
    app.jinja_env.globals["once_key"] = once_key
    app.after_request(_never_keep)


def _never_keep(response: Response) -> Response:
    if request.path.startswith("/h5/"):
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
    return response


# ---- who may: said at every route ---------------------------------------------------------------


def for_everybody(view: View) -> View:
    """A page without a login: what it shows is public, or its address is a signed link. `looking` tells it who is
    looking, where that is known; a form of somebody else's page must not speak in their name."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        refuse_foreign_forms()
        return view(**arguments)

    guarded.who_may = "everybody"  # type: ignore[attr-defined]
    return guarded


def for_residents(view: View) -> View:
    """A page for whoever WeChat says is looking; asks WeChat first when we do not know yet."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        if request.method == "HEAD":
            return Response()  # who looks ahead at a link must not do what the link does
        refuse_foreign_forms()
        g.identity_id = who_looks()
        return view(**arguments) if g.identity_id else ask_who(arguments)

    guarded.who_may = "residents"  # type: ignore[attr-defined]
    return guarded


def card(*words: str, on_home: bool = True) -> Callable[[View], View]:
    """Shows the page on the home page under the first of these chat words; a search for any of them leads here."""

    def mark(view: View) -> View:
        view.cards, view.on_home = words, on_home  # type: ignore[attr-defined]
        return view

    return mark


# ---- what pages use ---------------------------------------------------------------


def as_resident(work: Callable[[Actor], T]) -> T:
    """Do `work` in one unit, for the resident who is looking (only in a page `for_residents`)."""

    def unit(database: Session) -> T:
        identity = database.get_one(Identity, g.identity_id)
        return work(Actor(database, identity.person, identity, channel="page"))

    return current_site().database.writing(unit)


def looking_on(work: Callable[[Actor], T]) -> T:
    """Look, without writing, for the resident who is looking (only in a page `for_residents`)."""
    with current_site().database.reading() as database:
        identity = database.get_one(Identity, g.identity_id)
        return work(Actor(database, identity.person, identity, channel="page"))


def looking(work: Callable[[Actor], T]) -> T:
    """Look, without writing, on a page for everybody: `by.person` is None while we do not know who it is."""
    known = who_looks()
    with current_site().database.reading() as database:
        identity = database.get_one(Identity, known) if known else None
        return work(Actor(database, identity.person if identity else None, identity, channel="page"))


def mine_or_404(by: Actor, table: type[Row], number: int) -> Row:
    """This resident's own row; somebody else's is a page that is not there."""
    row = by.session.get(table, number)
    if row is None or getattr(row, "person_id", None) != by.me.id:
        abort(404)
    return row


def there_or_404(found: T | None) -> T:
    """What was found; nothing, or nothing for this resident, is a page that is not there."""
    if found is None:
        abort(404)
    return found


def shown(look: Callable[[Actor], str]) -> Response:
    """A page that may find out, while it is being made, that a rule says no."""

    def whole(by: Actor) -> Response:
        try:
            return make_response(look(by))
        except Refusal as why:
            return make_response(refused_page(why), 409)

    return looking_on(whole)
