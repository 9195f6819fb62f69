"""For the invented neighbourhood: some cards that somebody has looked at, one that is overdue, and what was asked in
vain this week."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.guides import actions
from handlers.guides.loading import install
from models.guide_misses import note_miss
from models.guides import GuideCard
from models.identity import Actor

LOOKED_AT = (
    "dibao laonianzheng gaoling juzhuzheng yibao-jiaofei yibao-baoxiao shebaoka shenfenzheng jiehun sidianban gongzufang"
    " canjizheng shiye-dengji zhengming-qingdan falv-zixun lajifenlei xinli linshi"
).split()
OVERDUE = "quanuan"
ASKED = (
    ("娃的学平险咋报", 4),
    ("鸽子扰民找谁", 3),
    ("屋里进蛇了", 1),
    ("想学骑三轮", 1),
    ("老宅基地的事", 2),
)


def seed(session: Session) -> None:
    install(session)
    by, today = Actor(session, channel="job"), clock.today()
    rows = session.scalars(select(GuideCard).where(GuideCard.key.in_(LOOKED_AT)).order_by(GuideCard.id)).all()
    for number, card in enumerate(rows):
        actions.confirm(by, card, card.version, today + timedelta(days=20 + 8 * number))
    late = session.scalars(select(GuideCard).where(GuideCard.key == OVERDUE)).one()
    late.review_by = today - timedelta(days=3)
    for words, times in ASKED:
        for _ in range(times):
            note_miss(session, words)
