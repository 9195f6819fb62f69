"""The seal and the reader of pushes alone, without an address in front: a typed push or one refusal, and soon."""

from __future__ import annotations

import base64
import random
import time
from typing import Any

from app import clock
from app.wechat.errors import BadPush
from app.wechat.messages import read_push
from tests.fuzz.door import envelope
from tests.fuzz.mutations import mutated
from tests.fuzz.world import Broken, World

SOON = 0.2  # seconds of processor time for one push; usual is a thousandth of it (B01)


def dice(random_: random.Random) -> Any:
    return {"sealed": random_.random() < 0.25, "bytes": base64.b64encode(mutated(random_)).decode()}


def play(world: World, case: Any) -> str:
    raw = base64.b64decode(case["bytes"])
    started = time.process_time()
    try:
        push = read_push(_opened(world, raw) if case["sealed"] else raw)
    except BadPush as refused:
        said = str(refused.status)
    else:
        said = type(push).__name__
        hash((push.account, push.kind, repr(push)))
    if time.process_time() - started > SOON:
        raise Broken("reading a push took too long", "slow reader of pushes")
    return said


def _opened(world: World, raw: bytes) -> bytes:
    """Through the envelope, whose ciphertext has one byte of chance in four cases."""
    phone = world.reader
    query, body = envelope(phone, raw)
    if raw[:1] > b"\xc0":
        at = raw[0] % len(body)
        body = body[:at] + raw[:1] + body[at + 1 :]
    opened = world.town.site.doors[f"oa:{phone.account}"].seal.open(query, body, clock.now())
    if raw[:1] <= b"\xc0" and opened != raw:
        raise Broken("the seal gave back other bytes")
    return bytes(opened)
