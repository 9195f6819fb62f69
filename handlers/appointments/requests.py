"""What a sentence that names a service asks for: its card, or a time of it, for whom."""

from __future__ import annotations

import re

from app import clock
from app.understanding.when import moment_in
from models.plans import Service

REST_OF_A_SENTENCE, REST_WITH_A_TIME = 8, 16
SHORTEST_PART = 2
# Who asks when it opens or what it costs wants to know, not to come.
_ASKS = re.compile(
    r"几[点号天]|多[少久]|什么|啥|怎么|咋|哪|带|材料|开门|上班|为什么|(?<![可行好以])[吗嘛]|有没有|能不能办"
)
_KIN = (
    "别人|邻居|老人|阿娘|阿爷|他|她|(?:我|我家|我们家)?(?:妈|爸|娘|爹|爷|奶|婆|公公|老公|老婆|老伴|老汉|媳妇|孩子|娃"
    "|儿子|女儿|姥|外公|哥|姐|弟|妹|父|母)"
)
_FOR_ANOTHER = re.compile(rf"[帮替给](?:{_KIN})|(?:{_KIN}).{{0,2}}[要想得]|^(?:{_KIN}).{{0,2}}[预约理剪办]")


def wants_a_time(text: str, service: Service) -> bool:
    """Whether it asks to come: a day or a time is said, or 约; and nothing is asked about."""
    rest = _rest(text, service)
    if rest is None or rest > REST_WITH_A_TIME or asks(text):
        return False
    return "约" in text or moment_in(text, clock.local(clock.now())) is not None


def asks(text: str) -> bool:
    """Whether it wants to know something, and not to come."""
    return _ASKS.search(text) is not None


def is_about(text: str, service: Service) -> bool:
    """Whether the name is the point of the sentence: a long story that mentions a barber is for people to read."""
    rest = _rest(text, service)
    return rest is not None and rest <= REST_OF_A_SENTENCE


def short_for(text: str, service: Service) -> bool:
    """A piece of its name, and nothing else: 心理, 维修."""
    return len(text) >= SHORTEST_PART and any(text in name for name in service.spoken_names)


def is_for_somebody_else(text: str) -> bool:
    """ "帮我妈约", "给老人约", "我妈要约"; "帮我约" is for oneself."""
    return _FOR_ANOTHER.search(text) is not None


def _rest(text: str, service: Service) -> int | None:
    """How many signs stand around the longest name of the service, None when none of its names is there."""
    named = [len(name) for name in service.spoken_names if name in text]
    return len(text) - max(named) if named else None
