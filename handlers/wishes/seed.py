"""Invented wishes of invented neighbours: some wait for the staff, some for somebody, one is promised, one fulfilled."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.orm import Session

from handlers.wishes import actions
from models.identity import Actor, Helped, Person
from models.people import residents
from models.wishes import Wish


class Said(NamedTuple):
    """`public` is what the staff made of it; None waits for them. `helped` is for whom a neighbour said it."""

    text: str
    category: str
    public: str | None
    helped: Helped | None = None


WISHES = (
    Said(
        "想要一根能坐的拐杖,下楼买菜走一段歇一歇", "生活用品", "一位老人想要一根能坐的拐杖,买菜路上歇一歇。"
    ),
    Said("孙女上三年级,想要一套彩色铅笔和图画本", "学习用品", "一个三年级的孩子想要一套彩色铅笔和图画本。"),
    Said(
        "想请人教我用手机给儿子打视频",
        "上门帮忙",
        "一位老人想请人教用手机打视频电话,跟外地的儿子说说话。",
    ),
    Said(
        "屋里的灯泡坏了两个,我够不着",
        "上门帮忙",
        "一位独居老人家里灯泡坏了,想请人帮忙换两个。",
        Helped("冶生兰", None, "网格员"),
    ),
    Said(
        "想有人陪着去湖边坐一坐,说说话",
        "陪伴",
        "一位老人腿脚不便,想有人陪着到湖边坐一坐。",
        Helped("安有福", None, "邻居"),
    ),
    Said("想要一双大一点的棉鞋,43码", "生活用品", "一位在外打工的邻居想要一双43码的棉鞋。"),
    Said("想要一本大字的菜谱", "生活用品", None),
    Said("孩子想学下象棋,想找个伯伯教一教", "陪伴", None),
)
PROMISED, FULFILLED = 2, 5


def seed(session: Session) -> None:
    """Wishers are the first residents in turn, claimers those after them; without residents, people without a name."""
    people = _people(session)
    house = Actor(session, channel="job")
    wishes = []
    for position, said in enumerate(WISHES):
        wish = _say(Actor(session, people[position % 4], channel="job", helped=said.helped), said)
        wishes.append(wish if said.public is None else actions.review(house, wish, said.public))
    actions.claim(Actor(session, people[4], channel="job"), wishes[PROMISED])
    done = actions.claim(Actor(session, people[5], channel="job"), wishes[FULFILLED])
    actions.mark_done(Actor(session, people[5], channel="job"), done)
    actions.confirm(Actor(session, people[FULFILLED % 4], channel="job"), wishes[FULFILLED])


def _people(session: Session) -> list[Person]:
    found = list(session.scalars(residents().order_by(Person.id).limit(6)))
    strangers = [Person() for _ in range(6 - len(found))]
    session.add_all(strangers)
    session.flush()
    return [*found, *strangers]


def _say(by: Actor, said: Said) -> Wish:
    return actions.say_wish(by, said.text, category=said.category)
