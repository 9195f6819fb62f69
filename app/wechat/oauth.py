"""Who opened our page in WeChat: OAuth, and the signature by which a page may use WeChat's JavaScript."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from app.wechat.caller import Caller, ticket_of
from app.wechat.capabilities import Capability
from app.wechat.errors import Handling, NotWeChat
from app.wechat.tokens import SharedToken

Scope = Literal["snsapi_base", "snsapi_userinfo"]

_STATE = re.compile(r"[0-9A-Za-z]{1,128}")
_CODE = "/sns/oauth2/access_token"
_TICKET = "/cgi-bin/ticket/getticket"


@dataclass(frozen=True, slots=True)
class Visitor:
    """`snapshot` is WeChat's made-up person of the read-only mode: never store or bind that openid."""

    openid: str = field(repr=False)
    unionid: str = field(repr=False)
    snapshot: bool


@dataclass(frozen=True, slots=True)
class OAuth:
    call: Caller

    def authorize_url(self, redirect_uri: str, state: str, scope: Scope = "snsapi_base") -> str:
        """Where to send the browser. `state` (1–128 letters and digits) must be one-time and bound to the
        session.
        """
        if not _STATE.fullmatch(state):
            raise ValueError("state must be 1 to 128 letters and digits")
        self._check("/connect/oauth2/authorize")
        base = self.call.app.oauth_base.rstrip("/")
        # The order of the parameters matters to WeChat.
        return (
            f"{base}/connect/oauth2/authorize?appid={quote(self.call.app.appid, safe='')}"
            f"&redirect_uri={quote(redirect_uri, safe='')}&response_type=code&scope={scope}"
            f"&state={state}#wechat_redirect"
        )

    def exchange(self, code: str) -> Visitor:
        """The person behind a code, which works once and for five minutes. WeChatError with handling LOGIN
        otherwise.
        """
        self._check(_CODE)
        app = self.call.app
        proof = {"appid": app.appid, "secret": app.secret, "code": code, "grant_type": "authorization_code"}
        answer = self.call.without_token(_CODE, Handling.CONFIGURATION, **proof)
        if not answer.get("openid"):
            raise NotWeChat("no openid in the answer", path=_CODE)
        return Visitor(
            openid=str(answer["openid"]),
            unionid=str(answer.get("unionid") or ""),
            snapshot=str(answer.get("is_snapshotuser") or "0") == "1",
        )

    def _check(self, path: str) -> None:
        if Capability.OAUTH not in self.call.app.capabilities:
            raise self.call.refuse(48001, "this account has no oauth", path)


class JsSdk:
    """Signs pages for wx.config. The ticket is scarce and shared by all processes."""

    def __init__(self, call: Caller) -> None:
        self._call = call
        self._ticket = SharedToken(f"jsapi:{call.app.appid}", self._fetch, call.redis)

    def config(self, url: str, now: datetime) -> dict[str, Any]:
        """appId, timestamp, nonceStr and signature for wx.config on the page `url`."""
        nonce, seconds = secrets.token_hex(8), int(now.timestamp())
        proof = jssdk_signature(self._ticket.get(), nonce, seconds, url)
        return {"appId": self._call.app.appid, "timestamp": seconds, "nonceStr": nonce, "signature": proof}

    def _fetch(self) -> tuple[str, int]:
        return ticket_of(self._call.get(_TICKET, (Capability.JSSDK,), type="jsapi"), _TICKET)


def jssdk_signature(ticket: str, nonce: str, seconds: int, url: str) -> str:
    """SHA-1 over raw values in this order; the page's address without what follows #."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={seconds}&url={url.partition('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
