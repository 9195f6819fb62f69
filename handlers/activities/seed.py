"""An invented neighbourhood's activities: one that runs now, others today, tomorrow and later in the week."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from app import clock
from handlers.activities.actions import open_session, plan_activity, plan_session
from models.activities import Activity
from models.identity import Actor

HALL = (36.6178, 101.7935)
# programme, title, sentence, place, (latitude, longitude) in GCJ-02, leader: people and places are invented
ACTIVITIES = (
    ("watch", "阿娘巡逻队", "阿娘们结伴在院里走一圈,看看安全,问问老人。", "互助中路社区门口", HALL, "马阿娘"),
    (
        "river",
        "河道清洁",
        "一起捡河边的垃圾,手套和夹子社区准备。",
        "湟水河步道东口",
        (36.6231, 101.7968),
        "张河长",
    ),
    (
        "growth",
        "四点半课堂辅导",
        "放学后陪孩子写作业,会小学功课就能来。",
        "社区二楼四点半课堂",
        HALL,
        "才老师",
    ),
    (
        "exchange",
        "社区义剪",
        "给老人免费理发,会理发的、能扶老人的都欢迎。",
        "东府佳苑院内",
        (36.6189, 101.7921),
        "王师傅",
    ),
    ("watch", "暖心送餐", "给走不动的老人送午饭,每人送三户。", "社区食堂", HALL, "李大姐"),
)
# which activity, days from today, from, until, seats
SESSIONS = (
    (2, 0, time(16, 30), time(18), 8),
    (1, 1, time(9), time(11), 15),
    (4, 1, time(11), time(12, 30), 6),
    (2, 1, time(16, 30), time(18), 8),
    (3, 2, time(9, 30), time(11, 30), 10),
    (0, 3, time(19), time(21), 20),
)


def seed(session: Session) -> None:
    by = Actor(session, channel="job")
    planned = [_activity(by, *row) for row in ACTIVITIES]
    _one_that_runs_now(by, planned[0])
    for which, days, opens, closes, capacity in SESSIONS:
        day = clock.today() + timedelta(days=days)
        plan_session(
            by, planned[which], starts=clock.at(day, opens), ends=clock.at(day, closes), capacity=capacity
        )


def _activity(
    by: Actor, programme: str, title: str, sentence: str, place: str, at: tuple[float, float], leader: str
) -> Activity:
    return plan_activity(
        by, title=title, sentence=sentence, place=place, programme=programme, at=at, leader=leader
    )


def _one_that_runs_now(by: Actor, activity: Activity) -> None:
    """It began at the last full quarter of an hour and goes on for two hours."""
    now = clock.now()
    starts = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    running = plan_session(by, activity, starts=starts, ends=_after(starts), capacity=20)
    open_session(by, running)


def _after(starts: datetime) -> datetime:
    return starts + timedelta(hours=2)
