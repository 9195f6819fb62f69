"""What staff fill in to plan a shift of every week."""

from __future__ import annotations

from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.channels.console_forms import NEEDED, ConsoleForm, choices, moment, words
from handlers.teams.actions import WeeklyShift
from handlers.teams.planning import MOST_ALARM
from models.teams_shifts import MOST_HANDS, MOST_WEEKS

WEEKDAYS = {str(n): f"周{name}" for n, name in enumerate("一二三四五六日")}
ROTAS = {"open": "队员自己报", "even": "轮流排:做得少的先排"}


class PlanForm(ConsoleForm):
    weekday = SelectField("周几", choices=choices(WEEKDAYS))
    opens = moment("从几点")
    closes = moment("到几点")
    title = words("叫什么", 20, needed=False, hint="比如:夜巡、排练。空着就用队名")
    place = words("集合的地方", 40)
    hands = IntegerField("要几个人", [InputRequired(NEEDED), NumberRange(1, MOST_HANDS)], default=3)
    weeks = IntegerField("提前排几周", [InputRequired(NEEDED), NumberRange(1, MOST_WEEKS)], default=2)
    rota = SelectField("怎么排人", choices=choices(ROTAS))
    alarm_hours = IntegerField(
        "提前几小时还缺人就提醒队长",
        [InputRequired(NEEDED), NumberRange(0, MOST_ALARM)],
        default=12,
        description="填0就不提醒,人数只当名额,比如排练",
    )

    @property
    def shift(self) -> WeeklyShift:
        return WeeklyShift(
            weekday=int(self.weekday.data),
            opens=self.opens.data,
            closes=self.closes.data,
            hands=self.hands.data,
            place=self.place.data,
            title=self.title.data or "",
            weeks=self.weeks.data,
            rota=self.rota.data,
            alarm_hours=self.alarm_hours.data,
        )
