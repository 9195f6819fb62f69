"""The wishes desk: what was said beside what may be shown, refusals with a reason, late promises, thanks to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from operator import attrgetter
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement, Select, select
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, sentence, words
from app.channels.lists import asked_page
from handlers.wishes import actions, messages, sentences
from models import wish_counts
from models.base import count_rows
from models.identity import Actor, Person
from models.matters import KINDS
from models.unindexed import unindexed
from models.wish_lists import (
    come_back,
    overdue,
    public_wishes,
    thanks_waiting,
    unconfirmed,
    waiting_for_review,
)
from models.wish_notes import notes_of
from models.wish_partners import asks_for
from models.wish_proofs import proofs_of
from models.wish_words import words_of
from models.wishes import (
    CATEGORIES,
    CONFIRM_WITHIN,
    FOR_WHOM,
    MOST_RENEWALS,
    VALUE_CAP,
    Claim,
    Wish,
    live_claim,
)

SHOWN, SHOWN_TODAY = 40, 5
STATES = {
    "said": ("等审核", "wait"),
    "public": ("公开,等人认领", "good"),
    "claimed": ("有人认领", "calm"),
    "done": ("说办好了,等确认", "wait"),
    "confirmed": ("办好了", "good"),
    "thanked": ("办好了,道过谢", "good"),
    "refused": ("没有收", ""),
    "withdrawn": ("本人撤回", ""),
}
LISTS = {
    "review": "等审核",
    "public": "等人认领",
    "returned": "退回来的",
    "claimed": "认领中",
    "confirm": "等确认",
    "thanks": "感谢等看",
    "ended": "结束的",
}

KIND_REASONS = (
    "这件事可以走救助,工作人员会打电话跟您说怎么办",
    "这件事要由专门的部门办,我们替您转过去了",
    "钱数大了一点,邻居多半办不到,可以改小一点再许",
    "没太看明白,麻烦您再说得清楚一点",
    "前一个心愿还在办,办成了再许这一个",
)
SENT = {
    "published": "告诉本人:登出来了",
    "refused": "告诉本人:没有收",
    "claimed": "告诉本人:有人认领",
    "matched": "请认领的人帮忙",
    "returned": "告诉本人:退回了",
    "done": "问本人:办好没有",
    "reminder": "提醒认领的人:明天到期",
    "nudge": "问认领的人:办得怎么样",
    "overdue": "告诉认领的人:到期退回",
    "withdrawn": "告诉认领的人:不用办了",
    "not_yet": "告诉认领的人:还没办好",
    "confirmed": "告诉认领的人:办成了",
    "thanks": "转告感谢",
    "became_matter": "告诉本人:转成说事",
}
ROADS = {
    "waiting": ("还没发出", "wait"),
    "sending": ("正在发", "wait"),
    "submitted": ("发了", "calm"),
    "delivered": ("送到了", "good"),
    "cancelled": ("撤掉了", ""),
}
NOT_THERE = ("没送到,请打电话", "bad")

console = Console("wishes_console", __name__)


class ReviewForm(ConsoleForm):
    public_text = sentence(
        "公开的话", sentences.LONGEST_PUBLIC, rows=4, hint="所有人看得到:不写姓名、电话、门牌和病情"
    )
    category = SelectField("类别", choices=choices({name: name for name in CATEGORIES}))
    for_whom = SelectField(
        "是谁的", choices=choices({"": "不分", **{name: name for name in FOR_WHOM}}), default=""
    )


class RefuseForm(ConsoleForm):
    reason = words(
        "为什么不收", sentences.LONGEST_REASON, hint="会原样告诉本人,语气缓一些", list="kind-reasons"
    )


# ---- lists -----------------------------------------------------------------------------------------------------------


def _list(which: str) -> Select[Wish]:
    states = select(Wish).order_by(Wish.changed_at.desc())
    lists = {
        "review": waiting_for_review(),
        "public": public_wishes(),
        "returned": come_back(),
        "claimed": select(Wish)
        .join(Claim, _open_claim())
        .where(Wish.state == "claimed")
        .order_by(Claim.due, Wish.id),
        "confirm": states.where(Wish.state == "done").order_by(None).order_by(Wish.done_at),
        "thanks": thanks_waiting(),
        "ended": states.where(unindexed(Wish.state).in_(("confirmed", "thanked", "refused", "withdrawn"))),
    }
    return lists.get(which, lists["review"])


def _open_claim() -> ColumnElement[bool]:
    return (Claim.wish_id == Wish.id) & (Claim.state == "open")


@console.get("/wishes")
@staff("desk", "approver")
def wishes() -> str:
    which, page = request.args.get("which", "review"), asked_page()
    with looking() as by:
        rows = by.session.scalars(_list(which).offset((page - 1) * SHOWN).limit(SHOWN + 1)).all()
        counts = {key: count_rows(by.session, _list(key)) for key in LISTS if key != "ended"}
        facts: dict[str, Any] = {"which": which if which in LISTS else "review", "counts": counts}
        facts |= {"rows": rows[:SHOWN], "page": page, "more": len(rows) > SHOWN, "today": clock.today()}
        facts["promises"] = _promises(by, [one.id for one in rows])
        return render_template("wishes/console_list.html", lists=LISTS, states=STATES, **facts)


def _promises(by: Actor, numbers: list[int]) -> dict[int, Claim]:
    """The open promise of each of these wishes."""
    found = select(Claim).where(Claim.wish_id.in_(numbers), Claim.state == "open")
    return {one.wish_id: one for one in by.session.scalars(found)}


@console.get("/wishes/numbers")
@staff("desk", "approver")
def numbers() -> str:
    """Whether everybody is treated alike: a year's wishes in groups, small numbers covered."""
    with looking() as by:
        groups: dict[str, Callable[[wish_counts.Told], str]] = {
            "是谁的": attrgetter("for_whom"),
            "按类别": attrgetter("category"),
            "自己说的和替人说的": lambda one: "替别人说的" if one.for_other else "自己说的",
            "按小区": attrgetter("estate"),
        }
        tables = wish_counts.tables_of_a_year(by.session, groups, public=False)
        return render_template("wishes/console_numbers.html", tables=tables, shown=wish_counts.shown)


# ---- one wish --------------------------------------------------------------------------------------------------------


@console.get("/wishes/<int:number>")
@staff("desk", "approver")
def wish(number: int) -> str:
    return _show(number, ReviewForm(formdata=None), RefuseForm(formdata=None))


def _show(number: int, form: ReviewForm, refusal: RefuseForm) -> str:
    """What was said stands here in full, so opening it is written down."""

    def unit(by: Actor) -> str:
        row = find(by, Wish, number)
        audit.note(by, "wishes.read", row)
        promised = live_claim(by.session, row)
        if form.public_text.raw_data is None:
            form.public_text.data = row.public_text or sentences.draft_for(row)
            form.category.data = row.category
        facts: dict[str, Any] = {
            "row": row,
            "promised": promised,
            "states": STATES,
            "today": clock.today(),
        }
        facts |= {
            "above": sentences.is_above_cap(row.text or ""),
            "cap": VALUE_CAP,
            "renewals": MOST_RENEWALS,
        }
        facts |= {"pieces": sentences.pieces_of(row), "matter": sentences.sounds_like_matter(row.text or "")}
        facts |= _beside(by, row)
        facts |= {"notes": by.session.scalars(notes_of(row)).all(), "reasons": KIND_REASONS}
        facts |= {
            "sent": messages.sent_about(by.session, row, row.claims),
            "sent_words": SENT,
            "roads": ROADS,
            "lost": NOT_THERE,
        }
        return render_template("wishes/console_wish.html", form=form, refusal_form=refusal, **facts)

    return as_staff(unit)


def _beside(by: Actor, row: Wish) -> dict[str, Any]:
    """Words that went across with what they show, pictures of what was delivered, units that were asked."""
    heard = by.session.scalars(words_of(row)).all()
    return {
        "heard": [(one, sentences.shown_in(one.text, row, _name(one.claim.person))) for one in heard],
        "proofs": by.session.scalars(proofs_of(*row.claims)).all(),
        "asks": by.session.scalars(asks_for(row)).all(),
        "kinds": KINDS,
    }


def _name(person: Person | None) -> str | None:
    return person.name if person else None


@console.post("/wishes/<int:number>/review")
@staff("desk", "approver")
def review(number: int) -> Response | str:
    """Publish it, or correct what is already public."""
    form = ReviewForm()

    def unit(by: Actor) -> str:
        row, public = find(by, Wish, number), form.public_text.data
        if row.state == "said":
            whom = form.for_whom.data
            actions.review(by, row, public, category=form.category.data, for_whom=whom)
            return "公开了。有微信的本人会收到消息。"
        actions.reword(by, row, public)
        return "改好了。"

    if form.validate_on_submit() and (done := attempt(unit, form)):
        flash(done.it, "success")
        return redirect(url_for("wishes_console.wishes"))
    return _show(number, form, RefuseForm(formdata=None))


@console.post("/wishes/<int:number>/refuse")
@staff("desk", "approver")
def refuse(number: int) -> Response | str:
    form = RefuseForm()
    if form.validate_on_submit() and attempt(
        lambda by: actions.refuse(by, find(by, Wish, number), form.reason.data),
        form,
        "没有收。有微信的本人会收到原因,没有微信的请打电话告诉他。",
    ):
        return redirect(url_for("wishes_console.wishes"))
    return _show(number, ReviewForm(formdata=None), form)


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk", "approver")
def to_review(by: Actor) -> Card:
    rows = by.session.scalars(waiting_for_review().limit(SHOWN_TODAY)).all()
    lines = [_line(row, mark="今天要看", urgent=row.review_day <= clock.today()) for row in rows]
    late = any(line.urgent for line in lines)
    address = url_for("wishes_console.wishes")
    return Card("等审核的心愿", count_rows(by.session, waiting_for_review()), address, lines, urgent=late)


def _line(row: Wish, mark: str, *, urgent: bool) -> Line:
    address = url_for("wishes_console.wish", number=row.id)
    return Line(f"{row.category} {row.number}号", address, row.said_at, mark if urgent else "", urgent)


@console.today("desk")
def hanging(by: Actor) -> Card:
    """Promises past their day, and wishes done that nobody confirmed."""
    late = [claim.wish for claim in by.session.scalars(overdue())]
    silent = by.session.scalars(unconfirmed(clock.now() - CONFIRM_WITHIN + timedelta(days=4))).all()
    lines = [
        Line(row.title or row.category, url_for("wishes_console.wish", number=row.id), None, mark)
        for mark, rows in (("认领超期", late), ("问一声办好没有", silent))
        for row in rows
    ]
    return Card(
        "要催一催的心愿", len(lines), url_for("wishes_console.wishes", which="claimed"), lines[:SHOWN_TODAY]
    )


@console.today("approver")
def thanks_to_read(by: Actor) -> Card:
    rows = by.session.scalars(thanks_waiting().limit(SHOWN_TODAY)).all()
    lines = [Line(row.title or row.category, url_for("wishes_console.wish", number=row.id)) for row in rows]
    address = url_for("wishes_console.wishes", which="thanks")
    return Card("等您看的感谢", count_rows(by.session, thanks_waiting()), address, lines)
