"""The report of a broadcast: what we know, what WeChat does not tell, whom it missed; nothing made to look better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock, work
from app.sheets.writing import XLSX, Cell, Column, Table, as_xlsx
from app.wechat.errcodes import meaning_of
from app.work import Task
from handlers.broadcasts.rights import ROADS
from models import reach_counts as counts
from models.broadcasts import Broadcast, BroadcastCall
from models.identity import Actor
from models.lately import counted_lately
from models.places import Grid, Place
from models.places_named import with_line
from models.reach_counts import Group, Tally
from models.refusal import Refusal
from models.staff import StaffMember

# How a standing reads on a road; where WeChat tells nothing about one person it ends at "handed over".
HANDED, DELIVERED, UNSURE, FAILED = "已交给微信", "微信说送到了", "说不准", "没发成"
STANDINGS = {
    "queued": "还没发",
    "waiting": "还没发",
    "held": "还没发",
    "sending": "正在发",
    "submitted": HANDED,
    "done": HANDED,
    "delivered": DELIVERED,
    "unknown": UNSURE,
    "failed": FAILED,
    "expired": "过时没发",
    "paper": "要上门",
    "cancelled": "停下没发",
}
ORDER = tuple(dict.fromkeys(STANDINGS.values()))
AT_ONCE = 1000
TELLS_NOTHING = ("custom", "mass")
KINDS = ("reached", "perhaps", "missed", "waits", "stopped")
SIGNS = {"page": "打开网页看了", "word": "回复了“收到”", "menu": "从通知里打开看了"}
MAY_EXPORT = frozenset({"desk", "approver"})


@dataclass(frozen=True, slots=True)
class Report:
    """`roads` is road → standing in words → how many; `kinds` parts the whole; a group is (its name, numbers)."""

    total: int
    kinds: Mapping[str, int]
    roads: Mapping[str, Mapping[str, int]]
    read_by_road: Mapping[str, int]
    read: int
    told: int
    delivered: int
    signs: Mapping[str, int]
    within: Sequence[tuple[int, int]]
    failures: Sequence[tuple[str, int]]
    calls: Sequence[BroadcastCall]
    grids: Sequence[tuple[str, Group]]
    houses: Sequence[tuple[str, Group]]

    @property
    def standings(self) -> list[str]:
        """The columns that are not empty."""
        used = {words for row in self.roads.values() for words in row}
        return [words for words in ORDER if words in used]


def report_of(session: Session, broadcast: Broadcast) -> Report:
    """What WeChat says of its calls now, and the rest, where it is many people, as it was a few seconds ago."""
    key = "report", broadcast.id
    counted = counted_lately(session, key, lambda: _count(session, broadcast), lambda one: one.total)
    return replace(counted, calls=session.scalars(counts.calls_of(broadcast)).all())


def _count(session: Session, broadcast: Broadcast) -> Report:
    rows = counts.tallied(session, broadcast)
    signs = counts.by_sign(rows)
    return Report(
        total=sum(row.people for row in rows),
        kinds={kind: _sum(row for row in rows if row.kind == kind) for kind in KINDS},
        roads=_by_road(rows),
        read_by_road={road: _sum(row for row in rows if row.road == road and row.read) for road in ROADS},
        read=_sum(row for row in rows if row.read),
        told=_sum(row for row in rows if row.told),
        delivered=_sum(row for row in rows if _said(row) == DELIVERED),
        signs={words: signs.get(how, 0) for how, words in SIGNS.items()},
        within=counts.read_within(rows),
        failures=_failures(session, broadcast) if any(row.standing == "failed" for row in rows) else (),
        calls=(),
        grids=_named(session, Grid, counts.by_grid(rows)),
        houses=_named(session, Place, counts.by_house(rows)),
    )


def _sum(rows: Any) -> int:
    return sum(row.people for row in rows)


def _said(row: Tally) -> str:
    words = STANDINGS.get(row.standing, row.standing)
    return HANDED if row.road in TELLS_NOTHING and words == DELIVERED else words


def _by_road(rows: Sequence[Tally]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for row in rows:
        line = table.setdefault(row.road, {})
        line[_said(row)] = line.get(_said(row), 0) + row.people
    return {road: table[road] for road in ROADS if road in table}


def _failures(session: Session, broadcast: Broadcast) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for code, reason, people in counts.failures(session, broadcast):
        words = reason or (meaning_of(code).advice if code else "微信没有说原因")
        found[words] = found.get(words, 0) + people
    return list(found.items())


def _named(session: Session, kind: type[Grid | Place], groups: Sequence[Group]) -> list[tuple[str, Group]]:
    """Small ones are told together: a number about three people tells of each of them."""
    large, rest = counts.told_apart(groups)
    large.sort(key=lambda one: one.key is None)
    names = _names(session, kind, [group.key for group in large if group.key])
    named = [(names.get(group.key or 0, "没登记住址"), group) for group in large]
    return [*named, ("其余的合在一起", rest)] if rest else named


def _names(session: Session, kind: type[Grid | Place], ids: Sequence[int]) -> dict[int, str]:
    """In a few statements, however many houses there are."""
    found: dict[int, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        these = ids[start : start + AT_ONCE]
        if kind is Grid:
            found |= {one.id: one.name for one in session.scalars(select(Grid).where(Grid.id.in_(these)))}
        else:
            places = select(Place).where(Place.id.in_(these)).options(with_line(Place.parent))
            found |= {one.id: one.full_name for one in session.scalars(places)}
    return found


# ---- taken away ------------------------------------------------------------------------------------------------------


def ask_for_sheet(by: Actor, broadcast: Broadcast) -> int:
    """The same numbers as a sheet; nobody's name stands in it. The number of the long work."""
    if by.staff is None or not MAY_EXPORT & set(by.staff.roles):
        raise Refusal("broadcasts.no_sheet_for_you")
    asked = work.ask_for(by, "broadcasts.report", broadcast=broadcast.id)
    audit.note(by, "broadcasts.export_report", broadcast)
    by.session.flush()
    return asked.id


def make_sheet(task: Task) -> Mapping[str, Any]:
    number, community = task.facts["broadcast"], task.site.settings.community.name
    task.step(0, 2, "数一数")
    now = clock.local(clock.now())
    with task.site.database.reading() as session:
        broadcast = session.get_one(Broadcast, number)
        rows = sheet_rows(report_of(session, broadcast))
        title, who = broadcast.version.content["title"], session.get_one(StaffMember, task.staff_id).name
    task.step(1, 2, "写成文件")
    table = Table(
        title=f"群发结果:{title}",
        unit=community,
        day=f"{now:%Y-%m-%d}",
        filled_by=who,
        mark=f"{who} {now:%Y-%m-%d %H:%M} 导出 群发第{number}号",
        columns=[Column("哪一项", 16), Column("是什么", 34), Column("人数", 10, True), Column("说明", 44)],
        rows=rows,
    )
    task.give_file(
        as_xlsx(table), name=f"群发结果_{number}.xlsx", media_type=XLSX, purpose="broadcasts.report"
    )
    return {"rows": len(rows)}


def sheet_rows(report: Report) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        ["总的", "发给", report.total, ""],
        ["总的", "确实知道了", report.kinds["reached"], "微信说送到了、自己看过,或者当面、打电话说了"],
        ["总的", "不知道", report.kinds["perhaps"], "交给了微信,微信不告诉我们有没有看到"],
        ["总的", "没有送到", report.kinds["missed"], "没有微信、没发成、说不准、过时没发"],
        ["总的", "自己看过", report.read, ""],
        ["总的", "当面或打电话说了", report.told, ""],
    ]
    rows += [
        [ROADS[road], words, number, ""]
        for road, line in report.roads.items()
        for words, number in line.items()
    ]
    rows += [["看过的", words, number, ""] for words, number in report.signs.items()]
    rows += [["多久以内看过", f"{hours}小时", number, ""] for hours, number in report.within]
    rows += [["没发成的原因", words, number, ""] for words, number in report.failures]
    for call in report.calls:
        told = call.counts or {}
        names = {"total": "一共", "filter": "要发的", "sent": "发成的", "error": "没发成的"}
        rows += [
            [f"第{call.number}批群发", names[key], told[key], "微信只告诉人数"]
            for key in names
            if key in told
        ]
    for kind, groups in (("网格", report.grids), ("楼栋", report.houses)):
        rows += [
            [kind, name, group.total, f"知道了{group.reached},看过{group.read},没送到{group.missed}"]
            for name, group in groups
        ]
    return rows
