"""The staff's console: each feature's console.py mounted under /console, who may enter where, and what may not happen.

A view says with `@staff("desk", …)` which roles it admits; who is somebody else gets a page that says so, and the try
is written down. Whatever changes something is a POST with a token of this session from a page of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Generic, NamedTuple, TypeVar

from apiflask import APIFlask
from flask import Blueprint, abort, current_app, flash, g, render_template, request, url_for
from flask_bootstrap import Bootstrap5
from sqlalchemy.orm import Session

from app import audit, clock
from app.access import open_to
from app.channels import console_errors, console_login
from app.channels.console_guard import csrf, keep_private, refuse_foreign_posts
from app.channels.console_login import require_fresh_proof, require_sign_in, signed_in
from app.channels.console_together import unless_overtaken
from app.channels.console_words import FILTERS
from app.database import run_in_savepoint
from app.feature import Feature
from app.site import Site
from models.base import Base
from models.identity import Actor
from models.refusal import Refusal
from models.staff import ROLES, StaffMember

T = TypeVar("T")
Row = TypeVar("Row", bound=Base)
View = TypeVar("View", bound=Callable[..., Any])

# The order of a clerk's day, in groups; words that are not here follow in the order of the features.
GROUPS = {
    "办事": tuple("对话 说事 预约 叫号 填表 生活圈 心愿 评价 接访 保密反映 紧急求助".split()),
    "志愿": ("活动", "队伍", "时长", "证明", "交换站", "时间审核"),
    "发布": ("通知", "群发", "指南", "菜单", "项目", "海报"),
    "居民": ("居民", "住户", "上门", "台账"),
    "管理": ("值班", "上线", "账号", "留痕"),
}
MENU = tuple(word for words in GROUPS.values() for word in words)
MODES = {"sandbox": "演练", "trial": "名单", "live": "正式"}

# ---- what waits, for the page "今天" ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits: its words, where it is dealt with, and since or until when."""

    words: str
    address: str
    at: datetime | None = None
    mark: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """What a feature has to show today. `count` is all there is, `lines` the first of them."""

    title: str
    count: int
    address: str
    lines: list[Line] = field(default_factory=list)
    nothing: str = "没有要办的。"
    urgent: bool = False

    @property
    def weight(self) -> tuple[bool, bool]:
        """What is urgent comes first, what is empty last."""
        return not self.urgent, self.count == 0


class Today(NamedTuple):
    roles: tuple[str, ...]
    look: Callable[[Actor], Card]


class Console(Blueprint):
    """A feature's part of the console: a Blueprint whose requests are checked and whose errors are in words. `under` is
    the menu word that is lit on its pages when it has none of its own."""

    def __init__(self, name: str, import_name: str, *, under: str = "", **more: Any) -> None:
        super().__init__(name, import_name, **more)
        self.under = under
        self.today_cards: list[Today] = []
        self.before_request(refuse_foreign_posts)
        self.after_request(keep_private)
        for kind, answer in console_errors.ANSWERS:
            self.register_error_handler(kind, answer)

    def today(self, *roles: str) -> Callable[[Callable[[Actor], Card]], Callable[[Actor], Card]]:
        """Show what this function finds on the page "今天" of everybody with one of these roles."""

        def keep(look: Callable[[Actor], Card]) -> Callable[[Actor], Card]:
            self.today_cards.append(Today(roles, look))
            return look

        return keep


# ---- who may: said at every route ------------------------------------------------------------------------------------


def staff(*roles: str, fresh: bool = False) -> Callable[[View], View]:
    """A page for those of the staff who have one of these roles; without roles for everybody who is signed in. `fresh`
    asks again for a proof that it is them when the last one is older than five minutes (trust 1.8: C4 and exports)."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> Any:
            stopped = require_sign_in()
            if stopped is not None:
                return stopped
            if roles and not signed_in().has(*roles):
                _write_down_the_try()
                abort(403)
            return (fresh and require_fresh_proof()) or view(**arguments)

        return open_to(f"staff:{','.join(roles) or 'any'}")(guarded)  # type: ignore[return-value]

    return mark


def _write_down_the_try() -> None:
    def unit(by: Actor) -> None:
        audit.note(by, "staff.refused", None, page=request.endpoint, method=request.method)

    as_staff(unit)


# ---- what pages use --------------------------------------------------------------------------------------------------


def current_site() -> Site:
    site: Site = current_app.extensions["site"]
    return site


def as_staff(work: Callable[[Actor], T]) -> T:
    """Do `work` in one unit, as the member of staff who is signed in."""

    def unit(database: Session) -> T:
        return work(Actor(database, staff=_me(database), channel="console"))

    return current_site().database.writing(unit)


@contextmanager
def looking() -> Iterator[Actor]:
    """For pages that only show: nothing is written, so nothing personal that must be audited belongs here."""
    with current_site().database.reading() as database:
        yield Actor(database, staff=_me(database), channel="console")


def _me(database: Session) -> StaffMember:
    return database.get_one(StaffMember, signed_in().staff_id)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """That an attempt went well, and what came of it; always true, where a refused one is None."""

    it: T


def attempt(work: Callable[[Actor], T], form: Any = None, done: str = "") -> Done[T] | None:
    """Do `work` and hand over what it returns; a Refusal changes nothing and is said in words, beside the form or at
    the head of the next page; it leaves a line, so that nobody asks who is on file by trying (a phone at an activity
    that is over) without a trace.

    `done` is what to say when it went well.
    """

    def unit(by: Actor) -> Done[T] | str:
        try:
            return Done(run_in_savepoint(by.session, lambda: unless_overtaken(by, work)))
        except Refusal as why:
            # What was rolled back may have found somebody: that it was tried stands in the trail all the same.
            audit.note(by, "staff.told_no", None, page=request.endpoint, code=why.code)
            return _said(why)

    outcome = as_staff(unit)
    if isinstance(outcome, Done):
        if done:
            flash(done, "success")
        return outcome
    if form is not None:
        form.form_errors.append(outcome)
    else:
        flash(outcome, "danger")
    return None


def _said(why: Refusal) -> str:
    """In words; what a talk would offer as digits ("这些时间还有:") stands behind them."""
    house = current_site().house
    words = house.refusal_words(why)
    if not words.endswith((":", "\uff1a")):
        return words
    return words + "、".join(house.label(one, "") for one in why.instead) if why.instead else f"{words}没有了"


def find(by: Actor, kind: type[Row], number: int) -> Row:
    """The row with this id, or the page that says that there is none."""
    row = by.session.get(kind, number)
    if row is None:
        abort(404)
    return row


# ---- 今天 -----------------------------------------------------------------------------------------------------


def today_page() -> Console:
    """The first page, long work, help, and the page for addresses under /console that nobody answers."""
    from app.channels import console_help, console_work

    console = Console("console", __name__)

    @console.get("/")
    @staff()
    def today() -> str:
        return _drawn_today("console_today.html")

    @console.get("/today")
    @staff()
    def today_part() -> str:
        """The same cards again, for a page that stays open and polls."""
        return _drawn_today("console_today_part.html")

    console_work.enter(console)
    console_help.enter(console)

    @console.get("/<path:rest>")
    @staff()
    def nowhere(rest: str) -> str:
        abort(404)

    return console


def _drawn_today(template: str) -> str:
    with looking() as by:
        cards = sorted((card.look(by) for card in _today_cards()), key=lambda one: one.weight)
        return render_template(f"_base/{template}", cards=cards, today=clock.today())


# ---- mounting --------------------------------------------------------------------------------------------------------


def install(app: APIFlask, site: Site) -> None:
    app.config |= {
        "BOOTSTRAP_SERVE_LOCAL": True,
        "WTF_I18N_ENABLED": False,
        "WTF_CSRF_CHECK_DEFAULT": False,  # checked below for the console alone: the API and WeChat bring no token
        "WTF_CSRF_TIME_LIMIT": None,  # it ends with the session that it belongs to
    }
    app.jinja_env.filters |= FILTERS
    Bootstrap5(app)
    csrf.init_app(app)
    console_login.install(app)
    app.register_blueprint(today_page(), url_prefix="/console")
    app.register_blueprint(
        Blueprint("htmx", "js_lib_htmx", static_folder="static/htmx", static_url_path="/htmx")
    )
    for feature in site.house.features:
        if feature.console is not None:
            app.register_blueprint(feature.console, url_prefix="/console")
    app.context_processor(_facts_of_every_page)


def _facts_of_every_page() -> dict[str, Any]:
    """Only for the console's own templates; others pay nothing for it."""
    if not isinstance(current_app.blueprints.get(request.blueprint or ""), Console):
        return {}
    return {
        "me": signed_in(),
        "menu": _menu(),
        "mode_name": MODES[current_site().settings.mode],
        "roles": ROLES,
    }


class Entry(NamedTuple):
    group: str
    word: str
    address: str
    sign: str
    here: bool


def _menu() -> list[Entry]:
    """What this member of staff may open, in the order of the features."""
    if not signed_in().is_authenticated:
        return []
    entries = []
    for feature in current_site().house.features:
        for word, endpoint, sign in feature.console_menu:
            if admits(endpoint):
                entries.append(Entry(_group(word), word, url_for(endpoint), sign, _is_here(word, endpoint)))
    entries.sort(key=lambda one: _place(one.word))
    here = request.endpoint == "console.today"
    return [Entry("", "今天", url_for("console.today"), "today", here), *entries]


def _group(word: str) -> str:
    return next((group for group, words in GROUPS.items() if word in words), "")


def _place(word: str) -> int:
    return MENU.index(word) if word in MENU else len(MENU)


def place_in_menu(feature: Feature) -> int:
    return min((_place(word) for word, _, _ in feature.console_menu), default=len(MENU))


def _is_here(word: str, endpoint: str) -> bool:
    """A feature with several words in the menu says in `g.menu_word` which of them a page belongs to."""
    console = current_app.blueprints.get(request.blueprint or "")
    if isinstance(console, Console) and console.under:
        return console.under == word
    return request.blueprint == endpoint.partition(".")[0] and g.get("menu_word", word) == word


def admits(endpoint: str) -> bool:
    who: str = getattr(current_app.view_functions[endpoint], "who_may", "")
    roles = who.removeprefix("staff:").split(",")
    return roles == ["any"] or signed_in().has(*roles)


def _today_cards() -> Iterator[Today]:
    """What the features have for the one who is signed in, in the order of the menu."""
    for feature in sorted(current_site().house.features, key=place_in_menu):
        if isinstance(feature.console, Console):
            yield from (card for card in feature.console.today_cards if signed_in().has(*card.roles))
