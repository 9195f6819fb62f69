"""Hours: confirmed by the coordinator and who was served, open to objection, then posted (engine M4)."""

from app.feature import Feature, Waits
from handlers.hours import console_one, pages_leading  # noqa: F401 — they enter their pages
from handlers.hours.api import api
from handlers.hours.carrying import forget, kept_of, merge, part
from handlers.hours.chat import chat
from handlers.hours.console import COORDINATORS, console
from handlers.hours.jobs import jobs
from handlers.hours.pages import pages
from handlers.hours.seed import seed
from models.hours import ServiceHours
from models.hours_checks import SOUND
from models.hours_lists import differing, disputed, to_confirm

feature = Feature(
    name="hours",
    title="志愿时长",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("时长", "hours_console.lists", "stopwatch"),),
    export=kept_of,
    erase=forget,
    merge=merge,
    part=part,
    invariants=SOUND,
    jobs=jobs,
    waits=(
        Waits.rows("时长有异议", COORDINATORS, disputed, ServiceHours.objected_at),
        Waits.rows("时长等确认", COORDINATORS, to_confirm, ServiceHours.made_at),
        Waits.rows("时长和入账不一致", COORDINATORS, differing, ServiceHours.made_at),
    ),
    seed=seed,
)
