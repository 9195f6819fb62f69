"""Pictures, voices and videos: up to WeChat, and down from it. Files are bytes, so that a second try sends
them whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import BinaryIO

from app.wechat.caller import Caller
from app.wechat.capabilities import Capability
from app.wechat.errors import NotWeChat
from app.wechat.wire import Call, Upload

_NEEDS = (Capability.MEDIA, Capability.MINI)
# Bytes; WeChat's pages say 2 MB and 10 MB for images, the smaller one is safe.
_LARGEST = {"image": 2_097_152, "voice": 2_097_152, "video": 10_485_760, "thumb": 65_536}
_LARGEST_IN_ARTICLE = 1_048_576
_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}

File = bytes | BinaryIO


@dataclass(frozen=True, slots=True)
class Material:
    """A file that WeChat keeps for good."""

    media_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Media:
    call: Caller

    def upload(self, kind: str, file: File, filename: str) -> str:
        """The media_id of an image, voice, video or thumb, good for three days."""
        path = "/cgi-bin/media/upload"
        answer = self.call.upload(path, self._file(kind, file, filename, path), _NEEDS, type=kind)
        return str(answer.get("thumb_media_id") or answer.get("media_id") or "")

    def upload_article_image(self, file: File, filename: str) -> str:
        """The address of a picture for use in articles; WeChat drops all others from them."""
        path = "/cgi-bin/media/uploadimg"
        upload = self._file("image", file, filename, path, _LARGEST_IN_ARTICLE)
        return str(self.call.upload(path, upload, _NEEDS).get("url", ""))

    def add_material(
        self, kind: str, file: File, filename: str, *, title: str = "", intro: str = ""
    ) -> Material:
        """Keep a file for good; a video needs a title and an introduction."""
        path = "/cgi-bin/material/add_material"
        upload = self._file(kind, file, filename, path)
        if kind == "video":
            words = json.dumps({"title": title, "introduction": intro}, ensure_ascii=False)
            upload = Upload(upload.data, upload.filename, upload.content_type, {"description": words})
        answer = self.call.upload(path, upload, _NEEDS, type=kind)
        return Material(str(answer.get("media_id", "")), str(answer.get("url", "")))

    def get(self, media_id: str) -> bytes:
        """A file that a person sent (three days) or that was uploaded. Of a video WeChat gives an address only."""
        path = "/cgi-bin/media/get"
        _, content = self.call.file(Call(path, {"media_id": media_id}), _NEEDS)
        if not content:
            raise NotWeChat("an address instead of a file", path=path, maybe_done=False)
        return content

    def _file(self, kind: str, file: File, filename: str, path: str, most: int = 0) -> Upload:
        if kind not in _LARGEST:
            raise self.call.refuse(40004, f"no kind of media: {kind}", path)
        data = file if isinstance(file, bytes) else file.read()
        if not 0 < len(data) <= (most or _LARGEST[kind]):
            raise self.call.refuse(45001 if data else 44001, f"{len(data)} bytes", path)
        ending = filename.rpartition(".")[2].lower()
        # The server's own name: a name from outside could break the multipart header.
        return Upload(data, f"file.{ending}" if ending in _TYPES else "file", _type_of(ending))


def _type_of(ending: str) -> str:
    return _TYPES.get(ending, "application/octet-stream")
