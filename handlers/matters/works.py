"""Pictures and voices that came by chat lie at WeChat for three days: fetched soon by the scheduler's hands, and when
the staff ask, outside any request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app import audit, clock, pictures
from app.site import Site
from app.wechat.errors import NotWeChat, WeChatError
from app.work import Task, WorkKind
from handlers.matters import actions
from models.identity import Actor
from models.matter_lists import photos_to_fetch
from models.matters import MatterPhoto
from models.refusal import Refusal

FETCH = "matters.fetch_photo"
VOICE_TYPE = "audio/amr"
MOST_AT_ONCE, AGAIN = 20, timedelta(minutes=20)


def fetch_photo(task: Task) -> Mapping[str, Any]:
    """Once is enough: what is here already is not fetched again."""
    number = int(task.facts["photo"])
    with task.site.database.reading() as session:
        photo = session.get(MatterPhoto, number)
        wanted = photo.media_id if photo is not None and photo.file_id is None else None
        matter = photo.matter_id if photo is not None else 0
        what = photo.what if photo is not None else ""
    if wanted is None:
        return {"matter": matter}
    task.step(0, 1, "正在从微信取")
    try:
        content, media_type = _fetched(task.site, wanted, what)
    except (WeChatError, NotWeChat, pictures.BadPicture) as fault:
        raise Refusal("matters.photo_gone") from fault
    task.writing(lambda by: _keep(by, number, content, media_type))
    return {"matter": matter}


def _fetched(site: Site, media_id: str, what: str) -> tuple[bytes, str]:
    """A picture as pixels, a voice as it is: for ears, and only as a file to be saved."""
    content = site.main.media.get(media_id)
    return pictures.clean(content) if what != "voice" else (content, VOICE_TYPE)


def fetch_waiting(site: Site) -> int:
    """What lies at WeChat is fetched before it is thrown away there, asked or not; each is tried once in a while."""
    looked = 0
    while looked < MOST_AT_ONCE and (found := site.database.writing(_claim)) is not None:
        looked += 1
        number, media_id, what = found
        try:
            content, media_type = _fetched(site, media_id, what)
        except (WeChatError, NotWeChat, pictures.BadPicture):
            continue
        keep = partial(_keep, number=number, content=content, media_type=media_type)
        site.database.writing(lambda session, keep=keep: keep(Actor(session, channel="job")))  # type: ignore[misc]
    return looked


def _claim(session: Session) -> tuple[int, str, str] | None:
    photo = session.scalar(photos_to_fetch().limit(1).with_for_update(skip_locked=True, of=MatterPhoto))
    if photo is None or photo.media_id is None:
        return None
    photo.fetch_after = clock.now() + AGAIN
    return photo.id, photo.media_id, photo.what


def _keep(by: Actor, number: int, content: bytes, media_type: str) -> None:
    photo = by.session.get_one(MatterPhoto, number)
    if photo.file_id is None:
        actions.keep_photo(by, photo, content, media_type)
        audit.note(by, "matters.fetch_photo", photo.matter)


WORKS = (WorkKind(FETCH, "从微信取照片", fetch_photo, "matters/console_fetched.html"),)
