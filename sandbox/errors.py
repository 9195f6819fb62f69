"""The platform's error answers: code, English text and the request id (rid) that support asks for."""

from __future__ import annotations

import secrets
from typing import Any

UNKNOWN_CREDENTIAL = (
    "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, "
    "more details at https://mmbizurl.cn/s/JtxxFh33r"
)

TEXTS: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid meida size",  # the platform's own spelling
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40015: "invalid menu type",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40030: "invalid refresh_token",
    40032: "invalid openid list size",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid args size",
    40036: "invalid template_id size",
    40037: "invalid template_id",
    40039: "invalid url size",
    40052: "invalid action name",
    40053: "invalid action info, please check document",
    40054: "invalid sub button url domain",
    40055: "invalid button url domain",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40130: "invalid openid list size, at least two openid",
    40132: "invalid username",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    40165: "invalid weapp pagepath",
    40169: "invalid length for scene, or the data is not json string",
    40249: "template message is judged as marketing",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41008: "missing code",
    41009: "missing openid",
    41030: "invalid page",
    42001: "access_token expired",
    42002: "refresh_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    43101: "user refuse to accept the msg",
    43104: "this appid does not have permission",
    44001: "empty media data",
    44002: "empty post data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "url size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45028: "has no masssend quota",
    45029: "qrcode count out of limit",
    45047: "out of response count limit",
    45056: "too many tag now, no need to add new",
    45058: "can't modify sys tag",
    45059: "can not tagging one user too much",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast",
    45067: "clientmsgid size out of limit",
    45072: "invalid command",
    45080: "need sending message to user, or recving message from user in the last 30 seconds before typing",
    45081: "you are already typing",
    45110: "author size out of limit",
    45157: "invalid tag name",
    45158: "tag name too long",
    45159: "invalid tag id",
    45166: "invalid content",
    45168: "keyword in blacklist",
    46001: "media data no exist",
    46003: "menu no exist",
    46004: "user no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48006: "forbid to clear quota because of reaching the limit",
    48008: "no permission for this msgtype",
    49003: "not match openid with appid",
    50001: "api unauthorized or user unauthorized",
    50002: "user limited",
    53404: "draft is not available",
    53600: "invalid article_id",
    61010: "code is expired",
    76001: "rid not found",
    76002: "rid is error",
    76021: "cgi_path not found",
    76022: "could not use this cgi_path, no permission",
    87007: "session_key is not existd or expired",  # the platform's own spelling
    87008: "invalid sig_method",
    87009: "invalid signature",
    89503: "the administrator must confirm this call",
}


class Refused(Exception):
    """One refusal in the platform's words; `extra` joins the error body (45065 carries the first msg_id)."""

    def __init__(self, code: int, text: str | None = None, **extra: Any) -> None:
        self.code = code
        self.text = text or TEXTS.get(code, "system error")
        self.extra = extra
        super().__init__(f"{code} {self.text}")


def new_rid(now: float) -> str:
    """Three groups of eight hex digits; the first is the Unix time, as on the real platform."""
    return f"{int(now):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"


def error_body(refused: Refused, rid: str, sns: bool = False) -> dict[str, Any]:
    """Web login (sns) puts a comma before the rid, everything else a blank."""
    joint = ", rid: " if sns else " rid: "
    return {"errcode": refused.code, "errmsg": refused.text + joint + rid, **refused.extra}
