"""Mini-program calls: login, session check, phone number, mini-program codes, content check."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

from sandbox import codes, tokens
from sandbox.api_sns import unionid_of
from sandbox.api_users import reader_of
from sandbox.contacts import Contact, change_contact, contact
from sandbox.errors import Refused, new_rid
from sandbox.gateway import OK, Answer, Call, Endpoints, File
from sandbox.neighbours import find
from sandbox.pictures import qr_png
from sandbox.rules import VISIT_HOURS
from sandbox.state import read_settings

endpoints = Endpoints()
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
LINK = "wxacode://"


@endpoints.get("/sns/jscode2session", token=False, sns=True)
def login(call: Call) -> Answer:
    app = tokens.known_app(call.platform.apps, call.args.get("appid", ""), call.args.get("secret", ""))
    if not app.mini:
        raise Refused(40013)
    if call.args.get("grant_type") != "authorization_code":
        raise Refused(40002)
    row = codes.redeem(call.db, app, "login", call.args.get("js_code", ""), call.now)
    key = _new_key()
    change_contact(call.db, app.name, row["neighbour"], session_key=key, visited_at=call.now)
    return {"session_key": key, "openid": row["openid"], **unionid_of(call.db, row["neighbour"])}


def _new_key() -> str:
    return b64encode(secrets.token_bytes(16)).decode()


def _session(call: Call) -> Contact:
    """Raises Refused 87007 (no session), 87008 or 87009 (signature)."""
    if call.args.get("sig_method") != "hmac_sha256":
        raise Refused(87008)
    known = contact(call.db, call.app.name, reader_of(call, call.args.get("openid")).id)
    if not known.session_key:
        raise Refused(87007)
    expected = hmac.new(known.session_key.encode(), b"", hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, call.args.get("signature", "")):
        raise Refused(87009)
    return known


@endpoints.get("/wxa/checksession", needs="mini", serves="mini")
def check_session(call: Call) -> Answer:
    _session(call)
    return OK


@endpoints.both("/wxa/resetusersessionkey", needs="mini", serves="mini")
def reset_session(call: Call) -> Answer:
    known, key = _session(call), _new_key()
    change_contact(call.db, call.app.name, known.neighbour, session_key=key)
    return {**OK, "openid": call.args["openid"], "session_key": key}


@endpoints.post("/wxa/business/getuserphonenumber", needs="mini", serves="mini")
def phone_number(call: Call) -> Answer:
    row = codes.redeem(call.db, call.app, "phone", str(call.body.get("code", "")), call.now)
    known = find(call.db, row["neighbour"])
    number = known.phone if known else ""
    mark = {"timestamp": int(call.now), "appid": call.app.appid}
    info = {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86", "watermark": mark}
    return {**OK, "phone_info": info}


@endpoints.post("/wxa/getwxacodeunlimit", needs="mini", serves="mini")
def code_picture(call: Call) -> Answer:
    """Raises Refused 40129 (scene), 41030 (page) or 40097 (width)."""
    scene, page = call.body.get("scene"), str(call.body.get("page") or "")
    if not isinstance(scene, str) or not SCENE.fullmatch(scene):
        raise Refused(40129)
    if page.startswith("/") or "?" in page or _unpublished(call, page):
        raise Refused(41030)
    width = call.body.get("width", 430)
    if not isinstance(width, int) or not 280 <= width <= 1280:
        raise Refused(40097)
    address = LINK + call.app.name + "?" + urlencode({"page": page, "scene": scene})
    return File(qr_png(address, width), "image/png")


def _unpublished(call: Call, page: str) -> bool:
    return bool(call.body.get("check_path", True) and call.app.pages and page and page not in call.app.pages)


@endpoints.post("/wxa/msg_sec_check", needs="mini", serves="mini")
def check_text(call: Call) -> Answer:
    """Version 2: who wrote it must have been there within two hours (61010)."""
    content = call.body.get("content")
    if call.body.get("version") != 2 or call.body.get("scene") not in (1, 2, 3, 4):
        raise Refused(40129)
    if not isinstance(content, str) or not content:
        raise Refused(44004)
    if len(content) > 2500:
        raise Refused(45002)
    known = contact(call.db, call.app.name, reader_of(call, call.body.get("openid")).id)
    if known.visited_at is None or call.now - known.visited_at > VISIT_HOURS:
        raise Refused(61010)
    return {**OK, "trace_id": new_rid(call.now), **_verdict(call, content)}


def _verdict(call: Call, content: str) -> dict[str, Any]:
    whole = " ".join([content, *(str(call.body.get(key, "")) for key in ("title", "nickname", "signature"))])
    word = next((each for each in read_settings(call.db)["risky_words"] if each in whole), None)
    suggest, label = ("risky", 20006) if word else ("pass", 100)
    detail: dict[str, Any] = {
        "strategy": "content_model",
        "errcode": 0,
        "suggest": suggest,
        "label": label,
        "prob": 90,
    }
    if word:
        detail = {
            "strategy": "keyword",
            "errcode": 0,
            "suggest": suggest,
            "label": label,
            "keyword": word,
            "level": 20,
        }
    return {"result": {"suggest": suggest, "label": label}, "detail": [detail]}
