"""The staff: accounts and roles, signing in at the console, and the trail of what was done."""

from app.feature import Feature
from handlers.staff import accounts, mine, proof, scanning, trail  # noqa: F401 — enter their pages into the console
from handlers.staff.chat import chat
from handlers.staff.console import console
from handlers.staff.jobs import JOBS
from handlers.staff.pages import pages
from handlers.staff.seed import seed

feature = Feature(
    name="staff",
    title="工作人员",
    chat=chat,
    pages=pages,
    console=console,
    console_menu=(("账号", "staff_console.accounts", "key"), ("留痕", "staff_console.trail", "trail")),
    jobs=JOBS,
    seed=seed,
)
