"""Signing in at the console by words in the chat: for accounts of WeChat whose pages may not learn who opens them."""

from __future__ import annotations

import re

from app.channels.console_words import browser_words
from app.dialogue import Chat, Reply, Say
from handlers.staff import scans
from models.identity import Actor
from models.staff_scan import StaffScan
from models.staff_wechat import member_of

TYPED = re.compile(r"(?:登录)?工作台[::,,。]?(\d{6})", re.ASCII)

chat = Chat("staff")


@chat.says("工作台", "登录工作台")
def about(neighbour: Actor) -> Say:
    return Say("about", member=member_of(neighbour.session, neighbour.identity))


@chat.listens("digits")
def typed(neighbour: Actor, text: str) -> Reply:
    """ "工作台 482913": the digits on a computer's screen."""
    found = TYPED.fullmatch(re.sub(r"\s+", "", text))
    if found is None:
        return None
    row = scans.find_typed(neighbour, found[1])
    if row is None:
        return Say("staff.no_such_digits")
    offers = {1: yes.offer(row=row), 2: no.offer(row=row)}
    member = member_of(neighbour.session, neighbour.identity)
    key = "staff.really_bind" if row.purpose == "bind" else "staff.really_you"
    return Say(key, row=row, member=row.staff or member, machine=browser_words(row.browser), offers=offers)


@chat.offered()
def yes(neighbour: Actor, row: StaffScan) -> Say:
    if row.purpose == "bind":
        return Say("type_number", number=scans.agree_to_bind(neighbour, row))
    scans.pick_number(neighbour, row, row.number)
    scans.approve(neighbour, row)
    return Say("let_in")


@chat.offered()
def no(neighbour: Actor, row: StaffScan) -> Say:
    scans.refuse(neighbour, row)
    return Say("not_let_in")
