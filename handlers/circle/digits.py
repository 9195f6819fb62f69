"""Digits that answer what was sent to somebody, not what was said last: a code, a job on offer, "好了吗"."""

from __future__ import annotations

import re

from app.dialogue import Reply, Say
from handlers.circle import home, providing, working
from handlers.circle.chat import chat
from models.identity import Actor

_CODE = re.compile(r"师傅\s*(\d{8})")


@chat.listens("digits")
def digits(resident: Actor, text: str) -> Reply:
    """ "师傅 12345678" proves whose WeChat this is; 1 and 2 go to a job on offer first, then to our questions."""
    if (code := _CODE.fullmatch(text)) is not None:
        return Say("circle.linked", provider=providing.link(resident, code[1]))
    return working.yes_or_no(resident, text) or home.answer_digits(resident, text)
