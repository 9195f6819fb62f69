"""Calls that need the account's token: put it in, and when WeChat refuses it fetch once and try once, never
more; and not even once within a minute of the last fetch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from redis import Redis

from app.wechat.capabilities import Capability
from app.wechat.errors import CREDENTIAL_CODES, CREDENTIAL_PATH, Handling, NotWeChat, WeChatError
from app.wechat.tokens import SharedToken
from app.wechat.wire import Answer, Call, Upload, Wire

WRONG_SECRET = frozenset({40001, 40125})


@dataclass(frozen=True, slots=True)
class AppFacts:
    """One account or mini-program at WeChat, and where WeChat is: the real hosts or the sandbox."""

    name: str
    appid: str
    secret: str = field(repr=False)
    api_base: str = "https://api.weixin.qq.com"
    oauth_base: str = "https://open.weixin.qq.com"
    qr_base: str = "https://mp.weixin.qq.com"
    capabilities: frozenset[str] = frozenset()
    secret_now: Callable[[], str] | None = field(default=None, repr=False, compare=False)


class Caller:
    """The account's way to WeChat, shared by all groups of calls. Safe between threads."""

    def __init__(self, app: AppFacts, redis: Redis | None) -> None:
        self.app = app
        self.redis = redis
        self._wire = Wire(app.name, app.api_base)
        self.token = SharedToken(f"token:{app.appid}", self._fetch_token, redis)

    def get(self, path: str, needs: Iterable[str] = (), **params: str) -> Answer:
        """A GET with the token. Raises WeChatError or NotWeChat."""
        return self._with_token(Call(path, params), needs)[0]

    def post(self, path: str, body: Mapping[str, Any], needs: Iterable[str] = ()) -> Answer:
        """A POST of JSON with the token."""
        return self._with_token(Call(path, body=body), needs)[0]

    def upload(self, path: str, upload: Upload, needs: Iterable[str] = (), **params: str) -> Answer:
        """A POST of a file with the token."""
        return self._with_token(Call(path, params, upload=upload), needs)[0]

    def file(self, call: Call, needs: Iterable[str] = ()) -> tuple[Answer, bytes]:
        """A file in answer to `call`, or WeChat's JSON where it has an address instead (videos)."""
        return self._with_token(replace(call, binary=True), needs)

    def without_token(self, path: str, refused: Handling = Handling.LOGIN, **params: str) -> Answer:
        """A GET that is proved by secret or code in `params`; 40001 is then no matter of our token."""
        try:
            if "secret" not in params:
                return self._wire.exchange(Call(path, params))[0]
            return self._proved(lambda secret: Call(path, {**params, "secret": secret}))
        except WeChatError as fault:
            if fault.errcode in CREDENTIAL_CODES:
                fault.handling = refused
            raise

    def refuse(self, errcode: int, why: str, path: str) -> WeChatError:
        """The error that WeChat would give, without asking it."""
        return WeChatError(errcode, f"{why} (not sent)", path=path, refused_here=True)

    def _with_token(self, call: Call, needs: Iterable[str]) -> tuple[Answer, bytes]:
        self._check(needs, call.path)
        token = self.token.get()
        try:
            return self._exchange(call, token)
        except WeChatError as fault:
            if fault.errcode not in CREDENTIAL_CODES or not self.token.renew(token):
                raise
        return self._exchange(call, self.token.get())

    def _check(self, needs: Iterable[str], path: str) -> None:
        """Any one of `needs` is enough; a mini-program has all that is offered to it."""
        needs = tuple(needs)
        if needs and not self.app.capabilities.intersection(needs):
            raise self.refuse(48001, f"this account has no {'/'.join(needs)}", path)

    def _exchange(self, call: Call, token: str) -> tuple[Answer, bytes]:
        return self._wire.exchange(call, token)

    def _fetch_token(self) -> tuple[str, int]:
        """The stable token: the same one for whoever asks, until WeChat renews it."""
        facts = {"grant_type": "client_credential", "appid": self.app.appid, "force_refresh": False}
        try:
            answer = self._proved(lambda secret: Call(CREDENTIAL_PATH, body={**facts, "secret": secret}))
        except WeChatError as fault:
            if fault.errcode in CREDENTIAL_CODES:
                fault.handling = Handling.CONFIGURATION  # here it means: the secret is wrong
            raise
        return _token_of(answer, "access_token", CREDENTIAL_PATH)

    def _proved(self, with_secret: Callable[[str], Call]) -> Answer:
        """A call that the account's secret proves. When WeChat refuses it, with the one that was written down since."""
        try:
            return self._wire.exchange(with_secret(self.app.secret))[0]
        except WeChatError as fault:
            now = self.app.secret_now() if self.app.secret_now else self.app.secret
            if fault.errcode not in WRONG_SECRET or now == self.app.secret:
                raise
        self.app = replace(self.app, secret=now)
        return self._wire.exchange(with_secret(now))[0]


def _token_of(answer: Answer, name: str, path: str) -> tuple[str, int]:
    """A token or ticket with its seconds. NotWeChat where the answer holds none."""
    value, seconds = answer.get(name), answer.get("expires_in")
    if not isinstance(value, str) or not value or not isinstance(seconds, int):
        raise NotWeChat(f"no {name} in the answer", path=path)
    return value, seconds


def ticket_of(answer: Answer, path: str) -> tuple[str, int]:
    """The JS-SDK's ticket with its seconds."""
    return _token_of(answer, "ticket", path)


KF = (Capability.KF, Capability.MINI)
