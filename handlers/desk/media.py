"""Pictures, voices and files that residents sent: fetched from WeChat soon after they came, for it keeps them for three
days only. Pictures are taken in as pixels (app/pictures.py); films have an address at WeChat and stay there.

Asked of WeChat with no transaction open; two hands never fetch the same line, and one that dies loses its turn.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app import clock, files, pictures
from app.site import Site
from app.wechat.errors import Handling, NotWeChat, WeChatError
from models import desk as model
from models.desk import DeskLine
from models.identity import Person

log = structlog.get_logger()
PURPOSE = "desk.media"
WECHAT_KEEPS = timedelta(days=3)
LONGEST_WAIT = timedelta(hours=1)
LARGEST = 20 * 1024 * 1024
FILMS = ("video", "shortvideo")
NAMES = {"image": "图片", "voice": "语音", "file": "文件"}
VOICE = (b"#!AMR", "audio/amr", "amr")
PASSING = frozenset({Handling.PASSING, Handling.PACE, Handling.CREDENTIAL, Handling.QUOTA})


def fetch_waiting(site: Site) -> int:
    """Fetch what is due, one after the other; how many lines were looked at."""
    looked = 0
    while (line := site.database.writing(_claim)) is not None:
        looked += 1
        _fetch(site, *line)
    return looked


def _claim(session: Session) -> tuple[int, str, str, str] | None:
    """The line's number, its kind, the id of its media and the app through which it came."""
    line = model.claim_media(session)
    return None if line is None else (line.id, line.kind, line.media_id or "", line.talk.identity.app)


def _fetch(site: Site, number: int, kind: str, media_id: str, app: str) -> None:
    if kind in FILMS:
        _write_down(site, number, media_state="away")
        return
    try:
        content = site.wechat(*app.split(":", 1)).media.get(media_id)
    except (WeChatError, NotWeChat) as fault:
        _later(site, number, final=isinstance(fault, WeChatError) and fault.handling not in PASSING)
        return
    _keep(site, number, kind, content)


def _keep(site: Site, number: int, kind: str, content: bytes) -> None:
    if len(content) > LARGEST:
        _write_down(site, number, media_state="bad")
        return
    cleaned = _cleaned(kind, content)
    if cleaned is None:
        _write_down(site, number, media_state="bad")
        return
    content, media_type, ending = cleaned

    def unit(session: Session) -> None:
        line = session.get(DeskLine, number)
        if line is None or line.media_state != "waiting":
            return
        owner: Person = line.talk.person
        name = f"{NAMES.get(kind, '文件')}{number}.{ending}"
        row = files.store(session, content, purpose=PURPOSE, name=name, media_type=media_type, owner=owner)
        line.file_id, line.media_state, line.media_due = row.id, "kept", None

    try:
        site.database.writing(unit)
    except OSError:
        log.warning("media_not_kept", line=number)  # the disk refuses: its turn comes again


def _cleaned(kind: str, content: bytes) -> tuple[bytes, str, str] | None:
    """(bytes, media type, ending) of what may be kept; None for a picture that is none."""
    if kind == "image":
        try:
            cleaned, media_type = pictures.clean(content)
        except pictures.BadPicture:
            return None
        return cleaned, media_type, media_type.partition("/")[2].replace("jpeg", "jpg")
    mark, media_type, ending = VOICE
    if kind == "voice" and content.startswith(mark):
        return content, media_type, ending
    return content, "application/octet-stream", "mp3" if kind == "voice" else "bin"


def _later(site: Site, number: int, *, final: bool) -> None:
    """Again after a while that grows; given up when WeChat has thrown it away."""

    def unit(session: Session) -> None:
        line = session.get(DeskLine, number)
        if line is None or line.media_state != "waiting":
            return
        if final or clock.now() - line.at > WECHAT_KEEPS:
            line.media_state, line.media_due = "gone", None
            return
        wait = timedelta(seconds=30 * 2 ** min(line.media_tries, 7))
        line.media_due = clock.now() + min(wait, LONGEST_WAIT)

    site.database.writing(unit)


def _write_down(site: Site, number: int, **values: Any) -> None:
    def unit(session: Session) -> None:
        line = session.get(DeskLine, number)
        if line is not None:
            line.media_due = None
            for name, value in values.items():
                setattr(line, name, value)

    site.database.writing(unit)
