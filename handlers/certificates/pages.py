"""志愿证明 as pages of one's own: hours that stand, applying, each proof's way, the file, the sealed scan."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from app import audit
from app.channels.kept_files import named_file
from app.channels.pages import (
    Pages,
    act,
    as_resident,
    card,
    errors,
    for_residents,
    line,
    looking_on,
    mine_or_404,
)
from handlers.certificates import actions, content, files
from handlers.certificates.chat import CAN_OBJECT, CAN_WITHDRAW, purpose_in, said_in
from handlers.certificates.periods import ALL, OTHER, THIS_YEAR, Span, period_in, span_of
from handlers.certificates.sentences import ENTRY_WORDS, STATES
from handlers.people import actions as people
from models.certificate_lists import certificates_of
from models.certificates import Certificate, hours_text, terms
from models.identity import Actor
from models.people import live_consent
from models.refusal import Refusal
from models.volunteer_file import ID_TYPES, SERVICE_TYPES, entries_of, file_of, needs_guardian

MOST_LISTED = 30

pages = Pages("certificates_pages", __name__)


# ---- mine ------------------------------------------------------------------------------------------------------------


@pages.get("/certificates")
@card("志愿证明", "开证明")
@for_residents
def mine() -> str:
    return looking_on(_mine)


def _mine(by: Actor, why: Refusal | None = None) -> str:
    rows = by.session.scalars(certificates_of(by.me).limit(MOST_LISTED)).all()
    minutes = sum(one.minutes for one in content.hours_in(by, by.me, *span_of(ALL)))
    facts: dict[str, Any] = {"rows": rows, "minutes": minutes, "states": STATES, "wrong": errors(why)}
    facts |= {"hours": hours_text(minutes, terms(by.session).unit), "kept": file_of(by.session, by.me)}
    facts |= {"on_page": _on_page(by), "policy": people.policy("posting"), "done": request.args.get("done")}
    return render_template("certificates/page_mine.html", **facts)


def _on_page(by: Actor) -> bool:
    return live_consent(by.session, by.me, "posting") is not None


@pages.post("/certificates/posting-consent")
@for_residents
def posting() -> Response:
    """Whether what is posted of them stands on our page: at once, both ways."""
    yes = request.form.get("agree") == "yes"

    def work(by: Actor) -> str:
        if yes:
            people.give_consent(by, "posting")
        else:
            people.withdraw_consent(by, "posting")
        return url_for(".mine", done="posting-yes" if yes else "posting-no")

    return act(work, _mine)


# ---- applying --------------------------------------------------------------------------------------------------------


@pages.get("/certificates/apply")
@for_residents
def apply() -> str:
    return looking_on(_form)


@pages.post("/certificates/apply")
@for_residents
def take_in() -> Response:
    def work(by: Actor) -> str:
        since, until = _asked_span()
        purpose = line("purpose")
        agreed = request.form.get("posting") == "1"
        actions.apply(
            by, since=since, until=until, purpose=purpose_in(purpose) if purpose else "", posting=agreed
        )
        return url_for(".mine", done="applied")

    return act(work, _form)


def _asked_span() -> Span:
    period = request.form.get("period", ALL)
    if period == OTHER:
        try:
            return span_of(OTHER, period_in(line("days")))
        except ValueError:
            raise Refusal("certificates.bad_period") from None
    return span_of(period if period == THIS_YEAR else ALL)


def _form(by: Actor, why: Refusal | None = None) -> str:
    wrong = errors(why)
    for code, name in (("certificates.bad_period", "days"), ("certificates.bad_purpose", "purpose")):
        if why is not None and why.code == code:
            wrong = {name: wrong[""]}
    facts: dict[str, Any] = {"typed": request.form if why is not None else {}, "wrong": wrong}
    facts |= {"on_page": _on_page(by), "policy": people.policy("posting"), "longest": actions.LONGEST_PURPOSE}
    return render_template("certificates/page_apply.html", **facts)


# ---- one -------------------------------------------------------------------------------------------------------------


@pages.get("/certificates/<int:number>")
@for_residents
def one(number: int) -> str:
    return looking_on(lambda by: _one(by, number))


def _one(by: Actor, number: int, why: Refusal | None = None) -> str:
    row = mine_or_404(by, Certificate, number)
    facts: dict[str, Any] = {"row": row, "told": row.content, "states": STATES, "wrong": errors(why)}
    facts |= {"can_object": CAN_OBJECT, "can_withdraw": CAN_WITHDRAW}
    facts["typed"] = request.form if why is not None else {}
    return render_template("certificates/page_one.html", **facts)


@pages.post("/certificates/<int:number>/object")
@for_residents
def object_own(number: int) -> Response:
    def work(by: Actor) -> str:
        actions.object_to(by, mine_or_404(by, Certificate, number), said_in(request.form.get("text", "")))
        return url_for(".mine", done="object")

    return act(work, lambda by, why: _one(by, number, why))


@pages.post("/certificates/<int:number>/withdraw")
@for_residents
def withdraw(number: int) -> Response:
    def work(by: Actor) -> str:
        row = mine_or_404(by, Certificate, number)
        if row.state != "withdrawn":
            actions.withdraw(by, row)
        return url_for(".mine", done="withdraw")

    return act(work, lambda by, why: _one(by, number, why))


@pages.get("/certificates/<int:number>/scan")
@for_residents
def own_scan(number: int) -> Response:
    """The sealed paper as it was scanned: it holds their whole identity number and goes to them alone."""

    def unit(by: Actor) -> Any:
        row = mine_or_404(by, Certificate, number)
        if row.scan is None:
            abort(404)
        audit.note(by, "certificates.open_scan", row)
        return row.scan

    return named_file(as_resident(unit))


# ---- the file --------------------------------------------------------------------------------------------------------


@pages.get("/certificates/file")
@card("志愿档案", on_home=False)
@for_residents
def own_file() -> str:
    return looking_on(_file)


def _file(by: Actor, why: Refusal | None = None) -> str:
    kept = file_of(by.session, by.me)
    wrong = errors(why)
    if why is not None and why.code == "certificates.bad_id_number":
        wrong = {"number": wrong[""]}
    chosen = request.form.getlist("types") if why is not None else (kept.service_types if kept else [])
    facts: dict[str, Any] = {"kept": kept, "wrong": wrong, "types": SERVICE_TYPES, "id_types": ID_TYPES}
    facts |= {"chosen": chosen, "typed": request.form if why is not None else {}, "kinds": ENTRY_WORDS}
    facts |= {"entries": by.session.scalars(entries_of(by.me)).all(), "policy": people.policy("id_number")}
    facts |= {"needs_guardian": needs_guardian(by.session, by.me), "longest": files.LONGEST_SKILLS}
    return render_template("certificates/page_file.html", **facts)


@pages.post("/certificates/file")
@for_residents
def complete() -> Response:
    def work(by: Actor) -> str:
        kept = file_of(by.session, by.me)
        files.complete(
            by,
            by.me,
            skills=line("skills"),
            service_types=request.form.getlist("types"),
            area=kept.area if kept else "",
            born=kept.birthday if kept and kept.born else None,
        )
        return url_for(".mine", done="file")

    return act(work, _file)


@pages.post("/certificates/file/id-number")
@for_residents
def id_number() -> Response:
    """Pressing the button under the policy's words is the consent."""

    def work(by: Actor) -> str:
        files.write_id_number(by, by.me, request.form.get("kind", ""), request.form.get("number", "")[:40])
        return url_for(".mine", done="id")

    return act(work, _file)


@pages.post("/certificates/file/remove-id")
@for_residents
def remove_id() -> Response:
    def work(by: Actor) -> str:
        files.remove_id_number(by, by.me)
        return url_for(".mine", done="id-gone")

    return act(work, _file)
