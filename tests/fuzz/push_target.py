"""A push that is validly sealed, of any kind there is, whose fields hold what nobody would put there."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from app import clock
from app.wechat.events import EVENTS
from app.wechat.messages import MESSAGES
from tests.fuzz.door import deliver
from tests.fuzz.words import hostile
from tests.fuzz.world import Broken, World
from tests.neighbours import message_ids

COMMON = ("MsgId", "MsgID", "CreateTime", "EventKey", "Ticket", "MsgDataId")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _paths() -> dict[str, list[tuple[str, ...]]]:
    """Every kind of push and the fields that are read of it."""
    kinds = {f"message {kind}": plan for kind, (_, plan) in MESSAGES.items()}
    kinds |= {f"event {kind}": plan for kind, (_, plan) in EVENTS.items()}
    return {kind: [path for _, path, _ in plan if path] for kind, plan in kinds.items()}


PATHS = _paths()


def cases(world: World) -> st.SearchStrategy[Any]:
    keys = [*world.town.site.house.scans, *world.town.site.house.chat_words()]
    prefixed = st.builds("{}:{}".format, st.sampled_from(sorted(world.town.site.house.scans)), hostile)
    values = st.one_of(hostile, st.sampled_from(keys), prefixed, prefixed.map("qrscene_".__add__))

    @st.composite
    def one(draw: st.DrawFn) -> Any:
        kind = draw(st.sampled_from(sorted(PATHS)))
        paths = [*PATHS[kind], *((name,) for name in COMMON)]
        chosen = draw(st.lists(st.sampled_from(paths), min_size=1, max_size=5, unique=True))
        return {"kind": kind, "fields": [["/".join(path), draw(values)] for path in chosen]}

    return one()


def play(world: World, case: Any) -> str:
    phone, (form, _, kind) = world.phone(0), case["kind"].partition(" ")
    fields = dict(case["fields"])
    created = fields.pop("CreateTime", "") or str(int(clock.now().timestamp()))
    head = f"<ToUserName>{phone.original_id}</ToUserName><FromUserName>{phone.openid}</FromUserName>"
    head += f"<CreateTime>{plain(created)}</CreateTime>"
    named = "event" if form == "event" else kind or "sticker"
    head += f"<MsgType>{named}</MsgType>" + (
        f"<Event>{kind or 'unheard_of'}</Event>" if form == "event" else ""
    )
    if form == "message":
        fields.setdefault("MsgId", str(next(message_ids)))
    body = head + "".join(_nested(path.split("/"), value) for path, value in fields.items())
    answer = deliver(phone, f"<xml>{body}</xml>".encode())
    world.hears_nothing_loud()
    if answer.status == 200 and not answer.words and _somebody_waits(form, kind, fields):
        raise Broken(f"silence for {case}", f"silence for {form} {kind}")
    return f"{form} {answer.status}{' answered' if answer.xml else ''}"


def _somebody_waits(form: str, kind: str, fields: dict[str, str]) -> bool:
    """A report of the platform waits for nothing; a code or a key that names nothing is no question."""
    if kind in ("scan", "click"):
        return bool(plain(fields.get("EventKey", "")).strip())
    return form == "message" or kind == "subscribe"


def _nested(path: list[str], value: str) -> str:
    inner = plain(value)
    for name in reversed(path):
        inner = f"<{name}>{inner}</{name}>"
    return inner


def plain(value: str) -> str:
    """What an XML document may hold at all; the bytes target sends the rest."""
    return escape(ILLEGAL.sub("", value))
