"""The hall: one fair line of walk-ins and booked visits, windows that call, a screen on the wall (engine M2, 花13)."""

from app.feature import Feature
from handlers.hall import console_windows, screen_pages  # noqa: F401 — they enter their pages
from handlers.hall.api import api
from handlers.hall.chat import chat
from handlers.hall.console import console
from handlers.hall.jobs import JOBS
from handlers.hall.pages import pages
from handlers.hall.rights import forget, kept_of, merge
from handlers.hall.seed import seed
from models.hall import one_clerk_each
from models.tickets import one_number_each, states_are_whole

feature = Feature(
    name="hall",
    title="幸福吧",
    chat=chat,
    console=console,
    console_menu=(("叫号", "hall_console.line", "ticket"),),
    api=api,
    pages=pages,
    export=kept_of,
    erase=forget,
    merge=merge,
    invariants=[one_number_each, states_are_whole, one_clerk_each],
    jobs=JOBS,
    seed=seed,
)
