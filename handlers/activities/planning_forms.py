"""What staff fill in to plan: an activity with its groups and its form, one time of it, a series of times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, ValidationError, widgets
from wtforms.validators import NumberRange, Optional

from app import clock
from app.channels.console_forms import ConsoleForm, choices, day, lines_of, moment, words
from app.channels.console_forms import sentence as area
from app.understanding.numbers import number_in
from handlers.activities.actions import Rhythm
from models.activities import MOST_SEATS
from models.activities_rules import MOST_OPTIONS, MOST_QUESTIONS, PAPERS, Group, Need, Question

ASKED = 5
KINDS = {"text": "写一句", "choice": "从几个里选", "yes_no": "是或否", "number": "数字"}
WEEKDAYS = {str(n): f"周{name}" for n, name in enumerate("一二三四五六日")}
OVERLAPS = {"soft": "提醒一声,还能报", "hard": "不让报"}


def several(label: str, named: Mapping[str, str] | None = None) -> Any:
    """Boxes to tick."""
    return SelectMultipleField(label, choices=choices(named or {}), option_widget=widgets.CheckboxInput())


class QuestionForm(ConsoleForm):
    """One question of the sign-up form; an empty one is none."""

    class Meta(ConsoleForm.Meta):
        csrf = False

    ask = words("问什么", 40, needed=False)
    kind = SelectField("怎么答", choices=choices(KINDS), default="text")
    options = words("从哪几个里选", 80, needed=False, hint="用顿号隔开,比如:都行、清真")
    purpose = words("用来做什么", 20, needed=False, hint="居民看得到,比如:订饭")
    needed = BooleanField("必须填", default=True)
    shown = BooleanField("印在签到表和负责人的名单上", default=True)

    def question(self, key: str) -> Question | None:
        if not self.ask.data:
            return None
        options = [one.strip() for one in (self.options.data or "").replace(",", "、").split("、")]
        kept = tuple(one for one in options if one)[:MOST_OPTIONS] if self.kind.data == "choice" else ()
        return Question(
            key,
            self.ask.data,
            self.kind.data,
            kept,
            needed=self.needed.data,
            purpose=self.purpose.data or "",
            shown=self.shown.data,
        )


class ActivityForm(ConsoleForm):
    title = words("名称", 20)
    sentence = words("一句话说明", 120, hint="居民看得到:做什么,谁能来")
    place = words("地点", 40)
    leader = words("负责人", 20, hint="居民问的时候说的名字")
    resident = words(
        "负责人是哪位居民", 30, needed=False, hint="手机号、全名或居民编号;写了,他在手机上就能带"
    )
    programme = SelectField("属于哪个项目")
    listed = BooleanField("公开:居民能看到、能报名", default=True)
    tags = several("不公开的,有这些标签的居民能报")
    family = BooleanField("能替家人一起报")
    groups = area(
        "分组和名额", 200, needed=False, hint="一行一组,比如:儿童 8 孩子;家长 4;辅导员 2 帮手", rows=3
    )
    overlap = SelectField("和别的活动时间撞了", choices=choices(OVERLAPS), default="soft")
    join_hours = IntegerField("提前几小时截止报名", [Optional(), NumberRange(0, 24 * 30)], default=0)
    leave_hours = IntegerField("提前几小时就不能自己退", [Optional(), NumberRange(0, 24 * 30)], default=0)
    claim_hours = IntegerField("空出的名额留几小时", [Optional(), NumberRange(1, 72)], default=12)
    ratio = IntegerField("一个帮手最多带几个人", [Optional(), NumberRange(1, 50)])
    roll_call = BooleanField("出去和回来要点人数")
    needs = several("参加的人要先交什么", PAPERS)
    helpers_need = several("帮手还要交什么", PAPERS)

    def validate_groups(self, field: Any) -> None:
        if any(_group(line, n) is None for n, line in enumerate(lines_of(field.data))):
            raise ValidationError("每行写名称和名额,比如:儿童 8 孩子。")

    @property
    def read_groups(self) -> list[Group]:
        found = (_group(line, n) for n, line in enumerate(lines_of(self.groups.data)))
        return [one for one in found if one is not None]

    @property
    def read_needs(self) -> list[Need]:
        helping = [one.key for one in self.read_groups if one.helps]
        own = [Need(kind) for kind in self.needs.data]
        return own + [Need(kind, key) for kind in self.helpers_need.data for key in helping]

    def rules(self) -> dict[str, Any]:
        return {
            "groups": self.read_groups,
            "needs": self.read_needs,
            "overlap": self.overlap.data,
            "family": self.family.data,
            "join_minutes": (self.join_hours.data or 0) * 60,
            "leave_minutes": (self.leave_hours.data or 0) * 60,
            "claim_minutes": (self.claim_hours.data or 12) * 60,
            "ratio": self.ratio.data,
            "roll_call": self.roll_call.data,
        }


def _group(line: str, number: int) -> Group | None:
    """ "儿童 8 孩子" as a group; None when the words say none."""
    name, *rest = line.replace(",", " ").split()
    seats = number_in(rest[0].removesuffix("人")) or 0 if rest else 0
    if not 1 <= seats <= MOST_SEATS or len(name) > 10:
        return None
    marks = set(rest[1:])
    return Group(f"g{number + 1}", name, seats, "孩子" in marks, "帮手" in marks)


def group_words(groups: Sequence[Group]) -> str:
    marks = {group.key: "".join([" 孩子" * group.minors, " 帮手" * group.helps]) for group in groups}
    return "\n".join(f"{group.name} {group.seats}{marks[group.key]}" for group in groups)


def questions_asked(known: Sequence[Question]) -> list[QuestionForm]:
    """As many as there are, and room for more. Each keeps its key, so that what was answered stays with it."""
    forms = []
    for n in range(min(MOST_QUESTIONS, max(ASKED, len(known) + 2))):
        facts: dict[str, Any] = {}
        if n < len(known):
            one = known[n]
            facts = {"ask": one.ask, "kind": one.kind, "options": "、".join(one.options)}
            facts |= {"purpose": one.purpose, "needed": one.needed, "shown": one.shown}
        forms.append(QuestionForm(prefix=f"q{n + 1}-", data=facts))
    return forms


# ---- when it takes place ----------------------------------------------------------------------------------


class SessionForm(ConsoleForm):
    day = day("哪一天")
    starts = moment("从几点")
    ends = moment("到几点")
    capacity = IntegerField(
        "名额", [Optional(), NumberRange(1, MOST_SEATS)], default=20, render_kw={"inputmode": "numeric"}
    )

    def validate_day(self, field: Any) -> None:
        if field.data and field.data < clock.today():
            raise ValidationError("这一天已经过去了。")


class SeriesForm(ConsoleForm):
    first = day("从哪天起", needed=False)
    last = day("到哪天止", needed=False)
    weekdays = several("每周哪几天", WEEKDAYS)
    days = area("或者写明哪几天", 1500, needed=False, hint="一行一天,比如 2026-12-01;写了就不看上面", rows=3)
    opens = moment("从几点")
    closes = moment("到几点")
    seats = IntegerField(
        "名额", [Optional(), NumberRange(1, MOST_SEATS)], default=20, render_kw={"inputmode": "numeric"}
    )

    def validate_days(self, field: Any) -> None:
        if any(_day(line) is None for line in lines_of(field.data)):
            raise ValidationError("每行写一天,比如 2026-12-01。")

    @property
    def rhythm(self) -> Rhythm:
        told = [_day(line) for line in lines_of(self.days.data)]
        return Rhythm(
            self.opens.data,
            self.closes.data,
            first=self.first.data,
            last=self.last.data,
            weekdays=tuple(int(one) for one in self.weekdays.data),
            days=tuple(one for one in told if one is not None),
        )


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None
