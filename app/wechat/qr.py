"""Parametric QR codes: scanning one tells the account which door, poster or session it hangs at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.wechat.caller import Caller
from app.wechat.capabilities import Capability

LONGEST_LIFE = 2_592_000  # 30 days
_LONGEST_SCENE = 64
_PATH = "/cgi-bin/qrcode/create"


@dataclass(frozen=True, slots=True)
class Code:
    """`content` is what the code says (to draw it oneself), `image_url` WeChat's picture; 0 seconds: for
    ever.
    """

    ticket: str
    content: str
    seconds: int
    image_url: str


@dataclass(frozen=True, slots=True)
class QrCodes:
    call: Caller

    def temporary(self, scene: str, seconds: int) -> Code:
        """A code that ends after at most 30 days. (Without `seconds` WeChat would take one minute.)"""
        if not 1 <= seconds <= LONGEST_LIFE:
            raise self.call.refuse(40053, "a code lives 1 second to 30 days", _PATH)
        return self._create("QR_STR_SCENE", scene, seconds)

    def permanent(self, scene: str) -> Code:
        """One of the account's 100,000 codes that never end."""
        return self._create("QR_LIMIT_STR_SCENE", scene, 0)

    def image_url(self, ticket: str) -> str:
        """Where the picture of a code is shown; needs no token."""
        return f"{self.call.app.qr_base.rstrip('/')}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"

    def _create(self, action: str, scene: str, seconds: int) -> Code:
        if not 1 <= len(scene) <= _LONGEST_SCENE:
            raise self.call.refuse(40053, "a scene has 1 to 64 characters", _PATH)
        body: dict[str, Any] = {"action_name": action, "action_info": {"scene": {"scene_str": scene}}}
        if seconds:
            body["expire_seconds"] = seconds
        answer = self.call.post(_PATH, body, (Capability.QRCODE,))
        ticket = str(answer.get("ticket", ""))
        life = int(answer.get("expire_seconds") or 0)
        return Code(ticket, str(answer.get("url", "")), life, self.image_url(ticket))
