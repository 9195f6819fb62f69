"""The mini-program's server side: who logs in, whose phone, its round codes, and WeChat's check of texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from app.wechat.caller import Caller
from app.wechat.capabilities import Capability
from app.wechat.errors import Handling, NotWeChat
from app.wechat.wire import Call

_NEEDS = (Capability.MINI,)
_LOGIN = "/sns/jscode2session"
_PHONE = "/wxa/business/getuserphonenumber"
_CODE = "/wxa/getwxacodeunlimit"
_CHECK = "/wxa/msg_sec_check"
_LONGEST_CHECKED = 2500
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")


@dataclass(frozen=True, slots=True)
class MiniLogin:
    """`session_key` opens the person's data: it never leaves the server, not even into a log."""

    openid: str = field(repr=False)
    session_key: str = field(repr=False)
    unionid: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`suggest` is pass, review or risky; `label` 100 means nothing found."""

    suggest: str
    label: int
    trace_id: str


@dataclass(frozen=True, slots=True)
class Mini:
    call: Caller

    def login(self, js_code: str) -> MiniLogin:
        """code2Session: a code works once and for five minutes. WeChatError with handling LOGIN otherwise."""
        if Capability.MINI not in self.call.app.capabilities:
            raise self.call.refuse(48001, "this is no mini-program", _LOGIN)
        app = self.call.app
        proof = {"appid": app.appid, "secret": app.secret, "js_code": js_code}
        answer = self.call.without_token(
            _LOGIN, Handling.CONFIGURATION, **proof, grant_type="authorization_code"
        )
        if not answer.get("openid") or not answer.get("session_key"):
            raise NotWeChat("no openid or session_key in the answer", path=_LOGIN)
        unionid = str(answer.get("unionid") or "")
        return MiniLogin(str(answer["openid"]), str(answer["session_key"]), unionid)

    def phone(self, code: str) -> str:
        """The phone number behind a code of the phone button, without country code; each success may cost."""
        facts = self.call.post(_PHONE, {"code": code}, _NEEDS).get("phone_info")
        number = facts.get("purePhoneNumber") if isinstance(facts, dict) else None
        if not number:
            raise NotWeChat("no phone number in the answer", path=_PHONE)
        return str(number)

    def code(self, scene: str, page: str = "", *, width: int = 430, env_version: str = "release") -> bytes:
        """A round code as JPEG; the page gets `scene` (1–32 visible characters)."""
        if not _SCENE.fullmatch(scene):
            raise self.call.refuse(40129, "scene has 1 to 32 visible characters", _CODE)
        body: dict[str, Any] = {
            "scene": scene,
            "width": min(max(width, 280), 1280),
            "env_version": env_version,
        }
        if page:
            body |= {"page": page.lstrip("/"), "check_path": env_version == "release"}
        _, picture = self.call.file(Call(_CODE, body=body), _NEEDS)
        if not picture:
            raise NotWeChat("no picture in the answer", path=_CODE)
        return picture

    def check_text(self, openid: str, content: str, scene: int = 2) -> Verdict:
        """What WeChat thinks of a text by somebody who used the mini-program within two hours.

        `scene` 1 profile, 2 comment, 3 forum, 4 diary. At most 2,500 characters.
        """
        if len(content) > _LONGEST_CHECKED:
            raise self.call.refuse(45002, f"at most {_LONGEST_CHECKED} characters", _CHECK)
        body = {"openid": openid, "scene": scene, "version": 2, "content": content}
        answer = self.call.post(_CHECK, body, _NEEDS)
        result = answer.get("result")
        if not isinstance(result, dict) or not result.get("suggest"):
            raise NotWeChat("no verdict in the answer", path=_CHECK)
        return Verdict(
            str(result["suggest"]), int(result.get("label") or 0), str(answer.get("trace_id") or "")
        )
