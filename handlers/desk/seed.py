"""Invented talks that wait, and words that staff say every day."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from handlers.desk import actions, quick
from models.identity import Actor, Identity, Person

QUICK = (
    ("您好", "{姓名},您好,我是社区的工作人员,马上帮您看。"),
    ("带身份证", "请带上身份证原件,到社区大厅2号窗口办,不用复印。"),
    ("正在问", "{姓名},您说的事我去问一下,今天下班前回您。"),
    ("说说在哪", "请您再说一下在哪个小区、几号楼,是什么时候的事?"),
    ("打电话", "这件事电话里说更清楚,请打 0971-8170000,上班时间都有人接。"),
    ("办好了", "{姓名},您说的事已经办好了。还有别的事,随时在这里说。"),
)
# A mark, how many minutes ago, about what, and what they wrote. Their WeChats are invented: an answer does not arrive.
TALKS = (
    ("one", 52, "asked", ("我想问问残疾证怎么办,要带什么东西?",)),
    ("two", 24, "asked", ("楼道的灯坏了好几天了", "晚上黑得很,老人不敢下楼")),
    ("three", 6, "asked", ("老年证在哪里办?",)),
)
APP = "oa:main"


def seed(session: Session) -> None:
    by = Actor(session, channel="job")
    for title, text in QUICK:
        quick.add(by, title, text)
    for mark, minutes, about, lines in TALKS:
        _talk(session, mark, minutes, about, lines)


def _talk(session: Session, mark: str, minutes: int, about: str, lines: tuple[str, ...]) -> None:
    since = clock.now() - timedelta(minutes=minutes)
    resident = Actor(session, *_resident(session, mark))
    talk = actions.ask_for_person(resident, about)
    for text in lines:
        line = actions.tell(resident, talk, text)
        line.at = since
    talk.opened_at = talk.waiting_since = talk.last_line_at = since
    session.flush()


def _resident(session: Session, mark: str) -> tuple[Person, Identity]:
    """Somebody who has written to the account and told nothing about themselves."""
    person = Person()
    identity = Identity(kind="oa", app=APP, openid=f"invented-{mark}", person=person, following=True)
    identity.spoke_at = clock.now()
    session.add(identity)
    session.flush()
    return person, identity
