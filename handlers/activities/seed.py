"""An invented neighbourhood's activities: one that runs now, others today, tomorrow and later in the week; a class in
term, a hike that is full, a training for the invited, patrols on four evenings."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities.actions import (
    Member,
    Rhythm,
    Wish,
    keep_paper,
    let_in,
    open_session,
    plan_activity,
    plan_series,
    plan_session,
    wait,
)
from models.activities import Activity
from models.activities_rules import Group, Need, Question
from models.identity import Actor, Person

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
    people = list(
        session.scalars(select(Person).where(Person.joined_at.is_not(None)).order_by(Person.id).limit(8))
    )
    _a_class(by)
    _a_hike(by, people)
    _a_training(by, people)
    _patrols(by, planned[0])
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


# ---- activities at depth -------------------------------------------------------------------------------------------

CLASS = (Group("g1", "孩子", 16, minors=True), Group("g2", "辅导员", 3, helps=True))
CLASS_FORM = (
    Question("q1", "谁来接孩子?", purpose="放学时核对"),
    Question("q2", "上几年级?", "choice", ("一二年级", "三四年级", "五六年级"), purpose="分桌"),
)
HIKE_FORM = (
    Question("q1", "有急事打给谁?", purpose="路上出事时用", shown=True),
    Question("q2", "午饭吃什么?", "choice", ("都行", "清真"), purpose="订饭"),
    Question("q3", "能连着走两个小时吗?", "yes_no", purpose="安排快慢两队"),
)


def _a_class(by: Actor) -> None:
    """The 四点半课堂 of the coming four weeks, from tomorrow, on school days."""
    activity = plan_activity(
        by,
        title="四点半课堂",
        sentence="放学后在社区写作业,有人看、有人教。孩子由家长报名。",
        place="社区二楼四点半课堂",
        programme="growth",
        leader="才老师",
        family=True,
        groups=CLASS,
        questions=CLASS_FORM,
        needs=[Need("clearance", "g2")],
        ratio=8,
        leave_minutes=90,
    )
    first = clock.today() + timedelta(days=1)
    rhythm = Rhythm(
        time(16, 30), time(18), first=first, last=first + timedelta(weeks=4), weekdays=(0, 1, 2, 3, 4)
    )
    plan_series(by, activity, rhythm)


def _a_hike(by: Actor, people: list[Person]) -> None:
    """Five seats: a mother with her son, two more, and others who wait in line."""
    activity = plan_activity(
        by,
        title="北山徒步",
        sentence="走八公里,中午回来。鞋要防滑,自己带水。",
        place="社区门口坐车",
        programme="camp",
        leader=people[0] if people else "张领队",
        family=True,
        questions=HIKE_FORM,
        overlap="hard",
        leave_minutes=24 * 60,
        roll_call=True,
    )
    day = clock.today() + timedelta(days=9)
    held = plan_session(by, activity, starts=clock.at(day, time(8)), ends=clock.at(day, time(13)), capacity=5)
    answers = {"q1": "家里人 0971-8170000", "q2": "清真", "q3": "是"}
    for at, person in enumerate(people[1:6]):
        family = (Member(name="王小明", child=True),) if at in (0, 3) else ()
        wait(Actor(by.session, person, channel="job"), held, Wish(family=family, answers=answers))


def _a_training(by: Actor, people: list[Person]) -> None:
    """For the invited alone; their papers run out soon."""
    activity = plan_activity(
        by,
        title="民兵训练",
        sentence="集合训练,自备水杯,带身份证件。",
        place="文化站院里",
        programme="camp",
        leader="马队长",
        listed=False,
        needs=[Need("insurance")],
    )
    day = clock.today() + timedelta(days=6)
    plan_session(by, activity, starts=clock.at(day, time(9)), ends=clock.at(day, time(11)), capacity=12)
    for at, person in enumerate(people[5:8]):
        let_in(by, activity, person, "invited")
        keep_paper(by, person, "insurance", valid_until=day + timedelta(days=10 * at), number=f"YL-{at + 1}")


def _patrols(by: Actor, activity: Activity) -> None:
    """On Tuesday and Friday evenings, for a month."""
    first = clock.today() + timedelta(days=4)
    rhythm = Rhythm(time(19, 30), time(21), first=first, last=first + timedelta(weeks=4), weekdays=(1, 4))
    plan_series(by, activity, rhythm, capacity=12)
