"""Who is signed in at the console. The cookie holds a random secret; everything else is in the database, so that a
session can be ended there and then.

The cookie is one of its own: residents' pages renew theirs, and a clerk tries both in one browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from apiflask import APIFlask
from flask import Request, current_app, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import clock, privacy
from app.site import Site
from models import staff_session
from models.staff_session import LONGEST, SEEN_EVERY, StaffSession

SIGN_IN = "staff_console.sign_in"
SECOND_FACTOR = "staff_console.second_factor"
PROVE = "staff_console.prove"
LEAVING = (SECOND_FACTOR, "staff_console.sign_out")

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
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for(SIGN_IN, back=back))
    live = _site().settings.mode == "live"
    if live and not signed_in().has_second_factor and request.endpoint not in LEAVING:
        return redirect(url_for(SECOND_FACTOR))
    return None


def require_fresh_proof() -> AnyResponse | None:
    """Where to prove again that it is still the same person, before what is sensitive is opened or taken away."""
    if signed_in().is_fresh:
        return None
    back = request.full_path.rstrip("?") if request.method == "GET" else urlsplit(request.referrer or "").path
    return redirect(url_for(PROVE, back=back))


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
    if found is not None and is_old:
        _site().database.writing(lambda database: staff_session.note_seen(database, found.session_id))
    return found


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
    )


def start_session(database: Session, staff_id: int) -> str:
    """A new session for this browser; the secret for `keep_cookie`. An old one of the same browser ends."""
    from models.staff import StaffMember

    end_session(database)
    member = database.get_one(StaffMember, staff_id)
    browser = request.user_agent.string
    _, key = staff_session.begin(database, member, request.remote_addr or "", browser)
    return key


def end_session(database: Session) -> None:
    old = staff_session.session_of(database, request.cookies.get(cookie_name(), ""))
    if old is not None:
        staff_session.end(database, old.id)


def keep_cookie(response: AnyResponse, key: str) -> AnyResponse:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(
        cookie_name(), key, max_age=int(LONGEST.total_seconds()), httponly=True, secure=secure, samesite="Lax"
    )
    return response


def drop_cookie(response: AnyResponse) -> AnyResponse:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.delete_cookie(cookie_name(), httponly=True, secure=secure, samesite="Lax")
    return response


def cookie_name() -> str:
    return "__Host-staff" if current_app.config["SESSION_COOKIE_SECURE"] else "staff"


def bind_token() -> None:
    """The token in our forms belongs to the session of the console, not to the browser: it changes with every sign-in
    and outlives the residents' pages, which clear the browser's common cookie."""
    key = request.cookies.get(cookie_name())
    if key and signed_in().is_authenticated:
        wanted = privacy.keyring().blind("console.csrf", key)
        if session.get("csrf_token") != wanted:
            session["csrf_token"] = wanted


def _site() -> Site:
    site: Site = current_app.extensions["site"]
    return site
