"""People: who they are to us, where they live, what they agreed to, and their right to see, correct and delete it."""

from app.feature import Feature
from handlers.people import (  # noqa: F401 — enter their words and pages
    browsers_chat,
    console_card,
    console_grids,
    console_households,
    console_moves,
    console_tags,
    kin,
    mine,
    pages_rights,
)
from handlers.people.api_rights import api
from handlers.people.chat import chat
from handlers.people.console import console
from handlers.people.indexing import index_names
from handlers.people.jobs import JOBS
from handlers.people.pages import pages
from handlers.people.rights import erase_own, export_own, merge_own, part_own
from handlers.people.seed import seed
from models.households import broken_households
from models.linking import broken_joinings
from models.people import kept_without_consent
from models.places import broken_places
from models.proxies import broken_proxies
from models.sensitive import overdue_facts

feature = Feature(
    name="people",
    title="登记信息",
    chat=chat,
    console=console,
    console_menu=(
        ("居民", "people_console.look_up", "person"),
        ("住户", "people_console.households", "home"),
    ),
    api=api,
    pages=pages,
    export=export_own,
    erase=erase_own,
    merge=merge_own,
    part=part_own,
    invariants=(
        broken_places,
        broken_joinings,
        kept_without_consent,
        broken_households,
        broken_proxies,
        overdue_facts,
    ),
    jobs=JOBS,
    essentials=index_names,
    seed=seed,
)
