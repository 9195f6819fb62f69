"""A proof for somebody at the counter, and the terms under which proofs are issued."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, WhoseForm, choices, day, words
from handlers.certificates import actions
from handlers.certificates.console import DESK, LOOKERS, console
from handlers.people import actions as people
from models.certificates import HALF_HOUR, SHORTEST_POSTING, TENTH, terms
from models.identity import Actor, Person

NOBODY = "没有登记过这个号码。请先在“居民”里登记。"
UNITS = {str(HALF_HOUR): "半小时(0.5)", str(TENTH): "0.1小时"}


class NewForm(WhoseForm):
    since = day("从哪天", needed=False, hint="不填就从第一次服务算起")
    until = day("到哪天", needed=False, hint="不填就到今天")
    purpose = words("做什么用", actions.LONGEST_PURPOSE, needed=False, hint="写在证明上")
    posting = BooleanField("本人同意网页上也公示(姓名遮住一个字,不写住处)")
    paper = words("签字的同意书放在哪", 60, needed=False, hint="同意网页公示的要填")


@console.route("/certificates/new", methods=["GET", "POST"])
@staff(*DESK)
def new() -> Response | str:
    """The phone first, then whose it is, then from when until when."""
    form = NewForm()
    found: dict[str, str] = {}
    if form.validate_on_submit():
        found = as_staff(lambda by: _found(by, form.phone.data))
        known = form.offer(found) and form.person.data in found and _says_where(form)
        if known and (made := attempt(lambda by: _applied(by, form), form, "申请好了。")):
            return redirect(url_for("certificates_console.one", number=made.it))
        if not found:
            form.phone.errors = [*form.phone.errors, NOBODY]
    return render_template("certificates/console_new.html", form=form, found=found)


def _says_where(form: NewForm) -> bool:
    if form.posting.data and not form.paper.data:
        form.paper.errors = [NEEDED]
        return False
    return True


def _found(by: Actor, phone: str) -> dict[str, str]:
    return {str(one.id): one.name or "" for one in people.find_by_phone(by, phone, purpose="certificate")}


def _applied(by: Actor, form: NewForm) -> int:
    since: date | None = form.since.data
    facts = {"since": since, "until": form.until.data, "purpose": form.purpose.data or ""}
    person = find(by, Person, int(form.person.data))
    paper = form.paper.data if form.posting.data else ""
    row = actions.apply_for(by, person, paper=paper, **facts)
    by.session.flush()
    return row.id


# ---- terms -----------------------------------------------------------------------------------------------------------


def _number(label: str, least: int, most: int, hint: str = "") -> Any:
    rules = [InputRequired(NEEDED), NumberRange(least, most, message=f"请填{least}到{most}之间的数。")]
    return IntegerField(label, rules, description=hint, render_kw={"inputmode": "numeric"})


class TermsForm(ConsoleForm):
    issuer = words("出具单位名称", 60, hint="和公章上的一样")
    head = words("负责人", 20)
    phone = words("联系方式", 30)
    prefix = words("编号的字头", 8, hint="比如 HZZL,编号就是 HZZL-2026-0001")
    unit = SelectField("服务时间写到", choices=choices(UNITS))
    posting_days = _number("公示几天", SHORTEST_POSTING, 60, f"不能少于{SHORTEST_POSTING}天")
    answer_days = _number("异议几个工作日答复", 1, 15)
    most_lines = _number("超过多少次就汇总写", 5, 60)


@console.route("/certificates/terms", methods=["GET", "POST"])
@staff(*LOOKERS)
def issuer() -> Response | str:
    with looking() as by:
        form = TermsForm(obj=terms(by.session))
    if form.validate_on_submit() and attempt(
        lambda by: actions.change_terms(by, **_values(form)), form, "记下了。以后查的证明照这个写。"
    ):
        return redirect(url_for("certificates_console.home"))
    return render_template("certificates/console_terms.html", form=form)


def _values(form: TermsForm) -> dict[str, str | int]:
    values: dict[str, str | int] = {
        field.name: field.data for field in form if field.name not in ("unit", "csrf_token")
    }
    return values | {"unit": int(form.unit.data)}
