"""Mass sending: accepted now, delivered by a job, reported by MASSSENDJOBFINISH.

A verified 公众号 has one send a day. A 服务号 reaches each follower at most four times in a calendar month; who had
four is counted as an error of that send, not refused beforehand.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from sandbox.api_kf import text_of
from sandbox.api_users import reader_of
from sandbox.articles import draft, items, publish
from sandbox.chat import Bubble, say
from sandbox.contacts import followers
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints
from sandbox.mass_job import run
from sandbox.media import find, url_of
from sandbox.periods import day_of, month_of
from sandbox.rules import CLIENT_ID_MASS, MASS_PER_MONTH, MINUTE
from sandbox.state import read_settings
from sandbox.tags import tagged

endpoints = Endpoints()


@endpoints.post("/cgi-bin/message/mass/sendall", needs="mass_tag")
def send_by_tag(call: Call) -> Answer:
    wanted = call.body.get("filter")
    if not isinstance(wanted, dict):
        raise Refused(47001)
    to_all = bool(wanted.get("is_to_all"))
    if to_all:
        return _accept(call, followers(call.db, call.app.name), to_all=True)
    known = "SELECT 1 FROM tag WHERE app = ? AND id = ?"
    if call.db.execute(known, (call.app.name, wanted.get("tag_id"))).fetchone() is None:
        raise Refused(45159)
    return _accept(call, tagged(call.db, call.app.name, int(wanted["tag_id"])), to_all=False)


@endpoints.post("/cgi-bin/message/mass/send", needs="mass_openid")
def send_by_openid(call: Call) -> Answer:
    openids = call.body.get("touser")
    if not isinstance(openids, list) or not 2 <= len(openids) <= 10_000:
        raise Refused(40130)
    return _accept(call, [reader_of(call, each).id for each in openids], to_all=False)


@endpoints.post("/cgi-bin/message/mass/preview", needs="mass_tag")
def preview(call: Call) -> Answer:
    openid = str(call.body.get("touser") or "")
    if not openid:
        raise Refused(40132 if call.body.get("towxname") else 40003)
    reader = reader_of(call, openid)
    kind, body, _ = _payload(call, preview=True)
    say(call.db, call.app.name, reader.id, openid, call.now, Bubble("account", kind, body, "preview"))
    return {**OK, "msg_id": secrets.randbelow(10**9) + 3 * 10**9}


def _accept(call: Call, readers: list[str], to_all: bool) -> Answer:
    _check_client_id(call)
    kind, body, draft_id = _payload(call)
    _check_quota(call, to_all)
    msg_id = secrets.randbelow(10**9) + 3 * 10**9
    job = {"kind": kind, "body": body, "draft": draft_id}
    row = (msg_id, call.app.name, call.now, json.dumps(job, ensure_ascii=False), json.dumps(readers))
    call.db.execute("INSERT INTO mass VALUES (?, ?, ?, ?, ?, 'SENDING', ?)", (*row, int(to_all)))
    _remember_client_id(call, msg_id)
    if not (to_all and read_settings(call.db)["mass_confirm"]):
        call.later.append(lambda: call.platform.soon(lambda: run(call.platform, msg_id)))
    more = {"msg_data_id": msg_id + 11} if draft_id else {}
    return {"errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id, **more}


def _check_client_id(call: Call) -> None:
    """Raises Refused 45067 (too long), 45066 (again within a minute) or 45065 (again within a day)."""
    client_id = str(call.body.get("clientmsgid") or "")
    if len(client_id.encode()) > 32:
        raise Refused(45067)
    query = "SELECT * FROM sent_once WHERE app = ? AND scope = 'mass' AND client_id = ? AND at > ?"
    held = call.db.execute(query, (call.app.name, client_id, call.now - CLIENT_ID_MASS)).fetchone()
    if client_id and held:
        raise Refused(45066 if call.now - held["at"] < MINUTE else 45065, msg_id=held["msg_id"])


def _remember_client_id(call: Call, msg_id: int) -> None:
    client_id = str(call.body.get("clientmsgid") or "")
    if client_id:
        row = (call.app.name, client_id, call.now, msg_id)
        call.db.execute("INSERT OR REPLACE INTO sent_once VALUES (?, 'mass', ?, ?, ?)", row)


def _check_quota(call: Call, to_all: bool) -> None:
    query = "SELECT at, to_all FROM mass WHERE app = ? AND status != 'SEND_FAIL'"
    done = call.db.execute(query, (call.app.name,)).fetchall()
    today = [row for row in done if day_of(row["at"]) == day_of(call.now)]
    if call.app.kind == "subscription" and today:
        raise Refused(45028)
    to_everybody = [row for row in done if row["to_all"] and month_of(row["at"]) == month_of(call.now)]
    if to_all and (any(row["to_all"] for row in today) or len(to_everybody) >= MASS_PER_MONTH):
        raise Refused(45028)


Payload = tuple[str, dict[str, Any], str | None]


def _payload(call: Call, preview: bool = False) -> Payload:
    """Kind and body of the bubble, and the draft that the send uses up. Raises Refused 40008, 40007, 44004."""
    kind = str(call.body.get("msgtype", ""))
    key = "images" if kind == "image" and not preview else kind
    content = call.body.get(key)
    if kind not in ("mpnews", "text", "voice", "image", "mpvideo"):
        raise Refused(40008)
    if not isinstance(content, dict):
        raise Refused(44004)
    if kind == "mpnews":
        return _articles(call, content, preview)
    if kind == "text":
        return "text", {"text": text_of(content)}, None
    return _file(call, kind, content)


def _articles(call: Call, content: dict[str, Any], preview: bool) -> Payload:
    row = draft(call, content.get("media_id"))
    _, article_id = publish(call.db, call.app.name, call.now, row["body"], status=0)
    shown = items(call.platform.base_url, article_id, row["body"])
    return "news", {"items": shown}, None if preview else row["media_id"]


def _file(call: Call, kind: str, content: dict[str, Any]) -> Payload:
    media_ids = content.get("media_ids") or [content.get("media_id", "")]
    rows = [find(call.db, call.app.name, each, call.now) for each in media_ids]
    if not rows:
        raise Refused(40007)
    shown = {"mpvideo": "video"}.get(kind, kind)
    return shown, {"url": url_of(call.platform.base_url, rows[0]["media_id"])}, None


@endpoints.post("/cgi-bin/message/mass/get", needs="mass_tag")
def status(call: Call) -> Answer:
    row = call.db.execute("SELECT * FROM mass WHERE app = ? AND msg_id = ?", _key(call)).fetchone()
    if row is None:
        raise Refused(40097)
    return {"msg_id": row["msg_id"], "msg_status": row["status"]}


@endpoints.post("/cgi-bin/message/mass/delete", needs="mass_tag")
def delete(call: Call) -> Answer:
    """Only the article's page disappears; the bubble stays in the chat."""
    query = "UPDATE mass SET status = 'DELETE' WHERE app = ? AND msg_id = ? AND status = 'SEND_SUCCESS'"
    if not call.db.execute(query, _key(call)).rowcount:
        raise Refused(40097)
    return OK


def _key(call: Call) -> tuple[str, str]:
    return call.app.name, str(call.body.get("msg_id", ""))
