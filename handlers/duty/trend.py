"""The last eight weeks as small charts: drawn by the server, each with its numbers as a table beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flask import render_template, request

from app import clock
from app.channels.console import looking, staff
from app.channels.console_login import signed_in
from handlers.duty.console import console
from models import trend as model
from models.identity import Actor

FEWEST = 5  # of a sensitive kind smaller numbers are not told (people.md §2.8)
SENSITIVE_ROLES = ("care", "approver")


@dataclass(frozen=True, slots=True)
class Chart:
    """`values` are one a week, None where there is nothing to say."""

    title: str
    unit: str
    values: list[int | None] = field(default_factory=list)
    sensitive: bool = False

    @property
    def words(self) -> list[str]:
        return [self._word(value) for value in self.values]

    @property
    def heights(self) -> list[float]:
        """Of each bar, from 0 to 1; a number that is not told is drawn as the largest that it may be."""
        drawn = [FEWEST - 1 if self._hidden(value) else value or 0 for value in self.values]
        most = max([*drawn, 1])
        return [height / most for height in drawn]

    def _word(self, value: int | None) -> str:
        if value is None:
            return "–"
        return f"<{FEWEST}" if self._hidden(value) else str(value)

    def _hidden(self, value: int | None) -> bool:
        return self.sensitive and value is not None and 0 < value < FEWEST


@console.get("/duty/trend")
@staff("desk", "approver", "leader", "care", "admin")
def trend() -> str:
    """A page of its own, and the part of it that 今天 asks for after it has come."""
    mondays = model.weeks_until(clock.today())
    with looking() as by:
        charts = _charts(by, mondays)
    part = "_part" if "HX-Request" in request.headers else ""
    return render_template(f"duty/console_trend{part}.html", charts=charts, mondays=mondays)


def _charts(by: Actor, mondays: list[date]) -> list[Chart]:
    answered, waited = model.answers(by.session, mondays)
    charts = [
        Chart("回复的对话", "次", [*answered]),
        Chart("等第一句回复(中位数)", "分钟", waited),
        Chart("预约", "个", [*model.visits(by.session, mondays)]),
        Chart("活动签到", "人次", [*model.check_ins(by.session, mondays)]),
        Chart("发布通知", "条", [*model.notices(by.session, mondays)]),
    ]
    if signed_in().has(*SENSITIVE_ROLES):
        charts.append(Chart("紧急求助", "件", [*model.bells(by.session, mondays)], sensitive=True))
    return charts
