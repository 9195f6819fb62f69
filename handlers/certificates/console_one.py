"""One proof at the console: what it says, and each step with what it does. Everything is a POST that is audited."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import FileField, SelectField

from app import audit, clock
from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import ConsoleForm, choices, sentence
from app.channels.kept_files import named_file
from handlers.certificates import actions, content, issuing
from handlers.certificates.console import DESK, LOOKERS, console, worked
from handlers.certificates.sentences import FOR_STAFF
from models.certificates import Certificate, CertificateObjection, differs_now, hours_text, terms
from models.identity import Actor
from models.refusal import Refusal
from models.volunteer_file import file_of, needs_guardian

FORMS = {"": "放得下就一条一条写,放不下就汇总", "lines": "一条一条写", "summary": "按服务内容汇总"}


class CheckForm(ConsoleForm):
    how = SelectField("服务内容怎么写", choices=choices(FORMS))


class ReasonForm(ConsoleForm):
    reason = sentence("原因", actions.LONGEST_WORDS, rows=2, hint="本人看得到,语气缓一些")


class ScanForm(ConsoleForm):
    scan = FileField("盖好章的扫描件", description="照片(JPG、PNG)或者 PDF,最大10兆")


class AnswerForm(ConsoleForm):
    answer = sentence("答复", actions.LONGEST_WORDS, rows=2, hint="说的人看得到")


@console.get("/certificates/<int:number>")
@staff(*LOOKERS)
def one(number: int) -> str:
    return _show(number)


def _show(number: int, **forms: ConsoleForm) -> str:
    """Whose hours these are stands here, so opening it is written down."""

    def unit(by: Actor) -> str:
        row = find(by, Certificate, number)
        audit.note(by, "certificates.read", row)
        rule = terms(by.session)
        facts: dict[str, Any] = {"row": row, "states": FOR_STAFF, "terms": rule, "hours": hours_text}
        facts["told"] = row.content or _as_it_would_be(by, row)
        facts["kept"] = file_of(by.session, row.person) if row.person else None
        facts["needs_guardian"] = row.person is not None and needs_guardian(by.session, row.person)
        facts |= {
            "differs": differs_now(row),
            "today": clock.today(),
            "empty_answer": AnswerForm(formdata=None),
        }
        made: dict[str, ConsoleForm] = {
            "check": CheckForm(formdata=None),
            "refusal_form": ReasonForm(formdata=None),
            "scan": ScanForm(formdata=None),
        }
        return render_template("certificates/console_one.html", **facts, **(made | forms))

    return as_staff(unit)


def _as_it_would_be(by: Actor, row: Certificate) -> dict[str, Any] | None:
    """Before it is checked: what the records say today."""
    kept = file_of(by.session, row.person) if row.person else None
    if row.person is None or kept is None or row.state != "applied":
        return None
    rows = content.hours_in(by, row.person, row.since, row.until)
    if not rows:
        return None
    return content.content_for(
        by, kept, rows, since=row.since, until=row.until, purpose=row.purpose, summary=False
    )


def _back(number: int) -> Response:
    return redirect(url_for("certificates_console.one", number=number))


@console.post("/certificates/<int:number>/check")
@staff(*DESK)
def check(number: int) -> Response:
    how = request.form.get("how", "")
    summary = None if how not in ("lines", "summary") else how == "summary"
    attempt(
        lambda by: actions.check(by, find(by, Certificate, number), summary=summary),
        done="查过了,内容定住了。本人同意上网的已经开始公示,其他的请打印公示单贴公告栏。",
    )
    return _back(number)


@console.post("/certificates/<int:number>/hang-up")
@staff(*DESK)
def hang_up(number: int) -> Response:
    attempt(lambda by: actions.hang_up(by, find(by, Certificate, number)), done="从现在开始算公示的天数。")
    return _back(number)


@console.post("/certificates/<int:number>/refuse")
@staff(*DESK)
def refuse(number: int) -> Response | str:
    form = ReasonForm()
    if form.validate_on_submit() and attempt(
        lambda by: actions.refuse(by, find(by, Certificate, number), form.reason.data),
        form,
        "没有开。有微信的本人会收到原因,没有微信的请打电话告诉他。",
    ):
        return _back(number)
    return _show(number, refusal_form=form)


@console.post("/certificates/<int:number>/draft")
@staff(*DESK)
def draft(number: int) -> Response:
    return worked(
        lambda by: issuing.ask_for_draft(by, find(by, Certificate, number)),
        url_for("certificates_console.one", number=number),
    )


@console.post("/certificates/<int:number>/paper")
@staff(*DESK, fresh=True)
def paper(number: int) -> Response:
    """The paper for the seal has the whole identity number on it."""
    return worked(
        lambda by: issuing.ask_for_paper(by, find(by, Certificate, number)),
        url_for("certificates_console.one", number=number),
    )


@console.post("/certificates/<int:number>/seal")
@staff(*DESK)
def seal(number: int) -> Response | str:
    form = ScanForm()

    def unit(by: Actor) -> None:
        sent = request.files.get("scan")
        scanned = sent.read(issuing.LARGEST_SCAN + 1) if sent is not None else b""
        if not scanned:
            raise Refusal("certificates.bad_scan")
        issuing.seal(by, find(by, Certificate, number), scanned)

    if form.validate_on_submit() and attempt(
        unit, form, "登记好了。有微信的本人会收到消息来拿,没有微信的请打电话。"
    ):
        return _back(number)
    return _show(number, scan=form)


@console.get("/certificates/<int:number>/scan")
@staff(*LOOKERS, fresh=True)
def scan(number: int) -> Response:
    def unit(by: Actor) -> Any:
        row = find(by, Certificate, number)
        if row.scan is None:
            abort(404)
        audit.note(by, "certificates.open_scan", row)
        return row.scan

    return named_file(as_staff(unit))


@console.post("/certificates/<int:number>/void")
@staff(*DESK)
def ask_void(number: int) -> Response | str:
    form = ReasonForm()
    if form.validate_on_submit() and attempt(
        lambda by: issuing.ask_void(by, find(by, Certificate, number), form.reason.data),
        form,
        "提出来了,要另一位同事同意才作废。",
    ):
        return _back(number)
    return _show(number, refusal_form=form)


@console.post("/certificates/<int:number>/void/<any(agree, keep):answer>")
@staff(*LOOKERS)
def decide_void(number: int, answer: str) -> Response:
    yes = answer == "agree"
    done = "作废了。编号和原因留在登记簿里。" if yes else "不作废,照旧有效。"
    attempt(lambda by: issuing.decide_void(by, find(by, Certificate, number), yes=yes), done=done)
    return _back(number)


# ---- objections ------------------------------------------------------------------------------------------------------


@console.post("/certificates/objections/<int:number>/answer")
@staff(*DESK)
def answer(number: int) -> Response:
    form, about = AnswerForm(), [0]

    def unit(by: Actor) -> None:
        said = find(by, CertificateObjection, number)
        about[0] = said.certificate_id
        actions.answer(by, said, form.answer.data or "")

    attempt(unit, done="答复好了。")
    return _back(about[0]) if about[0] else redirect(url_for("certificates_console.home", which="objections"))
