"""The talk in which a browser is signed in: digits, and whether it is really one's own."""

from __future__ import annotations

import re

from app.dialogue import Ask, Confirm, Go, Offer, Reply, Say
from app.understanding.numbers import plain
from handlers.people.browsers import let_browser_in, sign_browsers_out
from handlers.people.chat import chat
from models.identity import Actor

SIX = re.compile(r"[0-9]{6}")
TYPED = re.compile(r"(?:网页)?登[录陆][::,,。]?([0-9]{6})")


@chat.dialogue("登录", "网页登录", "登录网页", title="网页登录")
async def sign_in_page(resident: Actor, code: str | None = None) -> Say:
    if code is None:
        code = await Ask("page_code", six_digits)
    await Confirm("page_code_confirm")
    if not let_browser_in(resident, code):
        return Say("page_code_wrong", offers={1: sign_in_page.offer()})
    return Say("page_code_done", offers={1: sign_out.offer()})


@chat.says("退出网页", "退出登录")
def sign_out(resident: Actor) -> Say:
    """Also what somebody does who was talked into typing the digits of another browser."""
    sign_browsers_out(resident)
    return Say("pages_signed_out")


@chat.listens("digits")
def digits_with_the_word(_resident: Actor, text: str) -> Reply:
    """ "登录 204816" in one message, as the page says it. Digits alone may be of three kinds: that is asked, whether
    or not somebody is shown them, so that trying them out tells nothing."""
    bare = plain(text).replace(" ", "")
    if SIX.fullmatch(bare):
        ways = {2: Offer.of_word("关联手机"), 3: Offer.of_word("替家人办")}
        return Say("people.bare_digits", offers={1: sign_in_page.offer(code=bare), **ways})
    said = TYPED.fullmatch(bare)
    return Go(sign_in_page.offer(code=said[1])) if said else None


def six_digits(text: str) -> str:
    said = re.fullmatch(r"(?:登[录陆])?([0-9]{6})", plain(text).replace(" ", ""))
    if said is None:
        raise ValueError(text)
    return said[1]
