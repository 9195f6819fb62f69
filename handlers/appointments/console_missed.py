"""Who did not come: the community's rule, what is noted now, what was said to it, and why visits are given back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app import audit, clock
from app.channels.console import Card, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices, words
from app.channels.lists import asked_page
from handlers.appointments import cancelling, striking
from handlers.appointments.console import console
from models.base import count_rows
from models.identity import Actor
from models.reasons import reasons, told_reasons
from models.strikes import StrikeAppeal, live_now, open_appeals, rule_of

ON_A_PAGE, SHOWN_TODAY = 30, 6
MOST_DAYS = 365
MONTH, QUARTER, YEAR = 30, 90, 365
PERIODS = {MONTH: "近30天", QUARTER: "近90天", YEAR: "近一年"}


def _number(label: str, least: int, most: int, hint: str = "") -> Any:
    asked = f"请填{least}到{most}的数。"
    rules = [InputRequired(NEEDED), NumberRange(least, most, message=asked)]
    return IntegerField(label, rules, description=hint)


class RuleForm(ConsoleForm):
    strikes_on = BooleanField("记没来,次数多了暂停自己预约(工作人员照样能替他约)")
    most_strikes = _number("没来几次就暂停", 2, 20)
    within_days = _number("在多少天里", 7, MOST_DAYS)
    pause_days = _number("暂停多少天", 1, 90)
    decay_days = _number("多少天以后不算了", 7, MOST_DAYS)
    kept_visits = _number("来过几次就抵掉一次", 0, 20, "0是不抵")
    grace_minutes = _number("过点几分钟让给后面的人", 5, 60)
    claim_minutes = _number("空位给排队的人留几分钟", 30, 1440)
    claim_last_minutes = _number("最晚留到办事前几分钟", 30, 1440)


class ReasonForm(ConsoleForm):
    words = words("原因", 20)
    who = SelectField("谁能选", choices=choices({"all": "居民和工作人员", "staff": "只有工作人员"}))
    excuses = BooleanField("这个原因没来的,不记")


# ---- what is noted ---------------------------------------------------------------------------------------------------


@console.get("/appointments/missed")
@staff("desk", "approver")
def missed() -> str:
    """Names stand here, so looking is written down."""
    page = asked_page()

    def unit(by: Actor) -> str:
        appeals = by.session.scalars(open_appeals().limit(ON_A_PAGE)).all()
        rows = by.session.scalars(live_now().limit(ON_A_PAGE + 1).offset(ON_A_PAGE * (page - 1))).all()
        audit.note(by, "appointments.read_missed", None, count=len(rows[:ON_A_PAGE]))
        facts: dict[str, Any] = {"appeals": appeals, "rows": rows[:ON_A_PAGE], "page": page}
        facts |= {"more": len(rows) > ON_A_PAGE, "rule": rule_of(by.session), "mine": _me(by)}
        return render_template("appointments/console_missed.html", **facts)

    return as_staff(unit)


def _me(by: Actor) -> int:
    return by.staff.id if by.staff else 0


@console.post("/appointments/missed/<int:number>/decide")
@staff("desk", "approver")
def missed_decide(number: int) -> Response:
    granted, answer = request.form.get("granted") == "yes", request.form.get("answer", "")
    attempt(
        lambda by: striking.decide(by, find(by, StrikeAppeal, number), granted, answer),
        done="定好了,本人会收到消息。",
    )
    return redirect(url_for("appointments_console.missed"))


@console.route("/appointments/missed/rule", methods=["GET", "POST"])
@staff("approver")
def missed_rule() -> Response | str:
    with looking() as by:
        form = RuleForm(obj=rule_of(by.session))
    if form.validate_on_submit():
        facts = {name: one.data for name, one in form._fields.items() if name != "csrf_token"}
        if attempt(lambda by: striking.set_rule(by, **facts), form, "规则改好了。"):
            return redirect(url_for("appointments_console.missed"))
    return render_template("appointments/console_rule.html", form=form)


# ---- why visits are given back -------------------------------------------------------------------------------------


@console.get("/appointments/reasons")
@staff("desk", "approver")
def reasons_said() -> str:
    asked = request.args.get("days", type=int)
    days = asked if asked in PERIODS else MONTH
    with looking() as by:
        now = clock.now()
        told = {one.code: one for one in told_reasons(by.session, now - timedelta(days=days), now)}
        rows = reasons(by.session, staff=True, closed=True)
        facts: dict[str, Any] = {"told": told, "rows": rows, "days": days, "periods": PERIODS}
        return render_template("appointments/console_reasons.html", form=ReasonForm(formdata=None), **facts)


@console.post("/appointments/reasons/add")
@staff("approver")
def reason_add() -> Response:
    form = ReasonForm()
    if form.validate_on_submit():
        facts = form.words.data, form.who.data, form.excuses.data
        attempt(lambda by: cancelling.add_reason(by, *facts), done="加上了。")
    return redirect(url_for("appointments_console.reasons_said"))


@console.post("/appointments/reasons/open")
@staff("approver")
def reason_open() -> Response:
    code, is_open = request.form.get("code", ""), request.form.get("open") == "yes"
    attempt(lambda by: cancelling.open_or_close(by, code, is_open), done="改好了。")
    return redirect(url_for("appointments_console.reasons_said"))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk", "approver")
def appeals_today(by: Actor) -> Card:
    rows = by.session.scalars(open_appeals().limit(SHOWN_TODAY)).all()
    address = url_for("appointments_console.missed")
    lines = [Line(row.strike.appointment.service.name, address, row.created_at) for row in rows]
    return Card("对“没来”有话说的", count_rows(by.session, open_appeals()), address, lines, nothing="没有。")
