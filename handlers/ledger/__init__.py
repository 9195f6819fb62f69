"""The time bank 幸福交换站: hours earned, asked for, given and posted, kept by double entry (engine M4)."""

from app.feature import Feature, Waits
from handlers.ledger import (  # noqa: F401 — they enter their words into the chat, their pages into the H5
    mine,
    page_book,
)
from handlers.ledger.api import api
from handlers.ledger.chat import chat
from handlers.ledger.essentials import install
from handlers.ledger.jobs import JOBS
from handlers.ledger.pages import pages
from handlers.ledger.rights import forget, kept_of, merge, part
from models.exchange import Exchange, requests_are_covered
from models.ledger_lists import disputed, to_match
from models.ledger_sound import SOUND

feature = Feature(
    name="ledger",
    title="时间银行",
    chat=chat,
    api=api,
    pages=pages,
    export=kept_of,
    erase=forget,
    merge=merge,
    part=part,
    invariants=[*SOUND, requests_are_covered],
    jobs=JOBS,
    waits=(
        Waits.rows("等人答应的互助", ("desk",), to_match, Exchange.asked_at),
        Waits.rows("有争议的互助", ("desk",), disputed, Exchange.changed_at),
    ),
    essentials=install,
)
