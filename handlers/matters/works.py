"""Pictures that came by chat lie at WeChat for three days: fetched when the staff ask, outside any request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import audit, pictures
from app.wechat.errors import NotWeChat, WeChatError
from app.work import Task, WorkKind
from handlers.matters import actions
from models.identity import Actor
from models.matters import MatterPhoto
from models.refusal import Refusal

FETCH = "matters.fetch_photo"


def fetch_photo(task: Task) -> Mapping[str, Any]:
    """Once is enough: a picture that is here already is not fetched again."""
    number = int(task.facts["photo"])
    with task.site.database.reading() as session:
        photo = session.get(MatterPhoto, number)
        media_id = photo.media_id if photo is not None and photo.file_id is None else None
        matter = photo.matter_id if photo is not None else 0
    if media_id is None:
        return {"matter": matter}
    task.step(0, 1, "正在从微信取照片")
    try:
        clean, media_type = pictures.clean(task.site.main.media.get(media_id))
    except (WeChatError, NotWeChat, pictures.BadPicture) as fault:
        raise Refusal("matters.photo_gone") from fault
    task.writing(lambda by: _keep(by, number, clean, media_type))
    return {"matter": matter}


def _keep(by: Actor, number: int, content: bytes, media_type: str) -> None:
    photo = by.session.get_one(MatterPhoto, number)
    if photo.file_id is None:
        actions.keep_photo(by, photo, content, media_type)
        audit.note(by, "matters.fetch_photo", photo.matter)


WORKS = (WorkKind(FETCH, "从微信取照片", fetch_photo, "matters/console_fetched.html"),)
