"""Signing in at the console by words in the chat: for accounts of WeChat whose pages may not learn who opens them."""

from __future__ import annotations

import re

from app.channels.console_words import browser_words
from app.dialogue import Chat, Offer, Reply, Say
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
    offers = {1: yes.offer(row=row), 2: no.offer(row=row)} if row.purpose == "bind" else _numbers(row)
    member = member_of(neighbour.session, neighbour.identity)
    key = "staff.really_bind" if row.purpose == "bind" else "staff.really_you"
    return Say(key, row=row, member=row.staff or member, machine=browser_words(row.browser), offers=offers)


def _numbers(row: StaffScan) -> dict[int, Offer]:
    """Of three numbers the one on the screen, as on the page: a mere yes would be said by habit to a stranger's
    computer."""
    picks = {place: pick.offer(row=row, number=number) for place, number in enumerate(row.choices, 1)}
    return picks | {len(picks) + 1: no.offer(row=row)}


@chat.offered()
def yes(neighbour: Actor, row: StaffScan) -> Say:
    return Say("type_number", number=scans.agree_to_bind(neighbour, row))


@chat.offered()
def pick(neighbour: Actor, row: StaffScan, number: int) -> Say:
    if not scans.pick_number(neighbour, row, number):
        return Say("not_let_in")
    scans.approve(neighbour, row)
    return Say("let_in")


@chat.offered()
def no(neighbour: Actor, row: StaffScan) -> Say:
    scans.refuse(neighbour, row)
    return Say("not_let_in")
