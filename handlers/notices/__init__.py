"""Policy notices: latest, by category, by words; plain words first, the source below."""

from app.feature import Feature
from handlers.notices.api import api
from handlers.notices.chat import chat
from handlers.notices.console import console
from handlers.notices.pages import pages
from handlers.notices.seed import seed

feature = Feature(
    "notices",
    "通知",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("通知", "notices_console.notices", "notice"),),
    seed=seed,
)
