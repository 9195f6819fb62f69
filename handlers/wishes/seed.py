"""Invented wishes of invented neighbours: some wait for the staff, some for somebody, one is promised, one fulfilled."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from app import clock
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
    Said("我叫马桂英,住东府佳苑3号楼2单元,想请人帮忙把旧沙发抬下楼", "上门帮忙", None),
    Said("巷口的路灯坏了半个月,晚上出门看不见", "其他", None),
    Said("想要一个能放大字的收音机,听秦腔", "生活用品", "一位老人想要一台字大声音大的收音机,听秦腔。"),
    Said("孩子要参加运动会,想要一双跑步鞋,36码", "学习用品", "一个孩子要参加运动会,想要一双36码的跑步鞋。"),
    Said("窗户纱窗破了,蚊子多,想请人补一补", "上门帮忙", "一位老人家里纱窗破了,想请人帮忙补一补。"),
    Said("想学用手机交电费", "上门帮忙", "一位邻居想请人教用手机交电费。"),
    Said("想要一台一千元的按摩椅", "生活用品", None),
)
PROMISED, FULFILLED = 2, 5
MORE_WISHERS, PEOPLE = 8, 12
GIVEN_BACK, ALSO_PROMISED, DONE, THANKED, LATE, REFUSED = 3, 10, 11, 12, 13, 14


def seed(session: Session) -> None:
    """Wishers are the first residents in turn and more further on, claimers the fifth and sixth; without residents, people without a name."""
    people = _people(session)
    house = Actor(session, channel="job")
    wishes = []
    for position, said in enumerate(WISHES):
        wisher = people[position % 4 if position < MORE_WISHERS else 6 + position % 6]
        wish = _say(Actor(session, wisher, channel="job", helped=said.helped), said)
        wishes.append(wish if said.public is None else actions.review(house, wish, said.public))
    actions.claim(Actor(session, people[4], channel="job"), wishes[PROMISED])
    done = actions.claim(Actor(session, people[5], channel="job"), wishes[FULFILLED])
    actions.mark_done(Actor(session, people[5], channel="job"), done)
    actions.confirm(Actor(session, people[FULFILLED % 4], channel="job"), wishes[FULFILLED])
    _further(session, house, people, wishes)


def _further(session: Session, house: Actor, people: list[Person], wishes: list[Wish]) -> None:
    """One that came back, one that waits to be confirmed, one with thanks to read, one near its end, one refused."""
    helpers = [Actor(session, person, channel="job") for person in people[4:6]]
    actions.give_back(helpers[0], actions.claim(helpers[0], wishes[GIVEN_BACK]))
    actions.claim(helpers[1], wishes[ALSO_PROMISED])
    actions.mark_done(helpers[1], actions.claim(helpers[1], wishes[DONE]))
    actions.mark_done(helpers[0], actions.claim(helpers[0], wishes[THANKED]))
    wisher = Actor(session, wishes[THANKED].wisher, channel="job")
    actions.confirm(wisher, wishes[THANKED])
    actions.thank(wisher, wishes[THANKED], "纱窗补得平平整整,谢谢好心人。")
    actions.claim(helpers[1], wishes[LATE]).due = clock.today() + timedelta(days=1)
    actions.refuse(house, wishes[REFUSED], "钱数大了一点,邻居多半办不到,可以改小一点再许")
    _words_and_units(session, house, people, wishes[PROMISED])


def _words_and_units(session: Session, house: Actor, people: list[Person], promised: Wish) -> None:
    """Two words about a promise, one of them to be read by the staff; two units, of which one has no room."""
    claim = promised.claims[-1]
    actions.send_word(Actor(session, claim.person, channel="job"), claim, "您哪天在家方便?")
    actions.send_word(Actor(session, promised.wisher, channel="job"), claim, "周六上午都在,到了在楼下喊一声")
    for name, person, categories in (("湟水小学", people[6], ("学习用品",)), ("夏都志愿者", people[7], ())):
        actions.keep_partner(house, None, name=name, person=person, categories=categories, most=3)


def _people(session: Session) -> list[Person]:
    found = list(session.scalars(residents().order_by(Person.id).limit(PEOPLE)))
    strangers = [Person() for _ in range(PEOPLE - len(found))]
    session.add_all(strangers)
    session.flush()
    return [*found, *strangers]


def _say(by: Actor, said: Said) -> Wish:
    return actions.say_wish(by, said.text, category=said.category)
