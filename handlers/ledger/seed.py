"""Invented neighbours with hours: earned, asked for, waiting for a word, in dispute; a team and a partner."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from handlers.ledger import actions
from handlers.ledger.essentials import install
from models.exchange import Exchange, ExchangeHand
from models.identity import Actor, Person
from models.ledger import house_account
from models.people import residents

EARNED = (180, 90, 240, 60, 120, 300)
LEAST_PEOPLE = 6


def seed(session: Session) -> None:
    """The first six residents in turn; without residents on file nothing is traded."""
    install(session)
    people = list(session.scalars(residents().order_by(Person.id).limit(LEAST_PEOPLE)))
    house = Actor(session, channel="job")
    actions.post(
        house, house_account(session, "pool"), 1800, once="seed:pool", source="捐助", category="捐助"
    )
    actions.open_named(house, "team", "阿娘巡逻队")
    _gifts(house)
    if len(people) < LEAST_PEOPLE:
        return
    for number, (person, minutes) in enumerate(zip(people, EARNED, strict=True)):
        once = f"seed:{number}"
        actions.post_hours(house, person, minutes, once=once, source=once)
    _help(session, people)


def _gifts(house: Actor) -> None:
    """What two partners give: a seat for an hour, and a parking place for nothing."""
    until = clock.today() + timedelta(days=60)
    for name, gift in (
        ("光明影院", actions.Gift("电影票1张", 30, 60, until, "周一到周四可用,到前台出示")),
        ("安和物业", actions.Gift("免费停车2小时", 100, 0, until, "到岗亭报券号", 3)),
    ):
        actions.make_offer(house, actions.open_named(house, "organisation", name), gift)


def _help(session: Session, people: list[Person]) -> None:
    by = [Actor(session, person, channel="job") for person in people]
    for helper, kind, words in ((1, "小修", "会修水管和灯"), (2, "理发", ""), (5, "读报", "每周三下午有空")):
        actions.offer(by[helper], kind, text=words)
    paid = _asked(by[0], "小修", 60, 0, "厨房水龙头漏水")
    actions.mark_done(by[1], _comes(by[1], by[0], paid))
    actions.confirm(by[0], paid)
    said = _asked(by[2], "手机电脑", 30, 0, "想学用手机交电费")
    actions.mark_done(by[4], _comes(by[4], by[2], said))
    wrong = _asked(by[3], "打扫", 120, 0, "擦窗户,四扇")
    actions.mark_done(by[5], _comes(by[5], by[3], wrong))
    actions.dispute(by[3], wrong, "只擦了两扇,说好四扇")
    actions.promise(by[0], _asked(by[4], "陪诊", 120, 1, "去省医院看眼睛"))
    _asked(by[1], "理发", 60, 2, "")
    _asked(by[5], "搬东西", 60, 3, "旧沙发抬下楼", hands=2)
    actions.give(by[2], None, 30, words="给挣不了时间的老人")


def _comes(helper: Actor, asker: Actor, asked: Exchange) -> ExchangeHand:
    """Said yes, and the asker has agreed."""
    return actions.agree(asker, actions.promise(helper, asked))


def _asked(by: Actor, kind: str, minutes: int, ahead: int, text: str, hands: int = 1) -> Exchange:
    day = clock.today() + timedelta(days=ahead)
    return actions.ask(by, kind, minutes, day, text=text, hands=hands)
