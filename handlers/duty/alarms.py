"""What is wrong with the installation, in words and with what to do: messages that hang, WeChat's last error, backup,
scheduler, disk, and how long nothing was published. Read from SQL, Redis and the disk; WeChat is never asked here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from flask import render_template, url_for
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.channels.console import Card, Line, current_site, looking, staff
from app.channels.console_words import ago_words, waited_words
from app.health import (
    BACKUP_AGE,
    LEAST_FREE,
    LEAST_SHARE,
    MOST_DRIFT_SECONDS,
    SLOW_QUEUE,
    clock_drift,
    last_backup,
)
from app.hosts import living
from app.overload import turned_away_today
from app.site import Site
from handlers.duty.actions import apps_without_quota
from handlers.duty.console import console
from models.approval import read_too_late
from models.doors import closed_doors
from models.identity import Actor
from models.leader import leader
from models.notices import Notice
from models.outbox import OutboxRow, waits_since
from models.schedule import EXPIRED, Schedule

TICKS = timedelta(minutes=5)  # the audit lines are chained every minute
QUIET_SOON, QUIET_LATE = 10, 14  # days without a notice; two weeks are the rule for public accounts
LATELY = timedelta(hours=24)
ROADS = {"template": "模板消息", "custom": "客服消息", "notice": "订阅通知", "mini": "小程序通知"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `level` is "good", "soon" or "bad"."""

    title: str
    words: str
    level: str = "good"


def checks(session: Session, site: Site) -> Iterator[Check]:
    yield _queue(session)
    yield _crowds(site)
    yield lost_today(session)
    yield _wechat(session, site)
    yield _doors(session)
    yield _backup(site)
    yield _scheduler(session)
    yield _hosts(session, site)
    yield _clock(site)
    yield _expired(session)
    yield _disk(site.settings.data)
    yield _published(session)
    yield _unread(session)


def _queue(session: Session) -> Check:
    oldest = waits_since(session)
    if oldest is None:
        return Check("消息队列", "没有积压。")
    late = clock.now() - oldest > SLOW_QUEUE
    words = f"最早的一条等了{waited_words(oldest)}。" + ("看看发送程序是不是停了。" if late else "")
    return Check("消息队列", words, "bad" if late else "good")


def _crowds(site: Site) -> Check:
    """Who wrote while too many wrote was told to do it again; staff should know why people are cross."""
    count, last = turned_away_today(site)
    if last is None:
        return Check("人太多时没接上的", "今天没有。")
    words = f"今天约{count}次请居民过一会儿再来,最近一次是{ago_words(last)}。"
    return Check("人太多时没接上的", words + "天天这样的话,请管理员看部署说明加机器。", "soon")


def lost_today(session: Session) -> Check:
    morning = clock.at(clock.today(), time())
    lost = OutboxRow.settled_at >= morning, OutboxRow.state.in_(("failed", "unknown"))
    count = session.scalar(select(func.count()).select_from(OutboxRow).where(*lost)) or 0
    if not count:
        return Check("今天没送到的", "没有。")
    return Check("今天没送到的", f"{count}条没送到,请窗口打电话。", "soon")


def _unread(session: Session) -> Check:
    """What was broadcast in a hurry is read by two others within a day."""
    late = len(session.scalars(read_too_late()).all())
    if not late:
        return Check("加急群发补审", "没有过期的。")
    return Check(
        "加急群发补审", f"{late}条发出去过了24小时还没有补审。请初审、复审的同事去“群发”里补。", "bad"
    )


def _wechat(session: Session, site: Site) -> Check:
    """The last answer of WeChat that was an error, as long as nothing has gone through since."""
    # What WeChat refused and is tried again was not sent, and is an error all the same.
    sent = select(OutboxRow).where(or_(OutboxRow.first_sent_at.is_not(None), OutboxRow.errcode.is_not(None)))
    row = session.scalar(sent.order_by(OutboxRow.id.desc()).limit(1))
    if row is not None and row.errcode and clock.now() - row.created_at < LATELY:
        return Check("微信接口", f"最近一次报错 {row.errcode}:{row.reason or '原因不明'}", "bad")
    kept = site.main.call.token.is_kept()
    return Check("微信接口", "令牌有效。" if kept else "还没有令牌,下次用时再取。")


def _doors(session: Session) -> Check:
    """What WeChat has shut for a while: everybody who is written to by that way waits."""
    shut = session.scalars(closed_doors()).all()
    if not shut:
        return Check("微信的限制", "没有。")
    said = (f"{_road_words(one.door)}停到{ago_words(one.until)},{one.reason.rstrip('。')}。" for one in shut)
    return Check("微信的限制", "".join(said), "soon")


def _road_words(door: str) -> str:
    road = door.rpartition(" ")[2]
    return ROADS.get(road, road)


def _backup(site: Site) -> Check:
    made = last_backup(site)
    if made is None:
        return Check("备份", "还没有备份。请管理员运行备份命令。", "bad")
    latest = datetime.fromtimestamp(made, UTC)
    old = clock.now() - latest > BACKUP_AGE
    words = f"最近一次是{ago_words(latest)}。"
    return Check("备份", words + ("超过26小时没有备份了。" if old else ""), "bad" if old else "good")


def _scheduler(session: Session) -> Check:
    last = session.scalar(select(func.max(Schedule.last_run_at)))
    if last is None:
        return Check("定时任务", "还没有运行过。", "bad")
    late = clock.now() - last > TICKS
    return Check("定时任务", f"最近一次是{ago_words(last)}。", "bad" if late else "good")


def _hosts(session: Session, site: Site) -> Check:
    """Which machines run this house, and which of them does what is due."""
    names = sorted({card.host for card in living(site.redis)})
    lead = leader(session)
    if lead is None:
        return Check("主机", "现在没有一台主机在管定时任务。请管理员看看。", "bad")
    words = f"{'、'.join(names)}在运行。" if len(names) > 1 else ""
    return Check("主机", f"{words}定时任务由{lead.holder.partition(' ')[0]}管。")


def _clock(site: Site) -> Check:
    drift = clock_drift(site)
    if drift is None:
        return Check("时钟", "还没有和微信对过。")
    wrong = abs(drift) > MOST_DRIFT_SECONDS
    words = f"和微信差{abs(drift):.0f}秒。" + ("请管理员把这台主机的时间校准。" if wrong else "")
    return Check("时钟", words, "bad" if wrong else "good")


def _expired(session: Session) -> Check:
    """Runs that came too late to be of use: nobody made them up, so somebody should know (trust F05)."""
    lately = Schedule.last_result == EXPIRED, Schedule.last_run_at >= clock.now() - LATELY
    jobs = session.scalars(select(Schedule.job).where(*lately).order_by(Schedule.job)).all()
    if not jobs:
        return Check("错过的定时任务", "没有。")
    return Check("错过的定时任务", f"{len(jobs)}项过了时间没有补做:{'、'.join(jobs)}。", "soon")


def _disk(data: Path) -> Check:
    usage = shutil.disk_usage(data)
    tight = usage.free < LEAST_FREE or usage.free < usage.total * LEAST_SHARE
    words = f"还剩 {usage.free / 1e9:.1f} GB。" + ("快满了,请管理员清理。" if tight else "")
    return Check("磁盘", words, "bad" if tight else "good")


def _published(session: Session) -> Check:
    last = session.scalar(select(func.max(Notice.published_at)).where(Notice.state == "published"))
    if last is None:
        return Check("最近的通知", "还没有发过通知。", "soon")
    days = (clock.today() - clock.local(last).date()).days
    words = f"{days}天前发的。" if days else "今天发的。"
    level = "bad" if days >= QUIET_LATE else "soon" if days >= QUIET_SOON else "good"
    left = {"soon": f"再过{QUIET_LATE - days}天就满两周了,该发一条了。", "bad": "超过两周没有发通知了。"}
    return Check("最近的通知", words + left.get(level, ""), level)


# ---- shown -----------------------------------------------------------------------------------------------------------


@console.get("/duty/alarms")
@staff("admin", "desk", "approver")
def alarms() -> str:
    with looking() as by:
        rows = list(checks(by.session, current_site()))
        may_clear = by.staff is not None and "admin" in by.staff.roles
        spent = may_clear and bool(apps_without_quota(by.session))
    return render_template("duty/console_alarms.html", rows=rows, spent=spent)


@console.today("admin", "desk", "approver")
def wrong(by: Actor) -> Card:
    found = [one for one in checks(by.session, current_site()) if one.level != "good"]
    address = url_for("duty_console.alarms")
    lines = [Line(f"{one.title}:{one.words}", address, urgent=one.level == "bad") for one in found]
    urgent = any(one.level == "bad" for one in found)
    return Card(
        "运行情况", len(lines), address, lines, nothing="队列、微信、备份、磁盘都正常。", urgent=urgent
    )
