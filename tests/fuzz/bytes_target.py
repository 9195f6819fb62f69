"""Any bytes: without a seal, with a broken one, and validly sealed; and real pushes with bytes overwritten or moved."""

from __future__ import annotations

import base64
import random
from typing import Any

from tests.fuzz.door import envelope, knock
from tests.fuzz.mutations import mutated
from tests.fuzz.world import Broken, World

QUERY = ("timestamp", "nonce", "encrypt_type", "msg_signature", "signature", "echostr")
VALUES = ("", "0", "aes", "raw", "é", "x" * 40, "1794000000", "-1", "9" * 30, "\r\nX: y", "' OR 1=1", "\x00")


def dice(random_: random.Random) -> Any:
    """`how` is where the bytes are put; `query` what is done to the envelope's address line."""
    changed = random_.sample(QUERY, random_.choice((0, 0, 0, 1, 2)))
    return {
        "how": random_.choice(("sealed", "sealed", "bare", "broken")),
        "bytes": base64.b64encode(mutated(random_)).decode(),
        "query": {name: random_.choice(VALUES) for name in changed},
        "at": random_.randrange(601),
    }


def play(world: World, case: Any) -> str:
    phone, raw = world.phone(0), base64.b64decode(case["bytes"])
    query, body = envelope(phone, raw.replace(b"gh_1a2b3c4d5e6f", phone.original_id.encode()))
    if case["how"] == "bare":
        body = raw
    elif case["how"] == "broken":
        at = case["at"] % len(body)
        body = body[:at] + (raw[:3] or b"x") + body[at + 3 :]
    answer = knock(phone, {**query, **case["query"]}, body)
    world.hears_nothing_loud()
    if case["how"] == "bare" and answer.status == 200:
        raise Broken("bytes without a seal were taken")
    _ = answer.words
    return f"{answer.status} {case['how']}{' answered' if answer.xml else ''}"
