"""Followers: who they are to the account, their remark and their tags. No names and no pictures since 2021."""

from __future__ import annotations

from typing import Any

from sandbox.api_sns import unionid_of
from sandbox.contacts import change_contact, contact, followers
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints
from sandbox.neighbours import Neighbour, openid_of, owner_of
from sandbox.tags import tags_of

endpoints = Endpoints()
PAGE = 10_000


def reader_of(call: Call, openid: Any) -> Neighbour:
    found = owner_of(call.db, call.app, str(openid or ""))
    if found is None:
        raise Refused(40003)
    return found


def _shown(call: Call, openid: Any) -> dict[str, Any]:
    reader = reader_of(call, openid)
    known = contact(call.db, call.app.name, reader.id)
    union = unionid_of(call.db, reader.id)
    if not known.following:
        return {"subscribe": 0, "openid": openid, **union}
    tags = tags_of(call.db, call.app.name, reader.id)
    return {
        "subscribe": 1,
        "openid": openid,
        "language": "zh_CN",
        "subscribe_time": int(known.followed_at or 0),
        **union,
        "remark": known.remark,
        "groupid": tags[0] if tags else 0,
        "tagid_list": tags,
        "subscribe_scene": known.scene,
        "qr_scene": known.qr_scene,
        "qr_scene_str": known.qr_scene_str,
    }


@endpoints.get("/cgi-bin/user/info", needs="users")
def info(call: Call) -> Answer:
    if not call.args.get("openid"):
        raise Refused(41009)
    return _shown(call, call.args["openid"])


@endpoints.post("/cgi-bin/user/info/batchget", needs="users")
def several(call: Call) -> Answer:
    asked = call.body.get("user_list")
    if not isinstance(asked, list) or not 1 <= len(asked) <= 100:
        raise Refused(40032)
    return {"user_info_list": [_shown(call, each.get("openid")) for each in asked]}


@endpoints.get("/cgi-bin/user/get", needs="users")
def everyone(call: Call) -> Answer:
    """`data` is missing on an empty page."""
    return page(
        [openid_of(call.db, call.app, each) for each in followers(call.db, call.app.name)], call, "total"
    )


def page(openids: list[str], call: Call, total: str | None = None) -> dict[str, Any]:
    after = str(call.args.get("next_openid") or call.body.get("next_openid") or "")
    if after and after not in openids:
        raise Refused(40003)
    rest = openids[openids.index(after) + 1 :] if after else openids
    shown = rest[:PAGE]
    head: dict[str, Any] = {total: len(openids)} if total else {}
    data = {"data": {"openid": shown}} if shown else {}
    return {**head, "count": len(shown), **data, "next_openid": shown[-1] if shown else ""}


@endpoints.post("/cgi-bin/user/info/updateremark", needs="users")
def remark(call: Call) -> Answer:
    text = call.body.get("remark")
    if not isinstance(text, str) or len(text.encode()) >= 30:
        raise Refused(40097)
    reader = reader_of(call, call.body.get("openid"))
    change_contact(call.db, call.app.name, reader.id, remark=text)
    return OK
