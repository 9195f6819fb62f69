"""Who is looking at a resident's page. WeChat tells us by snsapi_base, silently: the browser takes a one-time `state`
to WeChat and comes back with a code, which our server exchanges for the openid. Where WeChat cannot tell (an account
without that interface, a browser outside WeChat), the page shows six digits and the resident types them in the chat.

An openid is never believed from an address. The way back is a route of ours, never an address that somebody brought.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import structlog
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.access import open_to
from app.database import run_in_savepoint
from app.links import link_to
from app.site import Site
from app.wechat.capabilities import Capability
from app.wechat.errors import NotWeChat, WeChatError
from app.wechat.oauth import Visitor
from models import pages as model
from models.identity import Actor, Identity, Person, find_identity
from models.refusal import Refusal

KEY, CODE, VOUCHED = "browser", "code", "vouched"
LATELY = timedelta(minutes=10)

blueprint = Blueprint("page_login", __name__, url_prefix="/h5")
log = structlog.get_logger()


def current_site() -> Site:
    site: Site = current_app.extensions["site"]
    return site


def who_looks() -> int | None:
    """The identity that this browser has proved; None for a stranger."""
    key = session.get(KEY)
    if not key:
        return None
    with current_site().database.reading() as database:
        known = model.signed_in_as(database, key)
        let_in = None if known else model.let_in_as(database, key)
    return _let_in_by_code(key, let_in) if let_in else known


def ask_who(arguments: dict[str, Any]) -> AnyResponse:
    """Send a stranger the way on which we learn who it is; afterwards this very page opens."""
    if request.method != "GET" or request.endpoint is None:
        abort(403)
    return _ask_wechat(arguments) if wechat_can_tell() else _show_code(arguments)


def sign_out() -> None:
    """Forget who this browser has proved."""
    key = session.pop(KEY, None)
    if key:
        current_site().database.writing(lambda database: model.forget_browser(database, key))


def vouched_lately() -> bool:
    """Whether WeChat itself has said within ten minutes who this is: for what must rest neither on digits that somebody
    was talked into typing nor on a browser of weeks ago."""
    since: float = session.get(VOUCHED, 0.0)
    return clock.now().timestamp() - since <= LATELY.total_seconds()


def ask_wechat_again(arguments: dict[str, Any]) -> AnyResponse | None:
    """The way to WeChat and back to this page; None where WeChat cannot tell, or something was sent."""
    return _ask_wechat(arguments) if request.method == "GET" and wechat_can_tell() else None


# ---- by WeChat -------------------------------------------------------------------------------------------------------


def wechat_can_tell() -> bool:
    """Only an account with the interface, and in real use only inside WeChat: other browsers would get WeChat's page
    that says so and no more. (The sandbox's phone is an ordinary browser.)"""
    site = current_site()
    inside = site.settings.mode == "sandbox" or "MicroMessenger" in request.user_agent.string
    return inside and site.main.can(Capability.OAUTH)


def _ask_wechat(arguments: dict[str, Any]) -> AnyResponse:
    site = current_site()
    key, state, route = session.get(KEY) or secrets.token_hex(32), secrets.token_hex(16), request.endpoint
    site.database.writing(
        lambda database: model.begin_asking(database, key, state, route=route or "", arguments=arguments)
    )
    session[KEY], session.permanent = key, True
    return redirect(site.main.oauth.authorize_url(link_to(url_for("page_login.come_back")), state))


@blueprint.get("/oauth")
@open_to("everybody")
def come_back() -> AnyResponse:
    """WeChat sends the browser here with a code and our state."""
    site, key = current_site(), session.get(KEY, "")
    state, code = request.args.get("state", ""), request.args.get("code", "")
    page = site.database.writing(lambda database: model.take_state(database, key, state))
    if page is None:
        return _sorry("stale", 400)
    route, arguments = page
    if getattr(current_app.view_functions.get(route), "who_may", None) != "residents":
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
        identity = _identity(database, app_name, visitor.openid)
        if visitor.unionid:
            _tell_unionid(database, identity, visitor.unionid)
        model.sign_in(database, key, fresh, identity)

    site.database.writing(unit)
    session.clear()
    session[KEY], session.permanent = fresh, True
    session[VOUCHED] = clock.now().timestamp()
    return redirect(address)


def _identity(database: Session, app_name: str, openid: str) -> Identity:
    """Who opens a page may be a stranger who does not even follow: a person with nothing but an id, as in chat."""
    known = find_identity(database, app_name, openid)
    if known is None:
        known = Identity(kind="oa", app=app_name, openid=openid, person=Person())
        database.add(known)
        database.flush()
    return known


def _tell_unionid(database: Session, identity: Identity, unionid: str) -> None:
    """What stands against making two records one must not stand against signing in."""
    by = Actor(database, identity.person, identity, channel="page")
    for feature in current_site().house.features:
        hear = getattr(feature.pages, "hears_unionid", None)
        if hear is not None:
            try:
                run_in_savepoint(database, lambda hear=hear: hear(by, unionid))  # type: ignore[misc]
            except Refusal as why:
                log.info("unionid_not_noted", code=why.code)


def _sorry(key: str, status: int, again: str | None = None) -> Response:
    return make_response(render_template("_base/sign_in.html", key=key, again=again), status)


# ---- by six digits typed in the chat ---------------------------------------------------------------------------------


def _show_code(arguments: dict[str, Any]) -> AnyResponse:
    """The digits are this browser's for five minutes; looking again shows the same ones."""
    key = session.get(KEY) or secrets.token_hex(32)
    shown, route = session.get(CODE), request.endpoint or ""
    code = current_site().database.writing(
        lambda database: model.show_code(database, key, shown, route=route, arguments=arguments)
    )
    session[KEY], session[CODE], session.permanent = key, code, True
    return make_response(render_template("_base/sign_in_code.html", code=code), 403)


@blueprint.get("/oauth/waiting")
@open_to("everybody")
def waiting() -> dict[str, bool]:
    """What the page with the digits asks for every few seconds."""
    key = session.get(KEY, "")
    with current_site().database.reading() as database:
        return {"in": model.let_in_as(database, key) is not None}


def _let_in_by_code(key: str, identity_id: int) -> int:
    """The resident has typed the digits: this browser goes on with a new key."""
    fresh = secrets.token_hex(32)

    def unit(database: Session) -> None:
        model.sign_in(database, key, fresh, database.get_one(Identity, identity_id))

    current_site().database.writing(unit)
    session.clear()
    session[KEY], session.permanent = fresh, True
    return identity_id
