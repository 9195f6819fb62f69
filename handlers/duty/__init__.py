"""Duty: when the office is open, who is on duty, who stands in for whom; who is told of new work, and the day's
alarms and trends for the page 今天."""

from app.feature import Feature
from app.work import WorkKind
from handlers.duty import alarms, console_leave, console_rota, trend  # noqa: F401 — enter their pages into the console
from handlers.duty.console import console
from handlers.duty.jobs import JOBS
from handlers.duty.quota import CLEAR, clear_as_work
from handlers.duty.seed import seed
from models.duty import every_leave_has_a_deputy

feature = Feature(
    "duty",
    "值班",
    console=console,
    console_menu=(("值班", "duty_console.rota", "duty"),),
    jobs=JOBS,
    seed=seed,
    works=(WorkKind(CLEAR, "清零今日额度", clear_as_work, shown_by="duty/console_quota.html"),),
    invariants=[every_leave_has_a_deputy],
)
