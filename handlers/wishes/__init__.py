"""Wishes: said in one sentence, reviewed, shown without a name, promised as a lease, done and thanked (engine M5)."""

from app.feature import Feature, Waits
from handlers.wishes import (  # noqa: F401 — they enter their words into the chat, their pages into the console
    console_claims,
    console_partners,
    mine,
    pages_relay,
)
from handlers.wishes.api import api
from handlers.wishes.chat import chat
from handlers.wishes.console import console
from handlers.wishes.jobs import JOBS
from handlers.wishes.pages import pages
from handlers.wishes.rights import forget, kept_of, merge
from handlers.wishes.seed import seed
from models.wish_lists import waiting_for_review
from models.wish_partners import lost_asks
from models.wish_words import WishWord, words_waiting
from models.wishes import Wish, no_stale_claims, one_claim_each

feature = Feature(
    name="wishes",
    title="心愿站",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("心愿", "wishes_console.wishes", "wish"),),
    export=kept_of,
    erase=forget,
    merge=merge,
    invariants=[one_claim_each, no_stale_claims, lost_asks],
    jobs=JOBS,
    waits=(
        Waits.rows("等审核的心愿", ("desk", "approver"), waiting_for_review, Wish.said_at),
        Waits.rows("要转的心愿留言", ("desk", "approver"), words_waiting, WishWord.at),
    ),
    seed=seed,
)
