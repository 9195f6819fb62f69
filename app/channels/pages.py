"""Residents' pages, opened inside WeChat: each feature's pages.py mounted under /h5, and who is looking.

WeChat tells us by snsapi_base, silently: the browser takes a one-time `state` to WeChat and comes back with a code,
which our server exchanges for the openid. An openid is never believed from an address. The way back is a route of
ours, never an address that somebody brought along.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from apiflask import APIFlask
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.site import Site
from app.wechat.capabilities import Capability
from app.wechat.errors import NotWeChat, WeChatError
from app.wechat.oauth import Visitor
from models import pages as model
from models.identity import Actor, Identity, Person, find_identity

T = TypeVar("T")
View = Callable[..., Any]

KEY = "browser"
LETTERS = "letters"
YEAR = 365 * 24 * 3600

blueprint = Blueprint("pages", __name__, url_prefix="/h5")
log = structlog.get_logger()


def install(app: APIFlask, site: Site) -> None:
    app.register_blueprint(blueprint)
    for feature in site.house.features:
        if feature.pages is not None:
            app.register_blueprint(feature.pages, url_prefix="/h5")
    app.after_request(_never_keep)


def _never_keep(response: Response) -> Response:
    if request.path.startswith("/h5/"):
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
    return response


# ---- who may: said at every route ---------------------------------------------------------------


def for_everybody(view: View) -> View:
    """A page without a login: what it shows is public, or its address is a signed link."""
    view.who_may = "everybody"  # type: ignore[attr-defined]
    return view


def for_residents(view: View) -> View:
    """A page for whoever WeChat says is looking; asks WeChat first when we do not know yet."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        if request.method == "HEAD":
            return Response()  # who looks ahead at a link must not do what the link does
        if request.method == "POST" and _comes_from_elsewhere():
            abort(403)
        g.identity_id = _signed_in_as(session.get(KEY))
        return view(**arguments) if g.identity_id else _ask_wechat(arguments)

    guarded.who_may = "residents"  # type: ignore[attr-defined]
    return guarded


def _comes_from_elsewhere() -> bool:
    """Whether a page of somebody else had the browser send this. The cookie (SameSite=Lax) should not have come along
    then; browsers that do not know it yet say so in these headers."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = {request.host, urlsplit(current_site().settings.web.public_url).netloc}
    return site not in (None, "same-origin") or (origin is not None and urlsplit(origin).netloc not in ours)


def card(word: str) -> Callable[[View], View]:
    """Shows the page on the home page under this chat word."""

    def mark(view: View) -> View:
        view.card = word  # type: ignore[attr-defined]
        return view

    return mark


# ---- what pages use ---------------------------------------------------------------


def current_site() -> Site:
    site: Site = current_app.extensions["site"]
    return site


def as_resident(work: Callable[[Actor], T]) -> T:
    """Do `work` in one unit, for the resident who is looking (only in a page `for_residents`)."""

    def unit(database: Session) -> T:
        identity = database.get_one(Identity, g.identity_id)
        return work(Actor(database, identity.person, identity, channel="page"))

    return current_site().database.writing(unit)


def public_link(path: str) -> str:
    """An address of ours as the outside world reaches it."""
    return current_site().settings.web.public_url.rstrip("/") + path


def _signed_in_as(key: str | None) -> int | None:
    if not key:
        return None
    with current_site().database.reading() as database:
        return model.signed_in_as(database, key)


# ---- asking WeChat ---------------------------------------------------------------


def _ask_wechat(arguments: dict[str, Any]) -> AnyResponse:
    site = current_site()
    if request.method != "GET" or request.endpoint is None:
        abort(403)
    if not site.main.can(Capability.OAUTH):
        return _sorry("no_oauth", 403)
    key, state, route = session.get(KEY) or secrets.token_hex(32), secrets.token_hex(16), request.endpoint
    site.database.writing(lambda database: model.begin_asking(database, key, state, route, arguments))
    session[KEY], session.permanent = key, True
    return redirect(site.main.oauth.authorize_url(public_link(url_for("pages.come_back")), state))


@blueprint.get("/oauth")
@for_everybody
def come_back() -> AnyResponse:
    """WeChat sends the browser here with a code and our state."""
    site, key = current_site(), session.get(KEY, "")
    state, code = request.args.get("state", ""), request.args.get("code", "")
    page = site.database.writing(lambda database: model.take_state(database, key, state))
    if page is None:
        return _sorry("stale", 400)
    route, arguments = page
    if not getattr(current_app.view_functions.get(route), "who_may", None):
        return _sorry("stale", 400)
    address = url_for(route, **arguments)
    if not code:
        return _sorry("not_agreed", 403, address)
    try:
        visitor = site.main.oauth.exchange(code)
    except (WeChatError, NotWeChat) as fault:
        log.warning("oauth_failed", reason=str(fault))
        return _sorry("wechat_said_no", 502, address)
    return _let_in(visitor, key, address)


def _let_in(visitor: Visitor, key: str, address: str) -> AnyResponse:
    if visitor.snapshot:
        return _sorry("snapshot", 403)
    site, fresh = current_site(), secrets.token_hex(32)
    app_name = f"oa:{site.settings.accounts[0].name}"

    def unit(database: Session) -> None:
        model.sign_in(database, key, fresh, _identity(database, app_name, visitor.openid))

    site.database.writing(unit)
    session.clear()
    session[KEY], session.permanent = fresh, True
    return redirect(address)


def _identity(database: Session, app_name: str, openid: str) -> Identity:
    """Who opens a page may be a stranger who does not even follow: a person with nothing but an id, as in chat."""
    known = find_identity(database, app_name, openid)
    if known is None:
        known = Identity(kind="oa", app=app_name, openid=openid, person=Person())
        database.add(known)
        database.flush()
    return known


def _sorry(key: str, status: int, again: str | None = None) -> Response:
    return make_response(render_template("_base/sign_in.html", key=key, again=again), status)


# ---- home ---------------------------------------------------------------


@blueprint.get("/")
@for_everybody
def home() -> str:
    return render_template("_base/home.html", page_for=_page_for)


def _page_for(word: str) -> str | None:
    """The address of the page that a feature shows under this chat word, None when it is done in the chat."""
    for name, view in current_app.view_functions.items():
        if getattr(view, "card", None) == word:
            return url_for(name)
    return None


@blueprint.get("/letters/<any(big, small):size>")
@for_everybody
def letters(size: str) -> AnyResponse:
    """Big letters are what everybody gets; who wants small ones says so, and is remembered for a year."""
    answer = redirect(url_for("pages.home"))
    answer.set_cookie(LETTERS, size, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer
