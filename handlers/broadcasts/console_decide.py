"""A broadcast is tested, planned, proposed, and gets its last word; what went out in a hurry is read afterwards."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import Length

from app.channels.console import attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices
from app.channels.console_login import signed_in
from handlers.broadcasts import actions, audience, later, testing
from handlers.broadcasts.console import console
from handlers.broadcasts.console_frame import READERS, frame_of
from handlers.broadcasts.console_write import message_of
from handlers.broadcasts.planner import means_of, plan
from models.approval import (
    digest_of,
    later_missing,
    later_readings,
    reading_missing,
    reviews_of,
    tests_with_state,
    was_tested,
)
from models.broadcasts import OPEN, REVIEW_AFTER, Broadcast, BroadcastRecipient
from models.identity import Actor
from models.lately import counted_lately
from models.notices import STAGES, TWO_PEOPLE, newest, rule_is_on, standing_reviews
from models.staff import staff_names
from models.staff_wechat import wechat_person

PROOF_NAMES = {
    "words": "内容从头到尾看过了",
    "people": "发给谁、多少人对过了",
    "time": "什么时候发、怎么发对过了",
}
TEST_STATES = {
    "waiting": ("正要发", "wait"),
    "sending": ("正在发", "wait"),
    "submitted": ("微信收下了", "good"),
    "delivered": ("送到了", "good"),
    "failed": ("没发出去", "bad"),
    "unknown": ("不知道到没到", "wait"),
    "expired": ("过期没发", "bad"),
    "cancelled": ("没发", "bad"),
    "held": ("正要发", "wait"),
}


class WordForm(ConsoleForm):
    digest = HiddenField()
    verdict = HiddenField()
    proofs = SelectMultipleField("看过什么", choices=choices(PROOF_NAMES))
    comment = TextAreaField("意见", [Length(max=500, message="最多500个字。")], render_kw={"rows": 3})


# ---- tested ----------------------------------------------------------------------------------------------------------


@console.get("/broadcasts/<int:number>/test")
@staff(*READERS)
def test(number: int) -> str:
    with looking() as by:
        row = find(by, Broadcast, number)
        digest = digest_of(row)
        facts: dict[str, Any] = frame_of(row, "test") | {"message": message_of(row), "digest": digest}
        facts["tests"] = by.session.execute(tests_with_state(row).limit(20)).all()
        facts |= {"names": staff_names(by.session), "test_states": TEST_STATES}
        facts["tested"] = was_tested(by.session, row, digest)
        facts["linked"] = by.staff is not None and wechat_person(by.session, by.staff) is not None
        facts |= {"colleagues": testing.colleagues(by), "may_test": row.state in OPEN}
        return render_template("broadcasts/console_test.html", **facts)


@console.post("/broadcasts/<int:number>/test")
@staff(*READERS)
def test_send(number: int) -> Response:
    others, url = request.form.getlist("others", type=int), current_site().settings.web.public_url
    done = "试发了。看看手机,对一对。"
    attempt(lambda by: testing.test_send(by, find(by, Broadcast, number), others, url), done=done)
    return redirect(url_for("broadcasts_console.test", number=number))


# ---- planned and proposed --------------------------------------------------------------------------------------------


@console.get("/broadcasts/<int:number>/plan", endpoint="plan")
@staff(*READERS)
def show_plan(number: int) -> str:
    with looking() as by:
        row = find(by, Broadcast, number)
        facts = frame_of(row, "plan") | _plan_facts(by, row) | _standing_facts(by, row)
        return render_template("broadcasts/console_plan.html", **facts)


@console.post("/broadcasts/<int:number>/propose")
@staff(*READERS)
def propose(number: int) -> Response:
    done = "送审了。终审的同事看得到。"

    def unit(by: Actor) -> None:
        means = means_of(by.session, current_site())
        actions.propose(by, find(by, Broadcast, number), means)

    if attempt(unit, done=done):
        return redirect(url_for("broadcasts_console.decide", number=number))
    return redirect(url_for("broadcasts_console.plan", number=number))


def _plan_facts(by: Actor, row: Broadcast) -> dict[str, Any]:
    """How it would go now; of what has been approved, how it was fixed."""
    facts: dict[str, Any] = {"whom": audience.in_words(by.session, row.audience), "fixed": _fixed(by, row)}
    if row.approved_at is None:
        facts["plan"] = plan(by.session, row, means_of(by.session, current_site()))
        facts["count"] = audience.count_of(by.session, row)
    return facts


def _fixed(by: Actor, row: Broadcast) -> dict[str, int]:
    mine = BroadcastRecipient.broadcast_id == row.id
    counted = select(BroadcastRecipient.road, func.count()).where(mine).group_by(BroadcastRecipient.road)

    def count() -> dict[str, int]:
        return {str(road): int(people) for road, people in by.session.execute(counted)}

    return counted_lately(by.session, ("roads", row.id), count, lambda roads: sum(roads.values()))


def _standing_facts(by: Actor, row: Broadcast) -> dict[str, Any]:
    """What is done of what must be done before it goes."""
    return {
        "tested": was_tested(by.session, row, row.digest or digest_of(row)),
        "newest": newest(by.session, row.notice),
        "reviews": standing_reviews(by.session, row.version),
        "missing": reading_missing(by.session, row),
        "two_people": rule_is_on(by.session, TWO_PEOPLE),
        "stages": {"first_review": "初审", "second_review": "复审"},
    }


# ---- the last word ---------------------------------------------------------------------------------------------------


@console.get("/broadcasts/<int:number>/decide")
@staff(*READERS)
def decide(number: int) -> str:
    with looking() as by:
        row = find(by, Broadcast, number)
        facts = frame_of(row, "decide") | _plan_facts(by, row) | _standing_facts(by, row)
        facts |= {"message": message_of(row), "to_tick": PROOF_NAMES}
        facts["said"] = by.session.scalars(reviews_of(row).limit(20)).all()
        facts["later"] = later_missing(by.session, row) if row.approved_at else 0
        facts["read_by"] = row.approved_at + REVIEW_AFTER if row.approved_at else None
        read = {one.staff_id for one in later_readings(by.session, row)}
        facts["may_read"] = signed_in().has(*STAGES) and signed_in().staff_id not in read
        return render_template("broadcasts/console_one.html", **facts)


@console.post("/broadcasts/<int:number>/decide")
@staff("approver")
def give_word(number: int) -> Response:
    form = WordForm()
    if not form.validate_on_submit() or form.verdict.data not in ("pass", "return"):
        abort(400)
    passed, comment = form.verdict.data == "pass", form.comment.data or ""

    def unit(by: Actor) -> None:
        row, means = find(by, Broadcast, number), means_of(by.session, current_site())
        if passed:
            word = {"digest": form.digest.data or "", "proofs": form.proofs.data, "comment": comment}
            actions.approve(by, row, **word, means=means)
        else:
            actions.send_back(by, row, comment)

    done = "通过了。5分钟以内还能停下。" if passed else "退回了,写的人看得到意见。"
    if attempt(unit, done=done) and passed:
        return redirect(url_for("broadcasts_console.broadcast", number=number))
    return redirect(url_for("broadcasts_console.decide", number=number))


@console.post("/broadcasts/<int:number>/read-later")
@staff(*STAGES)
def read_later(number: int) -> Response:
    passed, comment = request.form.get("verdict") == "pass", request.form.get("comment", "")[:500]
    done = "补审记下了。" if passed else "补审记下了。有错请马上发更正。"

    def unit(by: Actor) -> None:
        later.read_later(by, find(by, Broadcast, number), passed=passed, comment=comment)

    attempt(unit, done=done)
    return redirect(url_for("broadcasts_console.decide", number=number))
