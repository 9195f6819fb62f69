"""Long talks of several neighbours at once, with events in between, late, twice and out of order; then what must hold.

Each step is [who, what, value]. A repeat gets the very answer of the first time; nobody who said something gets
silence, except while a person of the staff talks with them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import strategies as st
from sqlalchemy import select

from app import clock
from app.talks import MOST_TALKS
from models.conversation import Conversation
from models.desk import DeskTalk
from tests.fuzz.door import Answer, deliver
from tests.fuzz.push_target import plain
from tests.fuzz.words import chat_words, messages
from tests.fuzz.world import Broken, World
from tests.neighbours import Phone, message_ids

LONGEST_TALK = 30
EVENTS = ("subscribe", "unsubscribe", "CLICK", "SCAN", "LOCATION")


def cases(world: World) -> st.SearchStrategy[Any]:
    site = world.town.site
    scenes = st.sampled_from([f"{prefix}:1" for prefix in sorted(site.house.scans)])
    said = st.tuples(st.just("says"), messages(site))
    steps = st.one_of(
        said,
        said,
        said,
        said,
        st.tuples(st.just("clicks"), st.sampled_from(chat_words(site))),
        st.tuples(st.just("scans"), scenes),
        st.tuples(
            st.sampled_from(["follows", "unfollows", "voice", "image", "place", "again", "sticker"]),
            st.just(""),
        ),
        st.tuples(st.just("late"), messages(site)),
        st.tuples(st.just("waits"), st.sampled_from(["2", "20", "180"])),
    )
    who = st.integers(0, 2)
    step = st.builds(lambda one, two: [one, *two], who, steps)
    return st.lists(step, min_size=1, max_size=LONGEST_TALK)


class Talk:
    """The phones of one case, and the last push and answer of each."""

    def __init__(self, world: World) -> None:
        self.world, self.answered = world, 0
        self.last: dict[int, tuple[bytes, str]] = {}

    def step(self, who: int, what: str, value: str) -> None:
        phone = self.world.phone(who)
        if what == "waits":
            self.world.passes(timedelta(minutes=int(value)))
        elif what == "again":
            self._again(who, phone)
        else:
            self._push(who, phone, what, value)

    def _push(self, who: int, phone: Phone, what: str, value: str) -> None:
        at = int(clock.now().timestamp()) - (300 if what == "late" else 0)
        raw = phone.xml(*_fields(what, value), at=at).encode()
        answer = self._answer(phone, raw)
        self.last[who] = raw, answer.xml
        if not answer.words and _waits_for_words(what, value) and not self._with_staff(phone):
            raise Broken(f"silence for {what} {value!r}", f"silence for {what}")

    def _again(self, who: int, phone: Phone) -> None:
        if who in self.last:
            raw, before = self.last[who]
            if (again := self._answer(phone, raw).xml) != before:
                raise Broken(f"another answer to a repeat:\n{before}\n{again}", "another answer to a repeat")

    def _answer(self, phone: Phone, raw: bytes) -> Answer:
        answer = deliver(phone, raw)
        if answer.status != 200:
            raise Broken(f"{answer.status} for {raw.decode()}", f"{answer.status} in a talk")
        self.world.hears_nothing_loud()
        self.answered += bool(answer.xml)
        return answer

    def _with_staff(self, phone: Phone) -> bool:
        with self.world.town.reading() as session:
            mine = DeskTalk.person_id == phone.person(session).id
            return session.scalar(select(DeskTalk.id).where(mine).limit(1)) is not None

    def fits_together(self) -> None:
        self.world.invariants_hold()
        with self.world.town.reading() as session:
            for row in session.scalars(select(Conversation)):
                names = [talk["name"] for talk in row.talks]
                if len(names) > MOST_TALKS or len(set(names)) < len(names):
                    raise Broken(f"open talks: {names}", "talks are stacked wrongly")


def _fields(what: str, value: str) -> tuple[str, str]:
    number = f"<MsgId>{next(message_ids)}</MsgId>"
    match what:
        case "says" | "late":
            return "text", f"<Content>{plain(value)}</Content>{number}"
        case "clicks":
            return "event", f"<Event>CLICK</Event><EventKey>{escape(value)}</EventKey>"
        case "scans":
            return "event", f"<Event>SCAN</Event><EventKey>{escape(value)}</EventKey><Ticket>t</Ticket>"
        case "follows":
            return "event", "<Event>subscribe</Event><EventKey></EventKey>"
        case "unfollows":
            return "event", "<Event>unsubscribe</Event><EventKey></EventKey>"
        case "place":
            return (
                "location",
                f"<Location_X>36.62</Location_X><Location_Y>101.78</Location_Y><Label>家</Label>{number}",
            )
        case "sticker":
            return "text", f"<Content>【收到不支持的消息类型，暂无法显示】</Content>{number}"
    return what, f"<MediaId>m</MediaId><PicUrl>http://127.0.0.1/p</PicUrl>{number}"


def _waits_for_words(what: str, value: str) -> bool:
    return what != "unfollows" and (what not in ("says", "late") or bool(plain(value).strip()))


def play(world: World, case: Any) -> str:
    talk = Talk(world)
    for who, what, value in case:
        talk.step(who, what, value)
    talk.fits_together()
    return f"{min(talk.answered, 30) // 10}0 answers and more"
