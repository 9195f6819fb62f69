"""How a visit was: three faces and a word, once per visit, never a ranking of people."""

from app.feature import Feature
from handlers.ratings.chat import chat
from handlers.ratings.console import console
from handlers.ratings.jobs import JOBS
from handlers.ratings.pages import pages
from handlers.ratings.rights import forget, kept_of, merge
from handlers.ratings.seed import seed
from models.ratings import answered_by_somebody

feature = Feature(
    name="ratings",
    title="评价",
    chat=chat,
    pages=pages,
    console=console,
    console_menu=(("评价", "ratings_console.ratings", "rating"),),
    export=kept_of,
    erase=forget,
    merge=merge,
    invariants=[answered_by_somebody],
    jobs=JOBS,
    seed=seed,
)
