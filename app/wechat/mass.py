"""Sends to everybody: accepted at once, done when MASSSENDJOBFINISH says so.

`client_id` makes a send safe to repeat for 24 hours: WeChat answers 45065 with the first msg_id, which
counts as done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.wechat.caller import Caller
from app.wechat.capabilities import Capability
from app.wechat.errors import Handling, WeChatError
from app.wechat.wire import Answer

LONGEST_CLIENT_ID = 32  # pages say 32 and 64; 45067 when it is too long
_MOST_OPENIDS = 10_000

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MassJob:
    """What WeChat accepted; `repeated` when it had it already under the same client_id."""

    msg_id: str
    msg_data_id: str
    repeated: bool = False


def text(content: str) -> Payload:
    return {"msgtype": "text", "text": {"content": content}}


def article(media_id: str) -> Payload:
    """A draft; it leaves the draft box when the send succeeds."""
    return {"msgtype": "mpnews", "mpnews": {"media_id": media_id}}


def images(media_ids: Sequence[str], recommend: str = "") -> Payload:
    """Pictures; the type is `image`, the key `images`. Comments stay closed."""
    pictures: dict[str, Any] = {"media_ids": list(media_ids), "recommend": recommend}
    pictures |= {"need_open_comment": 0, "only_fans_can_comment": 0}
    return {"msgtype": "image", "images": pictures}


def voice(media_id: str) -> Payload:
    return {"msgtype": "voice", "voice": {"media_id": media_id}}


@dataclass(frozen=True, slots=True)
class Mass:
    call: Caller

    def to_tag(self, tag_id: int | None, payload: Payload, client_id: str) -> MassJob:
        """To the people with a tag, or with None to every follower."""
        who: dict[str, Any] = (
            {"is_to_all": True} if tag_id is None else {"is_to_all": False, "tag_id": tag_id}
        )
        body = {"filter": who, **payload, "send_ignore_reprint": 0}
        return self._send("/cgi-bin/message/mass/sendall", body, client_id, Capability.MASS_TAG)

    def to_openids(self, openids: Sequence[str], payload: Payload, client_id: str) -> MassJob:
        """To 2 to 10,000 people; verified service accounts only."""
        path = "/cgi-bin/message/mass/send"
        if not 2 <= len(openids) <= _MOST_OPENIDS:
            raise self.call.refuse(40130, "2 to 10,000 openids", path)
        body = {"touser": list(openids), **payload, "send_ignore_reprint": 0}
        return self._send(path, body, client_id, Capability.MASS_OPENID)

    def preview(self, openid: str, payload: Payload) -> None:
        """Show it to one follower first. A preview takes one picture, under another key."""
        if "images" in payload:
            payload = {"msgtype": "image", "image": {"media_id": payload["images"]["media_ids"][0]}}
        body = {"touser": openid, **payload}
        self.call.post("/cgi-bin/message/mass/preview", body, (Capability.MASS_TAG,))

    def state(self, msg_id: str) -> str:
        """SEND_SUCCESS, SENDING, SEND_FAIL or DELETE."""
        body = {"msg_id": msg_id}
        answer = self.call.post("/cgi-bin/message/mass/get", body, (Capability.MASS_TAG,))
        return str(answer.get("msg_status", ""))

    def delete(self, msg_id: str, article_index: int = 0) -> None:
        """Take an article's page away (0: all of them); the chat bubble stays. Ten a day."""
        body = {"msg_id": int(msg_id), "article_idx": article_index}
        self.call.post("/cgi-bin/message/mass/delete", body, (Capability.MASS_TAG,))

    def _send(self, path: str, body: Payload, client_id: str, needs: Capability) -> MassJob:
        if not 1 <= len(client_id.encode()) <= LONGEST_CLIENT_ID:
            raise self.call.refuse(45067, f"clientmsgid has 1 to {LONGEST_CLIENT_ID} bytes", path)
        try:
            return _job(self.call.post(path, {**body, "clientmsgid": client_id}, (needs,)))
        except WeChatError as fault:
            if fault.handling is Handling.DONE:
                return _job(fault.answer, repeated=True)
            raise


def _job(answer: Answer, *, repeated: bool = False) -> MassJob:
    return MassJob(str(answer.get("msg_id", "")), str(answer.get("msg_data_id", "")), repeated)
