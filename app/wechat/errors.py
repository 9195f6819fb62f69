"""What can go wrong between WeChat and us: one error for pushes, two for calls, and a table that says what
to do next.

None of them ever carries a secret, a token or an openid in its text, so that they may be logged and shown
to staff.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.wechat.errcodes import CREDENTIAL_CODES, Handling, Meaning, meaning_of
from app.wechat.redaction import redact

__all__ = [
    "CREDENTIAL_CODES",
    "BadPush",
    "Handling",
    "Meaning",
    "NotWeChat",
    "WeChatError",
    "meaning_of",
    "rid_in",
]

_RID = re.compile(r"rid:?\s*([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})")
_LONGEST_TEXT = 300
CREDENTIAL_PATH = "/cgi-bin/stable_token"  # what fails there was never sent


class BadPush(Exception):
    """A push that is not WeChat's, not for us or not readable; `status` is 400, 403 or 413."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class WeChatError(Exception):
    """WeChat said no, or would say no: `errcode` is WeChat's own, `advice` is Chinese for staff.

    `answer` is WeChat's whole body (45065 carries the first msg_id in it); `refused_here` means that
    nothing was sent.
    """

    def __init__(
        self,
        errcode: int,
        errmsg: str,
        *,
        path: str,
        handling: Handling | None = None,
        answer: Mapping[str, Any] | None = None,
        refused_here: bool = False,
    ) -> None:
        meaning = meaning_of(errcode)
        self.errcode = errcode
        self.errmsg = redact(errmsg)[:_LONGEST_TEXT]
        self.rid = rid_in(errmsg)
        self.handling = handling or meaning.handling
        self.advice = meaning.advice
        self.path = path
        self.answer = dict(answer or {})
        self.refused_here = refused_here
        super().__init__(path, errcode)

    def __str__(self) -> str:
        return f"{self.path}: {self.errcode} {self.handling} {self.errmsg}"


class NotWeChat(Exception):
    """No answer, or one that WeChat's API does not give (HTML, a redirect, cut JSON, HTTP 5xx).

    `maybe_done` is False only where the request surely never left, so that it may be repeated without harm.
    """

    handling = Handling.PASSING
    advice = "没有收到微信的有效回答，请检查网络；不能确定是否已送达的，请人工核对后再发。"

    def __init__(self, reason: str, *, path: str, status: int | None = None, maybe_done: bool = True) -> None:
        self.reason = redact(reason)[:_LONGEST_TEXT]
        self.path = path
        self.status = status
        self.maybe_done = maybe_done
        super().__init__(f"{path}: {self.reason}")


def rid_in(errmsg: str) -> str:
    """WeChat's request id, which its support asks for; empty where the message has none."""
    found = _RID.search(errmsg)
    return found[1] if found else ""
