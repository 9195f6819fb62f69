"""Pictures of a matter: taken in as pixels alone, kept for a year."""

from __future__ import annotations

from typing import NamedTuple

from app import clock, files, pictures
from app.channels.pages import sent_bytes
from models.identity import Actor
from models.matters import PHOTOS_KEPT, MatterPhoto
from models.refusal import Refusal

VOICE_NAME = "语音.amr"


class Photo(NamedTuple):
    """A cleaned picture."""

    content: bytes
    media_type: str


def clean_photo(content: bytes) -> Photo:
    """The picture as pixels alone, to be done before the unit of work: it takes its time. Refuses matters.bad_photo."""
    try:
        return Photo(*pictures.clean(content))
    except pictures.BadPicture as why:
        raise Refusal("matters.bad_photo", why=why.code) from why


def keep_photo(by: Actor, photo: MatterPhoto, content: bytes, media_type: str) -> None:
    """A cleaned picture, or a voice as it came, for a year."""
    photo.file = files.store(
        by.session,
        content,
        purpose="matters.photo",
        name="照片" if photo.what != "voice" else VOICE_NAME,
        media_type=media_type,
        owner=photo.matter.person,
        until=clock.now() + PHOTOS_KEPT,
    )
    photo.media_id = None


def sent_photo(name: str) -> Photo | None:
    """The picture that came with a form, cleaned. Refuses with matters.bad_photo."""
    content = sent_bytes(name)
    return clean_photo(content) if content else None
