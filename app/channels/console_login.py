"""Who is signed in at the console. The cookie holds a random secret; everything else is in the database, so that a
session can be ended there and then.

The cookie is one of its own: residents' pages renew theirs, and a clerk tries both in one browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from apiflask import APIFlask
from flask import Request, current_app, flash, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import clock, privacy
from app.said import parts_of
from app.site import Site
from models import staff_scan, staff_session, staff_wechat
from models.staff_session import LONGEST, SEEN_EVERY, StaffSession

SIGN_IN = "staff_console.sign_in"
SECOND_FACTOR = "staff_console.second_factor"
PROVE = "staff_console.prove"
OUT = "staff_console.sign_out"
SCANNING = ("staff_console.scan", "staff_console.scan_part")
PROVING = (PROVE, "staff_console.ask_to_prove", *SCANNING, OUT)
ENROLLING = (SECOND_FACTOR, "staff_console.ask_to_bind", "staff_console.bind_wechat", *PROVING)

POLLED = "HX-Request"
NOT_KEPT = "您的登录到时间了,刚才填的没有存上。登录以后请再填一次。"

login = LoginManager()


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """One member of staff at one browser, for the length of a request."""

    session_id: int
    staff_id: int
    name: str
    login: str
    roles: frozenset[str]
    has_second_factor: bool
    role_names: str
    is_fresh: bool
    possession: bool

    def get_id(self) -> str:
        return str(self.session_id)

    def has(self, *roles: str) -> bool:
        return bool(self.roles & set(roles))


def install(app: APIFlask) -> None:
    login.init_app(app, add_context_processor=False)


def signed_in() -> SignedIn:
    """The one who is signed in; ask `is_authenticated` first where nobody may be."""
    user: SignedIn = current_user
    return user


def require_sign_in() -> AnyResponse | None:
    """Where to go first: to the sign-in, or to the second factor that real use asks of everybody."""
    if not signed_in().is_authenticated:
        if POLLED in request.headers:
            return _whole_page(url_for(SIGN_IN))
        if request.method != "GET" and request.endpoint != OUT:
            flash(NOT_KEPT, "danger")
        return redirect(url_for(SIGN_IN, back=_here()))
    if not needs_phone():
        return None
    if has_phone():
        return None if request.endpoint in PROVING else redirect(url_for(PROVE, back=_here()))
    return None if request.endpoint in ENROLLING else redirect(url_for(SECOND_FACTOR))


def needs_phone() -> bool:
    """Real use asks of every session that a phone vouched for it."""
    return _site().settings.mode == "live" and not signed_in().possession


def has_phone() -> bool:
    """Whether the one who is signed in has a code or a WeChat that can vouch; a new one is taken only from those who
    have none."""
    if signed_in().has_second_factor:
        return True
    with _site().database.reading() as database:
        return staff_wechat.binding_of(database, signed_in().staff_id) is not None


def _here() -> str:
    """The page to come back to: this one, or the one that sent a form."""
    here: str = request.full_path.rstrip("?") if request.method == "GET" else parts_of(request.referrer).path
    return here


def require_fresh_proof() -> AnyResponse | None:
    """Where to prove again that it is still the same person, before what is sensitive is opened or taken away."""
    if signed_in().is_fresh:
        return None
    return redirect(url_for(PROVE, back=_here()))


@login.request_loader  # type: ignore[untyped-decorator]
def load(request: Request) -> SignedIn | None:
    """Whoever the cookie belongs to; asked once a request, and only when a page wants to know."""
    key = request.cookies.get(cookie_name())
    if not key or not request.path.startswith("/console"):
        return None
    with _site().database.reading() as database:
        row = staff_session.session_of(database, key)
        found = None if row is None else _signed_in(row)
        is_old = row is not None and clock.now() - row.seen_at > SEEN_EVERY
    polled = (
        request.method == "GET" and POLLED in request.headers
    )  # nobody sits there for a page to ask again
    if found is not None and is_old and not polled:
        _site().database.writing(lambda database: staff_session.note_seen(database, found.session_id))
    return found


def _whole_page(address: str) -> AnyResponse:
    """For a part that polls: the browser leaves its page, instead of drawing another into the middle of it."""
    here = parts_of(request.headers.get("HX-Current-URL")).path
    return AnyResponse(status=204, headers={"HX-Redirect": f"{address}?back={quote(here)}"})


def _signed_in(row: StaffSession) -> SignedIn:
    member = row.staff
    return SignedIn(
        session_id=row.id,
        staff_id=member.id,
        name=member.name,
        login=member.login,
        roles=frozenset(member.roles),
        has_second_factor=member.totp is not None,
        role_names="、".join(member.role_names),
        is_fresh=row.is_fresh,
        possession=row.possession,
    )


def start_session(database: Session, staff_id: int, *, possession: bool) -> str:
    """A new session for this browser; the secret for `keep_cookie`. An old one of the same browser ends."""
    from models.staff import StaffMember

    end_session(database)
    member = database.get_one(StaffMember, staff_id)
    browser = request.user_agent.string
    address = request.remote_addr or ""
    _, key = staff_session.begin(database, member, address, browser, possession=possession)
    return key


def end_session(database: Session) -> None:
    old = staff_session.session_of(database, request.cookies.get(cookie_name(), ""))
    if old is not None:
        staff_session.end(database, old.id)


def keep_cookie(response: AnyResponse, key: str) -> AnyResponse:
    return _keep(response, cookie_name(), key, LONGEST)


def drop_cookie(response: AnyResponse) -> AnyResponse:
    return _drop(response, cookie_name())


def cookie_name() -> str:
    return _named("staff")


def scan_cookie() -> str:
    """What ties a code on this browser's screen to this browser; "" when it shows none."""
    return request.cookies.get(_named("scan"), "")


def keep_scan_cookie(response: AnyResponse, key: str) -> AnyResponse:
    return _keep(response, _named("scan"), key, staff_scan.LIVES)


def drop_scan_cookie(response: AnyResponse) -> AnyResponse:
    return _drop(response, _named("scan"))


def _named(name: str) -> str:
    return f"__Host-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def _keep(response: AnyResponse, name: str, key: str, life: timedelta) -> AnyResponse:
    secure, age = bool(current_app.config["SESSION_COOKIE_SECURE"]), int(life.total_seconds())
    response.set_cookie(name, key, max_age=age, httponly=True, secure=secure, samesite="Lax")
    return response


def _drop(response: AnyResponse, name: str) -> AnyResponse:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.delete_cookie(name, httponly=True, secure=secure, samesite="Lax")
    return response


def bind_token() -> None:
    """The token in our forms belongs to the session of the console (before there is one, to the code on the screen),
    not to the browser: it changes with every sign-in and outlives the residents' pages, which clear the browser's
    common cookie."""
    key = request.cookies.get(cookie_name()) if signed_in().is_authenticated else scan_cookie()
    if key:
        wanted = privacy.keyring().blind("console.csrf", key)
        if session.get("csrf_token") != wanted:
            session["csrf_token"] = wanted


def _site() -> Site:
    site: Site = current_app.extensions["site"]
    return site
