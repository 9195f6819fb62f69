"""Accounts at the desk: found by who it is, looked at with a line in the trail, and moved: posted, given, granted,
stamped, corrected, limited. Above the limit a move waits for a second person (console_orders.py)."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField

from app import audit, clock, work
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, lines_of, sentence, words
from app.channels.lists import asked_page
from handlers.ledger import actions
from handlers.ledger.console import CHOICES, WHO, console
from handlers.ledger.page_book import FIRST_YEAR
from handlers.ledger.rights import signed, what_of
from handlers.ledger.sentences import LONGEST_REASON, minutes_in
from handlers.people import actions as people
from models.identity import Actor
from models.ledger import TimeAccount, TimeTransfer, house_account, open_account
from models.ledger_lists import entries_of, named_accounts, reversed_among, words_of
from models.ledger_rings import flow, pairs, rings
from models.refusal import Refusal
from models.sight import need_sight
from models.time_desk import TimeOrder
from models.work import Work

SHOWN = 30
KINDS = {"person": "居民", "team": "团队", "organisation": "单位", "pool": "互助池", "issue": "社区发行"}
MOVES = {"post": "记入(活动、捐助)", "gift": "替本人送给别人", "grant": "从互助池给他"}


class FindForm(ConsoleForm):
    who = words("找居民的账户", 40, hint=WHO)


class NamedForm(ConsoleForm):
    kind = SelectField("哪一种", choices=choices({"team": "团队", "organisation": "单位"}))
    name = words("名字", 40)


class MoveForm(ConsoleForm):
    kind = SelectField("办什么", choices=choices(MOVES))
    hours = words("多少", 20, hint="比如:1小时、90分钟")
    category = SelectField("类别", choices=[*choices({"志愿服务": "志愿服务", "捐助": "捐助"}), *CHOICES])
    to = words("送给谁", 40, needed=False, hint=f"替本人送时填:{WHO},或“互助池”")
    reason = words("为什么", LONGEST_REASON)
    once = HiddenField(default=lambda: secrets.token_urlsafe(12))


class StampForm(ConsoleForm):
    number = words("印花号", 20, hint="手册上印花的号,一个号只能录一次")
    hours = words("多少", 20, hint="印花上的时间,比如:1小时")
    category = SelectField("类别", choices=[*choices({"志愿服务": "志愿服务"}), *CHOICES])


class ReverseForm(ConsoleForm):
    once = HiddenField(default=lambda: secrets.token_urlsafe(12))
    reason = words("为什么更正", LONGEST_REASON)


class LimitForm(ConsoleForm):
    hours = words("最多欠多少", 20, hint="写 0 就是不能欠")
    reason = words("为什么", LONGEST_REASON)


class GroupForm(ConsoleForm):
    payers = sentence("谁付", 2000, rows=6, hint=f"一人一行:{WHO}")
    taker = words("付给谁", 40, hint=WHO)
    hours = words("每人付多少", 20, hint="比如:1小时")
    category = SelectField("类别", choices=CHOICES)
    once = HiddenField(default=lambda: secrets.token_urlsafe(12))


# ---- finding ---------------------------------------------------------------------------------------------------------


@console.route("/time/accounts", methods=["GET", "POST"])
@staff("desk")
def accounts() -> Response | str:
    """Accounts of teams and partners are listed; a resident's is found by who it is."""
    form = FindForm()

    def unit(by: Actor) -> TimeAccount:
        audit.note(by, "ledger.search", None, found=1)
        return open_account(by.session, people.the_one(by, form.who.data))

    if form.validate_on_submit() and (found := attempt(unit, form)):
        return redirect(url_for(".account", number=found.it.id))
    with looking() as by:
        rows = by.session.scalars(named_accounts()).all()
        facts: dict[str, Any] = {"rows": rows, "kinds": KINDS, "signed": signed}
        return render_template(
            "ledger/console_accounts.html", form=form, new=NamedForm(formdata=None), **facts
        )


@console.post("/time/accounts/new")
@staff("desk")
def open_named() -> Response:
    form = NamedForm()
    if not form.validate_on_submit():
        flash("请填写账户的名字。", "danger")
    elif made := attempt(lambda by: actions.open_named(by, form.kind.data, form.name.data), done="开好了。"):
        return redirect(url_for(".account", number=made.it.id))
    return redirect(url_for(".accounts"))


# ---- one account -----------------------------------------------------------------------------------------------------


@console.get("/time/accounts/<int:number>")
@staff("desk")
def account(number: int) -> str:
    return _show(number)


def _show(number: int, **forms: ConsoleForm) -> str:
    def unit(by: Actor) -> str:
        row, page = seen(by, number), asked_page()
        audit.note(by, "ledger.read", row)
        wanted = entries_of(row).offset((page - 1) * SHOWN).limit(SHOWN + 1)
        found = by.session.scalars(wanted).all()
        numbers = [one.transfer_id for one in found]
        facts: dict[str, Any] = {
            "row": row,
            "entries": found[:SHOWN],
            "more": len(found) > SHOWN,
            "page": page,
        }
        facts |= {"corrected": reversed_among(by.session, numbers), "words": words_of(by.session, numbers)}
        facts |= {"kinds": KINDS, "signed": signed, "what_of": what_of, "years": _years()}
        facts |= {"move": MoveForm(formdata=None), "stamp": StampForm(formdata=None)}
        facts |= forms
        return render_template("ledger/console_account.html", **facts)

    return as_staff(unit)


def _years() -> list[int]:
    return list(range(clock.today().year, max(clock.today().year - 5, FIRST_YEAR) - 1, -1))


def seen(by: Actor, number: int) -> TimeAccount:
    """The account, when this member of staff may see whose it is."""
    row = find(by, TimeAccount, number)
    if row.person is not None:
        need_sight(by, row.person)
    return row


@console.post("/time/accounts/<int:number>/move")
@staff("desk")
def move(number: int) -> Response | str:
    """Posted, given on somebody's behalf, or granted by the pool: with a reason; above the limit a second one looks."""
    form = MoveForm()
    if form.validate_on_submit() and (made := attempt(lambda by: _ordered(by, form, seen(by, number)), form)):
        flash(
            "办好了。" if made.it.state == "done" else "超过了一个人能办的数,等另一位同事看过再记。",
            "success",
        )
        return redirect(url_for(".account", number=number))
    return _show(number, move=form)


def _ordered(by: Actor, form: MoveForm, row: TimeAccount) -> TimeOrder:
    minutes, kind, reason = minutes_in(form.hours.data), form.kind.data, form.reason.data
    once = f"form:{form.once.data}"
    if kind == "gift":
        taker = _taker(by, form.to.data or "")
        return actions.order(by, actions.Wanted(kind, minutes, reason, giver=row, taker=taker), once=once)
    category = form.category.data if kind == "post" else ""
    return actions.order(by, actions.Wanted(kind, minutes, reason, taker=row, category=category), once=once)


def _taker(by: Actor, said: str) -> TimeAccount:
    """A resident by who they are, a team or partner by its name, or the pool."""
    if said in ("互助池", "社区互助池"):
        return house_account(by.session, "pool")
    named = select(TimeAccount).where(
        TimeAccount.kind.in_(("team", "organisation")), TimeAccount.name == said
    )
    return by.session.scalar(named) or open_account(by.session, people.the_one(by, said))


@console.post("/time/accounts/<int:number>/stamp")
@staff("desk")
def stamp(number: int) -> Response | str:
    form = StampForm()

    def unit(by: Actor) -> None:
        minutes, row = minutes_in(form.hours.data), seen(by, number)
        actions.enter_stamp(by, row, form.number.data, minutes, category=form.category.data)

    if form.validate_on_submit() and attempt(unit, form, "录好了。"):
        return redirect(url_for(".account", number=number))
    return _show(number, stamp=form)


@console.post("/time/accounts/<int:number>/entries/<int:transfer>/reverse")
@staff("desk")
def reverse(number: int, transfer: int) -> Response:
    """Correct one entry by its mirror; above the limit a second one looks."""
    form = ReverseForm()

    def unit(by: Actor) -> TimeOrder:
        row, wrong = seen(by, number), find(by, TimeTransfer, transfer)
        mine = [leg for leg in wrong.postings if leg.account_id == row.id]
        if not mine:
            raise Refusal("ledger.not_reversible", transfer=wrong)
        largest = max(abs(leg.minutes) for leg in wrong.postings)
        wanted = actions.Wanted("reversal", largest, form.reason.data, reverses=wrong, taker=row)
        return actions.order(by, wanted, once=f"form:{form.once.data}")

    if not form.validate_on_submit():
        flash("请写明为什么更正。", "danger")
    elif made := attempt(unit):
        done = made.it.state == "done"
        flash("更正好了,两边的账都改回来了。" if done else "等另一位同事看过再更正。", "success")
    return redirect(url_for(".account", number=number))


@console.post("/time/accounts/<int:number>/limit")
@staff("approver")
def limit(number: int) -> Response:
    """How far it may go below zero: not for those who post."""
    form = LimitForm()

    def unit(by: Actor) -> None:
        typed = form.hours.data.strip()
        lowest = 0 if typed in ("0", "０") else -minutes_in(typed)
        actions.change_limit(by, find(by, TimeAccount, number), lowest, form.reason.data)

    if not form.validate_on_submit():
        flash("请写明上限和原因。", "danger")
    else:
        attempt(unit, done="改好了。")
    return redirect(url_for(".orders"))


@console.post("/time/accounts/<int:number>/book")
@staff("desk")
def book(number: int) -> Response:
    """The paper book, or the year's statement, to be printed."""

    def unit(by: Actor) -> Work:
        row, year = seen(by, number), request.form.get("year", "")
        facts = {"account": row.id, "year": int(year) if year.isdecimal() and len(year) == 4 else 0}
        paper = "a5" if request.form.get("paper") == "a5" else "a4"
        return work.ask_for(by, "ledger.book", paper=paper, **facts)

    made = attempt(unit)
    return redirect(
        url_for("console.show", number=made.it.id) if made else url_for(".account", number=number)
    )


# ---- many to one, and rings ------------------------------------------------------------------------------------------


@console.route("/time/group", methods=["GET", "POST"])
@staff("desk")
def group() -> Response | str:
    """Each of those whom somebody served at once pays the same."""
    form = GroupForm()

    def unit(by: Actor) -> None:
        payers = [open_account(by.session, people.the_one(by, line)) for line in lines_of(form.payers.data)]
        taker = open_account(by.session, people.the_one(by, form.taker.data))
        minutes, once = minutes_in(form.hours.data), f"group:{form.once.data}"
        actions.pay_together(by, payers, taker, minutes, category=form.category.data, once=once)

    if form.validate_on_submit() and attempt(unit, form, "付好了,一笔记完。"):
        return redirect(url_for(".accounts"))
    return render_template("ledger/console_group.html", form=form)


@console.get("/time/rings")
@staff("desk")
def rings_seen() -> str:
    """Who trades in a ring: names stand here, so that it was looked at is written down."""

    def unit(by: Actor) -> str:
        found = flow(by.session)
        circles, twos = rings(found), pairs(found)
        numbers = {number for ring in circles for number in ring.accounts}
        numbers |= {number for pair in twos for number in pair.accounts}
        held = select(TimeAccount).where(TimeAccount.id.in_(numbers))
        known = {row.id: row for row in by.session.scalars(held)}
        audit.note(by, "ledger.rings", None, found=len(circles) + len(twos))
        return render_template("ledger/console_rings.html", rings=circles, pairs=twos, accounts=known)

    return as_staff(unit)
