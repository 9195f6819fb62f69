"""Files: temporary ones for messages, permanent ones for articles, pictures inside articles."""

from __future__ import annotations

import json
from typing import Any

from flask import request

from sandbox import media
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints, File
from sandbox.media import MB, Upload

endpoints = Endpoints()


def _file() -> tuple[bytes, str]:
    sent = request.files.get("media")
    if sent is None:
        raise Refused(41005)
    return sent.read(), sent.filename or "file"


@endpoints.both("/cgi-bin/media/upload", needs="media", serves="both")
def upload(call: Call) -> Answer:
    content, name = _file()
    made = Upload(call.args.get("type", ""), content, name)
    media_id = media.keep(call.db, call.app.name, made, media.check(made), call.now)
    named = "thumb_media_id" if made.kind == "thumb" else "media_id"
    return {"type": made.kind, named: media_id, "created_at": int(call.now)}


@endpoints.get("/cgi-bin/media/get", needs="media", serves="both")
def get(call: Call) -> Answer:
    if not call.args.get("media_id"):
        raise Refused(41006)
    return _shown(call, media.find(call.db, call.app.name, call.args["media_id"], call.now), "video_url")


def _shown(call: Call, row: Any, video_key: str) -> Answer:
    if row["kind"] == "video":
        about = {"title": row["title"], "description": row["introduction"]} if video_key == "down_url" else {}
        return {**about, video_key: media.url_of(call.platform.base_url, row["media_id"])}
    return File(row["content"], row["mime"], row["filename"])


@endpoints.both("/cgi-bin/media/uploadimg", needs="media")
def upload_article_picture(call: Call) -> Answer:
    """JPG and PNG under 1 MB; the address is the only thing that articles may show."""
    content, name = _file()
    made = Upload("image", content, name, permanent=True)
    mime = media.check(made)
    if mime == "image/gif":
        raise Refused(40005)
    if len(content) >= MB:
        raise Refused(40009)
    media_id = media.keep(call.db, call.app.name, made, mime, call.now)
    return {"url": media.url_of(call.platform.base_url, media_id)}


@endpoints.both("/cgi-bin/material/add_material", needs="media")
def add(call: Call) -> Answer:
    content, name = _file()
    about = _description() if call.args.get("type") == "video" else {}
    made = Upload(call.args.get("type", ""), content, name, permanent=True, **about)
    media_id = media.keep(call.db, call.app.name, made, media.check(made), call.now)
    if made.kind in ("image", "thumb"):
        return {"media_id": media_id, "url": media.url_of(call.platform.base_url, media_id)}
    return {"media_id": media_id}


def _description() -> dict[str, str]:
    try:
        about = json.loads(request.form.get("description", ""))
        return {"title": str(about["title"]), "introduction": str(about["introduction"])}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(47001) from error


def _permanent(call: Call) -> Any:
    row = media.find(call.db, call.app.name, call.body.get("media_id", ""), call.now)
    if row["until"] is not None:
        raise Refused(40007)
    return row


@endpoints.post("/cgi-bin/material/get_material", needs="media")
def get_permanent(call: Call) -> Answer:
    return _shown(call, _permanent(call), "down_url")


@endpoints.post("/cgi-bin/material/del_material", needs="media")
def delete(call: Call) -> Answer:
    call.db.execute("DELETE FROM media WHERE media_id = ?", (_permanent(call)["media_id"],))
    return OK


@endpoints.get("/cgi-bin/material/get_materialcount", needs="media")
def count(call: Call) -> Answer:
    query = "SELECT kind, count(*) AS n FROM media WHERE app = ? AND until IS NULL GROUP BY kind"
    found = {row["kind"]: row["n"] for row in call.db.execute(query, (call.app.name,))}
    return {f"{kind}_count": found.get(kind, 0) for kind in ("voice", "video", "image", "news")}
