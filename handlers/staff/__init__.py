"""The staff: accounts and roles, signing in at the console, and the trail of what was done."""

from app.feature import Feature
from app.work import WorkKind
from handlers.staff import accounts, mine, proof, scanning, trail, trail_check  # noqa: F401 — enter their pages into the console
from handlers.staff.chat import chat
from handlers.staff.console import console
from handlers.staff.jobs import JOBS
from handlers.staff.pages import pages
from handlers.staff.rights import export_own
from handlers.staff.seed import seed
from handlers.staff.trail_check import VERIFY, verify_as_work

feature = Feature(
    name="staff",
    title="工作人员",
    chat=chat,
    pages=pages,
    console=console,
    console_menu=(("账号", "staff_console.accounts", "key"), ("留痕", "staff_console.trail", "trail")),
    jobs=JOBS,
    export=export_own,
    works=(WorkKind(VERIFY, "核对留痕", verify_as_work, shown_by="staff/console_trail_checked.html"),),
    seed=seed,
)
