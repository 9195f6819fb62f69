"""What is decided about a version: reviewed, allowed with personal data, published, brought back; its differences."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import Length

from app.channels.console import Console, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices
from handlers.notices import actions, reviewing
from handlers.notices.console_shown import PART_NAMES, facts_of, hosts, offices
from handlers.notices.diff import changes
from models.identity import Actor
from models.notices import Notice, NoticeVersion, version_with_number

PROOF_NAMES = {"typos": "错字看过了", "facts": "事实对过了", "basis": "依据和日期对过了"}


class ReviewForm(ConsoleForm):
    version = HiddenField()
    stage = HiddenField()
    verdict = HiddenField()
    proofs = SelectMultipleField("看过什么", choices=choices(PROOF_NAMES))
    comment = TextAreaField("意见", [Length(max=500, message="最多500个字。")], render_kw={"rows": 3})


def enter(console: Console) -> None:
    """Put these pages into the console of notices."""
    for path, view in (
        ("review", review),
        ("allow", allow),
        ("publish", publish),
        ("restore", restore),
    ):
        console.add_url_rule(f"/notices/<int:number>/{path}", view_func=view, methods=["POST"])
    console.add_url_rule("/notices/versions/<int:number>", view_func=version)
    console.add_url_rule("/notices/two-people", view_func=two_people, methods=["POST"])


@staff("first_review", "second_review")
def review(number: int) -> Response:
    form = ReviewForm()
    if not form.validate_on_submit() or form.verdict.data not in ("pass", "return"):
        abort(400)

    def unit(by: Actor) -> None:
        reviewing.review(
            by,
            find(by, Notice, number),
            number=_seen(),
            stage=form.stage.data,
            passed=form.verdict.data == "pass",
            proofs=form.proofs.data,
            comment=form.comment.data or "",
        )

    attempt(unit, done="审过了,记下了。" if form.verdict.data == "pass" else "退回了,写的人看得到意见。")
    return _back(number)


@staff("first_review", "second_review", "approver")
def allow(number: int) -> Response:
    reason = request.form.get("reason", "")[:200]
    done = "记下了是您同意公开的。"
    attempt(lambda by: reviewing.allow(by, find(by, Notice, number), _seen(), reason), done=done)
    return _back(number)


@staff("approver")
def publish(number: int) -> Response:
    def unit(by: Actor) -> None:
        actions.publish(by, find(by, Notice, number), _seen(), offices=offices(by), hosts=hosts())

    attempt(unit, done="发布了。居民现在问得到。")
    return _back(number)


@staff("desk", "approver")
def restore(number: int) -> Response:
    done = "那一版又拿回来了,存成新的一版。审过发布以后居民才看得到。"
    attempt(lambda by: actions.restore(by, find(by, Notice, number), _seen()), done=done)
    return _back(number)


@staff("approver")
def two_people() -> Response:
    on = request.form.get("on") == "1"
    done = "两人模式开了:一人写,另一人看过就能发布。" if on else "两人模式关了:要初审和复审都通过才能发布。"
    attempt(lambda by: reviewing.switch_two_people(by, on), done=done)
    return redirect(url_for("notices_console.notices", which="draft"))


@staff("desk", "first_review", "second_review", "approver")
def version(number: int) -> str:
    """An earlier version, and what it changed in the one before it (?with= another one's number)."""
    with looking() as by:
        shown = find(by, NoticeVersion, number)
        row = find(by, Notice, shown.notice_id)
        before = version_with_number(by.session, row, request.args.get("with", shown.number - 1, type=int))
        facts: dict[str, Any] = facts_of(by, row, shown) | {"row": row, "version": shown, "before": before}
        facts |= {
            "changes": changes(before.content, shown.content) if before else [],
            "part_names": PART_NAMES,
        }
        return render_template("notices/console_version.html", **facts)


def _seen() -> int:
    """The version that was on the page from which this comes."""
    return request.form.get("version", 0, type=int)


def _back(number: int) -> Response:
    return redirect(url_for("notices_console.notice", number=number))
