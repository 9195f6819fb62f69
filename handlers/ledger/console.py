"""The exchange's desk: requests to match, answers that are missing, disputes. Accounts are in console_accounts.py, what
needs a second person and the terms in console_orders.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, sentence, words
from app.channels.lists import asked_page
from handlers.ledger import actions
from handlers.ledger.sentences import LONGEST_REASON, LONGEST_TEXT, minutes_in, request_minutes_in
from handlers.people import actions as people
from models.base import count_rows
from models.exchange import CAN_BE_CANCELLED, CATEGORIES, MOST_HANDS, Exchange, ExchangeHand
from models.identity import Actor
from models.ledger import open_account
from models.ledger_lists import disputed, hanging, offers_for, to_match, unagreed, unanswered

SHOWN, SHOWN_TODAY, OFFERS_SHOWN = 40, 5, 10
STATES = {
    "asked": ("等人答应", "wait"),
    "matched": ("有人答应", "calm"),
    "done": ("说帮完了,等确认", "wait"),
    "paid": ("付了", "good"),
    "disputed": ("有争议", "bad"),
    "cancelled": ("取消了", ""),
    "expired": ("没人答应,过期", ""),
}
HANDS = {"promised": "答应了", "done": "说帮完了", "paid": "付了", "withdrawn": "退出了"}
LISTS = {
    "match": "等人答应",
    "nod": "等本人点头",
    "answer": "超过三天没回话",
    "dispute": "有争议",
    "hanging": "过了日子没消息",
    "open": "进行中",
    "ended": "结束的",
}
NODS: dict[str, tuple[Callable[[Actor, ExchangeHand], Any], str]] = {
    "agree": (actions.agree, "记下了,告诉帮忙的邻居怎么联系。"),
    "decline": (actions.decline, "记下了,这一件另找人。"),
}
WHO = "姓名、手机号或“居民12”"
CHOICES = choices({name: name for name in CATEGORIES})

LOOKED_AT_BY_A_SECOND = ("orders", "decide", "limit", "change_terms")

console = Console("ledger_console", __name__)


@console.before_request
def say_which_word_is_lit() -> None:
    page = (request.endpoint or "").rpartition(".")[2]
    g.menu_word = "时间审核" if page in LOOKED_AT_BY_A_SECOND else "交换站"


class AskForm(ConsoleForm):
    who = words("谁请人", 40, hint=WHO)
    category = SelectField("帮什么", choices=CHOICES)
    hours = words("每人多久", 20, hint="比如:1小时、90分钟")
    hands = SelectField("要几个人", choices=choices({str(n): f"{n}人" for n in range(1, MOST_HANDS + 1)}))
    wanted_on = day("哪一天")
    text = words("说明", LONGEST_TEXT, needed=False, hint="答应的人看得到")


class MatchForm(ConsoleForm):
    who = words("谁答应了", 40, hint=f"在电话里答应了再填。{WHO}")


class SettleForm(ConsoleForm):
    hours = words("每人付多少", 20, hint="写 0 就是不付,时间退回")
    reason = sentence("为什么这样办", LONGEST_REASON, rows=2, hint="先问过两边")


class CancelForm(ConsoleForm):
    reason = words("为什么取消", LONGEST_REASON)


# ---- lists -----------------------------------------------------------------------------------------------------------


def _list(which: str) -> Select[Exchange]:
    newest = select(Exchange).order_by(Exchange.id.desc())
    lists = {
        "match": to_match(),
        "nod": unagreed(),
        "answer": unanswered(),
        "dispute": disputed(),
        "hanging": hanging(),
        "open": newest.where(Exchange.state.in_(("matched", "done"))),
        "ended": newest.where(Exchange.state.in_(("paid", "cancelled", "expired"))),
    }
    return lists.get(which, lists["match"])


@console.get("/time")
@staff("desk")
def requests() -> str:
    which, page = request.args.get("which", "match"), asked_page()
    with looking() as by:
        rows = by.session.scalars(_list(which).offset((page - 1) * SHOWN).limit(SHOWN + 1)).all()
        counts = {key: count_rows(by.session, _list(key)) for key in LISTS if key != "ended"}
        facts: dict[str, Any] = {"which": which if which in LISTS else "match", "counts": counts}
        facts |= {"rows": rows[:SHOWN], "page": page, "more": len(rows) > SHOWN, "today": clock.today()}
        return render_template("ledger/console_list.html", lists=LISTS, states=STATES, **facts)


@console.route("/time/ask", methods=["GET", "POST"])
@staff("desk")
def ask() -> Response | str:
    """Somebody at the window asks for help."""
    form = AskForm()

    def unit(by: Actor) -> Exchange:
        account = open_account(by.session, people.the_one(by, form.who.data))
        minutes, hands = request_minutes_in(form.hours.data), int(form.hands.data)
        return actions.ask_for_account(
            by,
            account,
            form.category.data,
            minutes,
            form.wanted_on.data,
            text=form.text.data or "",
            hands=hands,
        )

    if form.validate_on_submit() and (made := attempt(unit, form, "登出去了,时间先留着。")):
        return redirect(url_for(".one", number=made.it.id))
    return render_template("ledger/console_ask.html", form=form)


# ---- one request -----------------------------------------------------------------------------------------------------


@console.get("/time/<int:number>")
@staff("desk")
def one(number: int) -> str:
    return _show(number)


def _show(number: int, **forms: ConsoleForm) -> str:
    """Who asks and what they wrote stand here, so opening it is written down."""

    def unit(by: Actor) -> str:
        row = find(by, Exchange, number)
        audit.note(by, "ledger.read", row)
        facts: dict[str, Any] = {"row": row, "states": STATES, "said": HANDS, "today": clock.today()}
        facts |= {"match": MatchForm(formdata=None), "settle": SettleForm(formdata=None)}
        facts |= {"cancel": CancelForm(formdata=None), "can_cancel": row.state in CAN_BE_CANCELLED} | forms
        facts["offers"] = by.session.scalars(offers_for(row).limit(OFFERS_SHOWN)).all()
        return render_template("ledger/console_one.html", **facts)

    return as_staff(unit)


def _step(
    number: int, form: ConsoleForm, name: str, step: Callable[[Actor, Exchange], Any], done: str
) -> Response | str:
    if form.validate_on_submit() and attempt(lambda by: step(by, find(by, Exchange, number)), form, done):
        return redirect(url_for(".one", number=number))
    return _show(number, **{name: form})


@console.post("/time/<int:number>/match")
@staff("desk")
def match(number: int) -> Response | str:
    """Somebody has said yes on the telephone."""
    form = MatchForm()
    return _step(
        number,
        form,
        "match",
        lambda by, row: actions.match(by, row, people.the_one(by, form.who.data)),
        "记下了,两边都会收到消息。",
    )


@console.post("/time/hands/<int:number>/<any(agree, decline):step>")
@staff("desk")
def nod(number: int, step: str) -> Response:
    """The asker was called and says whether this one may come."""
    take, done = NODS[step]
    asked: list[int] = []

    def unit(by: Actor) -> None:
        hand = find(by, ExchangeHand, number)
        asked.append(hand.exchange_id)
        take(by, hand)

    attempt(unit, done=done)
    return redirect(url_for(".one", number=asked[0]))


@console.post("/time/<int:number>/settle")
@staff("desk")
def settle(number: int) -> Response | str:
    form = SettleForm()

    def step(by: Actor, row: Exchange) -> None:
        typed = form.hours.data.strip()
        actions.settle(by, row, 0 if typed in ("0", "０") else minutes_in(typed), form.reason.data)

    return _step(number, form, "settle", step, "办好了,两边都会收到消息。")


@console.post("/time/<int:number>/cancel")
@staff("desk")
def cancel(number: int) -> Response | str:
    form = CancelForm()
    return _step(
        number,
        form,
        "cancel",
        lambda by, row: actions.cancel(by, row, form.reason.data),
        "取消了,时间退回去了。",
    )


@console.post("/time/<int:number>/confirm")
@staff("desk")
def confirm(number: int) -> Response:
    """The asker was asked by telephone and says that it is done."""
    attempt(lambda by: actions.confirm(by, find(by, Exchange, number)), done="付好了。")
    return redirect(url_for(".one", number=number))


@console.post("/time/<int:number>/enough")
@staff("desk")
def enough(number: int) -> Response:
    """Group work begins with those who are there."""
    attempt(lambda by: actions.enough(by, find(by, Exchange, number)), done="可以开始了。")
    return redirect(url_for(".one", number=number))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk")
def to_do(by: Actor) -> Card:
    """Requests that wait for the desk: disputes first, then answers that are missing, then those without hands."""
    found = [
        ("有争议", disputed()),
        ("等点头", unagreed()),
        ("没回话", unanswered()),
        ("等人答应", to_match()),
    ]
    lines = [
        Line(
            f"{row.category} {row.number}号",
            url_for("ledger_console.one", number=row.id),
            row.changed_at,
            mark,
        )
        for mark, rows in found
        for row in by.session.scalars(rows.limit(SHOWN_TODAY))
    ]
    total = sum(count_rows(by.session, rows) for _, rows in found)
    urgent = any(line.mark == "有争议" for line in lines)
    return Card("互助", total, url_for("ledger_console.requests"), lines[:SHOWN_TODAY], urgent=urgent)
