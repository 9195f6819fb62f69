"""A crowd that writes to the account: an open-loop load of sealed pushes, each due at its moment whatever came before.

Latency counts from the moment a push was due, not from when it was sent: a house that falls behind is not waited for,
and its waiting does not hide in the generator. Everything is sealed ahead, so that sending costs little beside the
server on the same cores. With `tries` a push without an answer within five seconds is sent again, as WeChat does it,
with the same MsgId; three times in all.

The mix is trust P1's: 60 % menu clicks, 25 % turns of a dialogue, 10 % bookings written (made or cancelled), 5 %
events. The same seed makes the same crowd.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.wechat.messages import read_push
from bench.webhook import Sealer

ANSWER_SECONDS = 5.0  # then WeChat gives up and tries again
CLICKED = ("预约", "最新通知", "我的预约", "活动报名", "心愿站", "要带什么", "我的信息", "说事反映")
FIRST_TALK = ("预约", "1", "1", "马兰", "1", "6", "1")  # two in seven write a booking: made, then cancelled
NEXT_TALK = ("我的预约", "预约", "1", "1", "1", "6", "1")
EVENTS = ("VIEW", "subscribe", "unsubscribe")
ENDS = {"turned away": "发消息的人太多", "busy": "刚才没办成,请再发一次", "fault": "没有办成(编号"}
HELD = ("accepted", "turned away", "busy")
PREPARED_AHEAD = 200
SAID = re.compile("<(?:Content|EventKey)>([^<]+)<")
LENGTH = re.compile(rb"(?i)content-length: *(\d+)")


@dataclass(slots=True)
class Sent:
    """One push and what became of it. `answered` is the moment, or 0; `end` how it ended."""

    key: str
    kind: str
    due: float
    bytes: bytes
    tries: int = 0
    answered: float = 0.0
    status: int = 0
    body: bytes = b""
    end: str = ""

    @property
    def latency(self) -> float:
        return self.answered - self.due


@dataclass
class Seen:
    """What a crowd saw. A push is accepted when the house did what it asks, however the words run."""

    pushes: list[Sent]
    began: float = 0.0

    def ended(self, *ends: str) -> list[Sent]:
        return [one for one in self.pushes if one.end in ends]

    def between(self, first: float, last: float) -> Seen:
        """Those that were due in this part of the time, in seconds from the beginning."""
        return Seen([one for one in self.pushes if first <= one.due - self.began < last], self.began)

    def at(self, share: float, *ends: str) -> float:
        """The latency in seconds that this share of the accepted stayed within; 0 for nobody."""
        taken = sorted(one.latency for one in self.ended(*(ends or ("accepted",))))
        return taken[min(len(taken) - 1, int(len(taken) * share))] if taken else 0.0

    def broken(self) -> list[Sent]:
        return [one for one in self.pushes if one.end not in HELD]

    def row(self, name: str) -> list[str]:
        counts = [str(len(self.ended(end))) for end in HELD] + [str(len(self.broken()))]
        return [name, *counts, *(f"{self.at(share) * 1000:.0f}" for share in (0.5, 0.95, 0.99, 1.0))]


HEAD = ["", "accepted", "turned away", "busy", "broken", "p50 ms", "p95 ms", "p99 ms", "max ms"]


# ---- who writes what -------------------------------------------------------------------------------------------------


def mixed(people: int, seed: int) -> Iterator[tuple[str, str, str, str]]:
    """(openid, kind, MsgType, fields without MsgId) of one push after the other. One half of the people press buttons,
    the other half talk, each at their own place in the talk."""
    dice = random.Random(seed)
    place = dict.fromkeys(range(people), 0)
    while True:
        chance, person = dice.random(), dice.randrange(people // 2)
        if chance < 0.60:
            fields = f"<Event>CLICK</Event><EventKey>{dice.choice(CLICKED)}</EventKey>"
            yield openid(person), "click", "event", fields
        elif chance < 0.95:
            talker = people // 2 + person
            words = (FIRST_TALK + NEXT_TALK * 200)[place[talker] % 1400]
            place[talker] += 1
            yield openid(talker), "talk", "text", f"<Content>{words}</Content>"
        else:
            event = dice.choice(EVENTS)
            yield openid(person), event, "event", f"<Event>{event}</Event><EventKey></EventKey>"


def texts(words: Iterable[tuple[str, str, str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """The same people at the same moments, who only type: for a peer that knows nothing else."""
    for who, _, _, fields in words:
        said = SAID.search(fields)
        yield who, "talk", "text", f"<Content>{said[1] if said else '你好'}</Content>"


def followers(first: int) -> Iterator[tuple[str, str, str, str]]:
    """Somebody new who follows, and again somebody (trust F22)."""
    while True:
        yield openid(first), "subscribe", "event", "<Event>subscribe</Event><EventKey></EventKey>"
        first += 1


def openid(number: int) -> str:
    return f"oCrowd{number:022}"


@dataclass
class Author:
    """Seals what a crowd writes. Message ids never come twice from one author."""

    sealer: Sealer
    host: str = "localhost"
    ids: int = field(default_factory=lambda: time.time_ns() // 1000)

    def write(
        self, words: Iterator[tuple[str, str, str, str]], *parts: tuple[float, float]
    ) -> tuple[list[Sent], float]:
        """A push for each moment of the parts (seconds, rate), and when the first is due (monotonic): a little after
        the last was sealed. Each carries the second in which it will be sent, as WeChat's does."""
        offsets = list(_moments(parts))
        begin = time.monotonic() + self._takes(len(offsets))
        wall = time.time() - time.monotonic()
        made = []
        for offset, (who, kind, form, fields) in zip(offsets, words, strict=False):
            key, raw = self._push(who, form, fields, begin + offset + wall)
            made.append(Sent(key, kind, begin + offset, raw))
        return made, begin

    def _takes(self, count: int) -> float:
        """Seconds for sealing so many, by a sample, with half as much again for a machine that is busy just then."""
        sample, started = min(count, PREPARED_AHEAD), time.monotonic()
        for _ in range(sample):
            self._push("oA", "text", "<Content>x</Content>", time.time())
        return (time.monotonic() - started) * count / max(1, sample) * 1.5 + 0.1

    def _push(self, who: str, form: str, fields: str, at: float) -> tuple[str, bytes]:
        self.ids += 1
        number = "" if form == "event" else f"<MsgId>{self.ids}</MsgId>"
        head = f"<ToUserName>{self.sealer.account}</ToUserName><FromUserName>{who}</FromUserName>"
        xml = f"<xml>{head}<CreateTime>{int(at)}</CreateTime><MsgType>{form}</MsgType>{fields}{number}</xml>"
        query, body = self.sealer.seal_xml(xml, int(at))
        http = f"POST /wx/main?{query} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n\r\n"
        return read_push(xml.encode()).key, http.encode() + body


def _moments(parts: Iterable[tuple[float, float]]) -> Iterator[float]:
    begun = 0.0
    for seconds, rate in parts:
        yield from (begun + number / rate for number in range(int(seconds * rate)))
        begun += seconds


# ---- sending ---------------------------------------------------------------------------------------------------------


class Connection(asyncio.Protocol):
    """Kept open; one request at a time. Whoever waits is told with (status, body), or (0, b"") when it broke."""

    def __init__(self) -> None:
        self.kept = b""
        self.waiting: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> asyncio.Future[tuple[int, bytes]]:
        self.kept, self.waiting = b"", asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.waiting

    def data_received(self, data: bytes) -> None:
        self.kept += data
        head, found, body = self.kept.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if found and length and len(body) >= int(length[1]):
            self._tell(int(head[9:12]), body)

    def connection_lost(self, _error: Exception | None) -> None:
        self._tell(0, b"")

    def _tell(self, status: int, body: bytes) -> None:
        if self.waiting and not self.waiting.done():
            self.waiting.set_result((status, body))


class Crowd:
    """Sends pushes at their moments to one address, over as many connections as are needed at once."""

    def __init__(self, web: str, tries: int = 1, answer_seconds: float = ANSWER_SECONDS) -> None:
        parts = urlsplit(web)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._tries, self._seconds = tries, answer_seconds
        self._idle: list[Connection] = []

    def send(self, pushes: Iterable[Sent]) -> None:
        """Returns when the last was answered or given up."""
        asyncio.run(self._send(pushes))

    async def _send(self, pushes: Iterable[Sent]) -> None:
        self._idle = []
        loop = asyncio.get_running_loop()
        under_way = set()
        for push in pushes:
            ahead = push.due - loop.time()
            if ahead > 0.001:
                await asyncio.sleep(ahead)
            task = loop.create_task(self._one(push))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        while under_way:
            await asyncio.wait(under_way)
        for connection in self._idle:
            connection.transport.close()

    async def _one(self, push: Sent) -> None:
        until = push.due
        for _ in range(self._tries):
            until += self._seconds
            push.tries += 1
            push.status, push.body = await self._try(push.bytes, until)
            if push.status:
                push.answered = time.monotonic()
                return
            await asyncio.sleep(max(0.0, until - time.monotonic()))

    async def _try(self, request: bytes, until: float) -> tuple[int, bytes]:
        """(0, b"") for no answer in time; then the connection is left, as WeChat leaves it."""
        try:
            async with asyncio.timeout(until - time.monotonic()):
                connection = await self._connection()
                answer = await connection.ask(request)
        except (OSError, TimeoutError):
            return 0, b""
        if answer[0]:
            self._idle.append(connection)
        return answer

    async def _connection(self) -> Connection:
        while self._idle:
            kept = self._idle.pop()
            if not kept.transport.is_closing():
                return kept
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(Connection, self._host, self._port))[1]


def judged(pushes: list[Sent], began: float, open_answer: Callable[[bytes], str]) -> Seen:
    """How each ended: answers are opened only now, when nobody is being measured."""
    for push in pushes:
        push.end = _end(push, open_answer)
    return Seen(pushes, began)


def _end(push: Sent, open_answer: Callable[[bytes], str]) -> str:
    if not push.answered:
        return "no answer"
    if push.status != 200:
        return f"status {push.status}"
    words = "" if push.body in (b"", b"success") else open_answer(push.body)
    return next((end for end, said in ENDS.items() if said in words), "accepted")
