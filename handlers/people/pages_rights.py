"""Rights over one's own information, as pages: what is kept and until when, who looked, agree and take it back, a copy,
two records made one, delete."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from datetime import date
from functools import cache

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.channels.pages import (
    act,
    as_resident,
    card,
    errors,
    for_everybody,
    for_residents,
    line,
    looking_on,
    sign_out,
)
from app.understanding.numbers import plain
from app.words import TEMPLATES
from handlers.people import actions
from handlers.people.pages import pages
from handlers.people.policies import Policy, has_consent, has_withdrawn, policies
from models.identity import Actor
from models.linking import Merging, partable
from models.people import PURPOSES, consents_of
from models.refusal import Refusal

SIX_DIGITS = re.compile(r"[0-9]{6}")


# ---- what we keep --------------------------------------------------------------------------------------------------


@pages.get("/me/kept")
@card("我的全部信息", on_home=False)
@for_residents
def kept() -> str:
    """Everything, to be read and printed; that it was asked for is written down, as for the copy."""

    def look(by: Actor) -> str:
        everything = actions.export(by, by.me)
        return render_template("people/page_kept.html", kept=everything, today=clock.today())

    return as_resident(look)


@pages.get("/me/copy.json")
@for_residents
def copy() -> Response:
    """The same for a program: headings and values, nothing left out."""
    everything = as_resident(lambda by: actions.export(by, by.me))
    answer = Response(json.dumps(everything, ensure_ascii=False, indent=1), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-information.json"'
    return answer


@pages.get("/me/why")
@for_everybody
def why_kept() -> str:
    """What is kept, what for and how long: to be read before anybody joins."""
    return render_template("people/page_why.html", rows=keeping())


@cache
def keeping() -> list[dict[str, str]]:
    written = tomllib.loads((TEMPLATES / "people" / "keeping.toml").read_text(encoding="utf-8"))
    return list(written.values())


@pages.get("/me/looked")
@card("谁看过", on_home=False)
@for_residents
def looked() -> str:
    """Role and day of whoever of the staff looked, never a name: they answer for it, the office does."""
    return looking_on(lambda by: render_template("people/page_looked.html", days=_looks(by)))


def _looks(by: Actor) -> list[tuple[date, str, str, int]]:
    """(day, roles, what, times), the newest day first, as the chat tells it."""
    looks = actions.who_looked(by.session, by.me)
    seen = Counter((clock.local(one.at).date(), "、".join(one.roles), one.what) for one in looks)
    return [(day, roles, what, times) for (day, roles, what), times in seen.items()]


# ---- agreeing and taking it back -----------------------------------------------------------------------------------


@pages.get("/me/consents")
@card("隐私", on_home=False)
@for_residents
def consents() -> str:
    return looking_on(_consents_page)


@pages.post("/me/consents/<purpose>/<any(give, withdraw):step>")
@for_residents
def change_consent(purpose: str, step: str) -> AnyResponse:
    """One press takes a consent back, one press gives it again, on the same page under the same words."""

    def work(by: Actor) -> str:
        asked = next((policy.purpose for policy in _asked(by) if policy.purpose == purpose), None)
        if asked is None:
            abort(404)
        if step == "withdraw":
            actions.withdraw_consent(by, asked)
        elif asked == "service" and by.me.joined_at is None and not has_withdrawn(by, asked):
            return url_for(".ask_to_join")
        else:
            actions.give_consent(by, asked)
        return url_for(".consents", changed=asked)

    return act(work)


def _consents_page(by: Actor) -> str:
    rows = [(one, has_consent(by, one.purpose), has_withdrawn(by, one.purpose)) for one in _asked(by)]
    changed = next((row for row in rows if row[0].purpose == request.args.get("changed")), None)
    return render_template("people/page_consents.html", rows=rows, changed=changed)


def _asked(by: Actor) -> list[Policy]:
    """What everybody is asked for, and what this person was asked for besides."""
    told = {one.purpose for one in by.session.scalars(consents_of(by.me))}
    return [one for one in policies().values() if one.purpose in PURPOSES or one.purpose in told]


# ---- two records of one person -------------------------------------------------------------------------------------


@pages.get("/me/link")
@card("关联", on_home=False)
@for_residents
def link() -> str:
    return looking_on(_link_page)


@pages.post("/me/link/code")
@for_residents
def show_link_code() -> str:
    """Shown once, by the answer to this press itself: the digits are kept nowhere to be shown again."""
    code = as_resident(actions.issue_link_code)
    return render_template("people/page_link_code.html", code=code)


@pages.post("/me/link")
@for_residents
def type_link_code() -> AnyResponse | str:
    """Two steps: what becomes of it, and that nobody else may have asked for it, is said before it happens."""
    code = plain(line("code")).replace(" ", "")
    if SIX_DIGITS.fullmatch(code) and request.form.get("sure") != "yes":
        return render_template("people/page_link_sure.html", code=code)

    def work(by: Actor) -> str:
        if not SIX_DIGITS.fullmatch(code):
            return url_for(".link", wrong=1)
        if actions.link_by_code(by, code) is None:
            return url_for(".link", wrong=1)
        return url_for(".link", done=1)

    return act(work, _link_page)


@pages.post("/me/link/<int:number>/part")
@for_residents
def part(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        merging = by.session.get(Merging, number)
        if merging is None or merging.kept_id != by.me.id:
            abort(404)
        actions.part(by, merging)
        return url_for(".link", parted=1)

    return act(work, _link_page)


def _link_page(by: Actor, why: Refusal | None = None) -> str:
    merged, wrong = list(by.session.scalars(partable(by.me))), errors(why, "code")
    if request.args.get("wrong"):
        wrong = {"code": "这个码不对,或者过期了。请看另一边新的码,再填一次。"}
    return render_template("people/page_link.html", merged=merged, wrong=wrong)


# ---- deleting ------------------------------------------------------------------------------------------------------


@pages.get("/me/delete")
@card("删除信息", on_home=False)
@for_residents
def ask_to_delete() -> str:
    return render_template("people/page_delete.html")


@pages.get("/me/delete/sure")
@for_residents
def confirm_delete() -> str:
    return render_template("people/page_delete_sure.html")


@pages.post("/me/delete/sure")
@for_residents
def delete() -> AnyResponse:
    """Deleting twice is deleting once; the browser that asked for it is signed out."""

    def unit(by: Actor) -> None:
        actions.erase(by, by.me)

    as_resident(unit)
    sign_out()
    return redirect(url_for(".deleted"), 303)


@pages.get("/me/deleted")
@for_everybody
def deleted() -> str:
    return render_template("people/page_deleted.html")


@pages.post("/me/leave")
@for_residents
def leave() -> AnyResponse:
    """Sign this browser out: a phone that is handed on, a computer of the library."""
    sign_out()
    return redirect(url_for("pages.home"), 303)
