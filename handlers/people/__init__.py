"""People: who they are to us, where they live, what they agreed to, and their right to see, correct and delete it."""

from app.feature import Feature
from handlers.people import browsers_chat, mine, pages_rights  # noqa: F401 — enter their words and pages
from handlers.people.api_rights import api
from handlers.people.chat import chat
from handlers.people.console import console
from handlers.people.jobs import JOBS
from handlers.people.pages import pages
from handlers.people.rights import erase_own, export_own, merge_own
from handlers.people.seed import seed
from models.linking import broken_joinings
from models.people import broken_places, kept_without_consent

feature = Feature(
    name="people",
    title="登记信息",
    chat=chat,
    console=console,
    console_menu=(("居民", "people_console.look_up", "person"),),
    api=api,
    pages=pages,
    export=export_own,
    erase=erase_own,
    merge=merge_own,
    invariants=(broken_places, broken_joinings, kept_without_consent),
    jobs=JOBS,
    seed=seed,
)
