"""The 15-minute circle: who helps nearby, comes home, and asks afterwards (花7)."""

from app.feature import Feature, Waits
from handlers.circle import (  # noqa: F401 — they enter their words into the chat, their pages into the house
    alarm,
    api_home,
    console_board,
    console_new,
    console_places,
    digits,
    home,
    pages_home,
    pages_work,
    working,
)
from handlers.circle.api import api
from handlers.circle.chat import chat
from handlers.circle.console import console
from handlers.circle.essentials import install
from handlers.circle.jobs import JOBS
from handlers.circle.pages import pages
from handlers.circle.rights import forget, kept_of, merge
from handlers.circle.seed import seed
from models.circle import lapsed_are_hidden, papers_to_renew
from models.circle_jobs import (
    HomeJob,
    jobs_of_desk,
    nobody_unlicensed,
    one_answers_until,
    time_is_held,
)

feature = Feature(
    name="circle",
    title="身边服务",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("生活圈", "circle_console.board", "circle"),),
    export=kept_of,
    erase=forget,
    merge=merge,
    invariants=[lapsed_are_hidden, one_answers_until, nobody_unlicensed, time_is_held],
    jobs=JOBS,
    waits=(
        Waits.rows("要安排的上门和急事", ("desk",), jobs_of_desk, HomeJob.changed_at),
        Waits("快到期的证件", ("desk",), papers_to_renew),
    ),
    essentials=install,
    seed=seed,
)
