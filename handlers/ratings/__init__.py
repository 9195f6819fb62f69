"""How a visit was: three faces and a word, once per visit, never a ranking of people. And the community's diary:
suggestions with an answer for everybody."""

from app.feature import Feature, Waits
from handlers.ratings import (  # noqa: F401 — enter words and pages
    chat_diary,
    chat_slip,
    console_honours,
    console_suggestions,
    pages_diary,
    pages_honours,
    pages_slip,
)
from handlers.ratings.api import api
from handlers.ratings.chat import chat
from handlers.ratings.console import console
from handlers.ratings.jobs import JOBS
from handlers.ratings.pages import pages
from handlers.ratings.rights import forget, kept_of, merge, part
from handlers.ratings.seed import seed
from models.diary import Suggestion, read_by_two, to_be_passed
from models.rating_honours import frozen_as_reckoned, nothing_public_with_open_appeals
from models.ratings import answered_by_somebody

feature = Feature(
    name="ratings",
    title="评价",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("评价", "ratings_console.ratings", "rating"),),
    export=kept_of,
    erase=forget,
    merge=merge,
    part=part,
    invariants=[
        answered_by_somebody,
        read_by_two,
        frozen_as_reckoned,
        nothing_public_with_open_appeals,
    ],
    jobs=JOBS,
    waits=(Waits.rows("等公开的建议", ("desk", "approver"), to_be_passed, Suggestion.asked_at),),
    seed=seed,
)
