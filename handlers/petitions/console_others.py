"""Around the cases: somebody who comes to the counter; who asks to read one, and who agrees; the clocks of the law."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app import clock
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, sentence, words
from app.channels.pages import there_or_404
from app.understanding.phone import phone_in
from app.words import moment_words
from handlers.petitions import actions, lane
from handlers.petitions.console import STATES, console
from handlers.petitions.reading import ASKERS, permits_of
from handlers.petitions.sentences import LONGEST, LONGEST_NAME
from handlers.petitions.standing import HANDLERS, ROLE
from models.identity import Actor
from models.petitions import LANGUAGES, Petition
from models.petitions_clock import KINDS, PetitionRule, rules_of, version_on, versions
from models.petitions_plan import ReceptionTime, free_times
from models.receipts import receipt_in
from models.refusal import Refusal
from models.staff import staff_names

MOST_TIMES = 30
KIND_NAMES = {
    "notice": "告知受理不受理",
    "objection": "转送以后提异议",
    "finish": "办结",
    "extension": "延长,最多",
    "review_ask": "请求复查、复核",
    "review": "复查、复核答复",
    "keep": "档案保管",
}


# ---- at the counter --------------------------------------------------------------------------------------------------


class CounterForm(ConsoleForm):
    text = sentence("要说的事", LONGEST)
    name = words("姓名", LONGEST_NAME, needed=False, hint="不愿留的可以不填")
    phone = words("手机号", 20, needed=False, hint="不填就给查询码")
    about_staff = BooleanField("说的是社区、街道的工作人员")
    accused = words("是哪一位", LONGEST_NAME, needed=False, hint="姓名或者职务,他看不到这一件")
    language = SelectField("翻译", choices=choices({"": "不用"} | {one: one for one in LANGUAGES}))
    companion = BooleanField("有人陪同")
    time = SelectField("时间", coerce=int)


@console.route("/petitions/new", methods=["GET", "POST"])
@staff(*HANDLERS)
def take_in() -> str | Response:
    """For who comes to the counter or telephones. What is typed goes into the confidential lane and nowhere else."""
    form = CounterForm()
    with looking() as by:
        times = by.session.scalars(free_times().limit(MOST_TIMES)).all()
        named = [(one.id, f"{moment_words(one.starts)},{one.leader.name}") for one in times]
        form.time.choices = [(0, "先不约"), *named]
    if form.validate_on_submit() and (told := attempt(lambda by: _counter(by, form), form)):
        return render_template("petitions/console_taken.html", made=told.it)
    return render_template("petitions/console_new.html", form=form)


def _counter(by: Actor, form: CounterForm) -> actions.Received:
    phone = phone_in(form.phone.data or "")
    if form.phone.data and phone is None:
        raise Refusal("petitions.bad_phone")
    token = actions.keep_draft(by, form.text.data or "")
    if form.about_staff.data and form.accused.data:
        actions.name_the_accused(by, token, form.accused.data)
    asked = actions.Asked(
        form.name.data or None, phone, form.language.data or None, bool(form.companion.data)
    )
    return actions.receive(by, token, by.session.get(ReceptionTime, form.time.data or 0), asked)


# ---- who asks to read one --------------------------------------------------------------------------------------------


class AskForm(ConsoleForm):
    receipt = words("受理号", 12)
    reason = sentence("为什么要看", 200, rows=2, hint="来访人看得到您的岗位和哪天看过")


@console.route("/petitions/ask", methods=["GET", "POST"])
@staff(*ASKERS)
def ask_to_read() -> str | Response:
    form = AskForm()
    if form.validate_on_submit():
        receipt, reason = receipt_in(form.receipt.data or ""), form.reason.data or ""
        if receipt is None:
            form.form_errors.append("受理号是七位数字,请核对。")
        elif attempt(lambda by: actions.ask_to_read(by, receipt, reason), form, done="提了,等信访专员同意。"):
            return redirect(url_for(".ask_to_read"))
    with looking() as by, lane.looking(by) as session:
        asked = permits_of(session, by.staff.id) if by.staff is not None else []
        rows = [(one, one.petition.number) for one in asked]
        return render_template("petitions/console_ask.html", form=form, rows=rows, now=clock.now())


@console.get("/petitions/permitted/<int:number>")
@staff(*ASKERS, fresh=True)
def permitted(number: int) -> str:
    """Read only, for a day."""
    if not as_staff(lambda by: actions.open_permitted(by, number)):
        abort(404)
    with looking() as by, lane.looking(by) as session:
        row = there_or_404(session.get(Petition, number))
        return render_template("petitions/console_permitted.html", row=row, states=STATES)


@console.post("/petitions/permits/<int:which>/<any(agree, disagree):answer>")
@staff(ROLE, "care")
def decide(which: int, answer: str) -> Response:
    agrees = answer == "agree"
    done = "同意了,他能看24小时。" if agrees else "没有同意。"
    attempt(lambda by: actions.decide(by, which, agrees=agrees), done=done)
    case = request.form.get("case", type=int)
    return redirect(url_for(".petition", number=case) if case else url_for(".petitions"))


# ---- the clocks of the law -------------------------------------------------------------------------------------------


class VersionForm(ConsoleForm):
    valid_from = day("从哪天起", default=None)
    source = words("依据", 120, hint="文件名、文号、第几条")


def _span(kind: str) -> Any:
    least = [InputRequired("请填写。"), NumberRange(1, 36500, "请填1以上的天数。")]
    return IntegerField(KIND_NAMES[kind], least, render_kw={"inputmode": "numeric"})


for _kind in KINDS:
    setattr(VersionForm, _kind, _span(_kind))


@console.route("/petitions/rules", methods=["GET", "POST"])
@staff(*HANDLERS)
def rules() -> str | Response:
    form = VersionForm()
    if form.validate_on_submit() and attempt(lambda by: _add(by, form), form, done="新的一版记下了。"):
        return redirect(url_for(".rules"))
    with looking() as by:
        shown = [(version, since, rules_of(by.session, version)) for version, since in versions(by.session)]
        now = version_on(by.session, clock.today())
        if request.method == "GET" and shown:
            for rule in shown[0][2]:
                form[rule.kind].data = rule.days
        facts = {"names": staff_names(by.session), "kinds": KIND_NAMES, "now": now, "fields": KINDS}
        return render_template("petitions/console_rules.html", form=form, versions=shown, **facts)


def _add(by: Actor, form: VersionForm) -> None:
    days = {kind: int(form[kind].data) for kind in KINDS}
    if form.valid_from.data is None:
        raise Refusal("petitions.no_words", most=120)
    actions.add_version(by, form.valid_from.data, days, form.source.data or "")


@console.post("/petitions/rules/<int:number>/confirm")
@staff(*HANDLERS)
def confirm_rule(number: int) -> Response:
    attempt(lambda by: actions.confirm_rule(by, find(by, PetitionRule, number)), done="记下了:您核对过。")
    return redirect(url_for(".rules"))
