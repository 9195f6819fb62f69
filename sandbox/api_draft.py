"""Drafts and free publishing: publishing asks nobody, notifies nobody and uses no mass quota."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Any

from sandbox.apps import App
from sandbox.articles import cleaned, draft, items, publish
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints
from sandbox.platform import Platform

endpoints = Endpoints()


@endpoints.post("/cgi-bin/draft/add", needs="draft")
def add(call: Call) -> Answer:
    given = call.body.get("articles")
    if not isinstance(given, list) or not 1 <= len(given) <= 8:
        raise Refused(45008)
    media_id = secrets.token_urlsafe(48)[:64]
    _keep(call, media_id, [cleaned(call, each) for each in given])
    return {"media_id": media_id}


def _keep(call: Call, media_id: str, articles: list[dict[str, Any]]) -> None:
    body = json.dumps(articles, ensure_ascii=False)
    call.db.execute(
        "INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?, 0)", (media_id, call.app.name, call.now, body)
    )


def _shown(call: Call, row: sqlite3.Row) -> list[dict[str, Any]]:
    url = f"{call.platform.base_url}/s/draft-{row['media_id'][:12]}"
    return [{**each, "url": url} for each in json.loads(row["body"])]


@endpoints.post("/cgi-bin/draft/get", needs="draft")
def get(call: Call) -> Answer:
    return {"news_item": _shown(call, draft(call, call.body.get("media_id")))}


@endpoints.post("/cgi-bin/draft/update", needs="draft")
def update(call: Call) -> Answer:
    row = draft(call, call.body.get("media_id"))
    articles, place = json.loads(row["body"]), call.body.get("index", 0)
    if not isinstance(place, int) or not 0 <= place < len(articles):
        raise Refused(40097)
    articles[place] = cleaned(call, call.body.get("articles"))
    _keep(call, row["media_id"], articles)
    return OK


@endpoints.post("/cgi-bin/draft/delete", needs="draft")
def delete(call: Call) -> Answer:
    row = draft(call, call.body.get("media_id"))
    call.db.execute("DELETE FROM draft WHERE media_id = ?", (row["media_id"],))
    return OK


def _count(call: Call) -> int:
    query = "SELECT count(*) FROM draft WHERE app = ? AND spent = 0"
    return int(call.db.execute(query, (call.app.name,)).fetchone()[0])


@endpoints.get("/cgi-bin/draft/count", needs="draft")
def count(call: Call) -> Answer:
    return {"total_count": _count(call)}


@endpoints.post("/cgi-bin/draft/batchget", needs="draft")
def several(call: Call) -> Answer:
    offset, most = call.body.get("offset", 0), call.body.get("count", 20)
    if not isinstance(offset, int) or not isinstance(most, int) or not 1 <= most <= 20:
        raise Refused(40097)
    query = "SELECT * FROM draft WHERE app = ? AND spent = 0 ORDER BY updated DESC, media_id LIMIT ? OFFSET ?"
    rows = call.db.execute(query, (call.app.name, most, offset)).fetchall()
    brief = bool(call.body.get("no_content"))
    item = [
        {
            "media_id": row["media_id"],
            "content": {"news_item": _brief(_shown(call, row), brief)},
            "update_time": int(row["updated"]),
        }
        for row in rows
    ]
    return {"total_count": _count(call), "item_count": len(item), "item": item}


def _brief(articles: list[dict[str, Any]], brief: bool) -> list[dict[str, Any]]:
    return [{**each, "content": ""} for each in articles] if brief else articles


@endpoints.post("/cgi-bin/freepublish/submit", needs="freepublish")
def submit(call: Call) -> Answer:
    """Accepted only; PUBLISHJOBFINISH tells the end."""
    row = draft(call, call.body.get("media_id"))
    publish_id, _ = publish(call.db, call.app.name, call.now, row["body"], status=1)
    call.db.execute("UPDATE draft SET spent = 1 WHERE media_id = ?", (row["media_id"],))
    app, platform = call.app, call.platform
    call.later.append(lambda: platform.soon(lambda: finish(platform, app, publish_id)))
    return {**OK, "publish_id": str(publish_id), "msg_data_id": publish_id + 7}


def finish(platform: Platform, app: App, publish_id: int) -> None:
    with platform.store.writing() as db:
        db.execute("UPDATE publication SET status = 0 WHERE publish_id = ? AND status = 1", (publish_id,))
        row = db.execute("SELECT * FROM publication WHERE publish_id = ?", (publish_id,)).fetchone()
    shown = items(platform.base_url, row["article_id"], row["body"])
    item = [{"idx": place, "article_url": each["url"]} for place, each in enumerate(shown, 1)]
    info = {"publish_id": publish_id, "publish_status": 0, "article_id": row["article_id"]}
    fields = {"PublishEventInfo": {**info, "article_detail": {"count": len(item), "item": item}}}
    platform.event_soon(app, "mphelper", "PUBLISHJOBFINISH", fields)


@endpoints.post("/cgi-bin/freepublish/get", needs="freepublish")
def published(call: Call) -> Answer:
    query = "SELECT * FROM publication WHERE app = ? AND publish_id = ?"
    row = call.db.execute(query, (call.app.name, str(call.body.get("publish_id", "")))).fetchone()
    if row is None:
        raise Refused(40097)
    head = {"publish_id": str(row["publish_id"]), "publish_status": row["status"], "fail_idx": []}
    if row["status"]:
        return head
    shown = items(call.platform.base_url, row["article_id"], row["body"])
    item = [{"idx": place, "article_url": each["url"]} for place, each in enumerate(shown, 1)]
    return {**head, "article_id": row["article_id"], "article_detail": {"count": len(item), "item": item}}


@endpoints.post("/cgi-bin/freepublish/delete", needs="freepublish")
def withdraw(call: Call) -> Answer:
    query = "UPDATE publication SET status = 5 WHERE app = ? AND article_id = ? AND status = 0"
    if not call.db.execute(query, (call.app.name, str(call.body.get("article_id", "")))).rowcount:
        raise Refused(53600)
    return OK
