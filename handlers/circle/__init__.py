"""The 15-minute circle: who helps nearby, comes home, and asks afterwards (花7)."""

from app.feature import Feature, Waits
from handlers.circle.api import api
from handlers.circle.chat import chat
from handlers.circle.console import console
from handlers.circle.essentials import install
from handlers.circle.jobs import JOBS
from handlers.circle.pages import pages
from handlers.circle.seed import seed
from models.circle import lapsed_are_hidden, papers_to_renew

feature = Feature(
    name="circle",
    title="身边服务",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("生活圈", "circle_console.providers", "circle"),),
    invariants=[lapsed_are_hidden],
    jobs=JOBS,
    waits=(Waits("快到期的证件", ("desk",), papers_to_renew),),
    essentials=install,
    seed=seed,
)
