"""The time bank 幸福交换站: hours earned, asked for, given and posted, kept by double entry (engine M4)."""

from app.feature import Feature, Waits
from app.work import WorkKind
from handlers.ledger import (  # noqa: F401 — they enter their words and pages
    api_agreeing,
    api_partners,
    console_accounts,
    console_months,
    console_orders,
    console_partners,
    gifts,
    mine,
    page_book,
    page_gifts,
)
from handlers.ledger.api import api
from handlers.ledger.chat import chat
from handlers.ledger.console import console
from handlers.ledger.essentials import install
from handlers.ledger.jobs import JOBS
from handlers.ledger.joining import merge, part
from handlers.ledger.pages import pages
from handlers.ledger.rights import forget, kept_of
from handlers.ledger.seed import seed
from handlers.ledger.works import print_book
from models.exchange import Exchange, requests_are_covered
from models.ledger_lists import disputed, to_match, unagreed
from models.ledger_months import months_stay
from models.ledger_sound import SOUND
from models.partners import pieces_are_counted

feature = Feature(
    name="ledger",
    title="时间银行",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(
        ("交换站", "ledger_console.requests", "hours"),
        ("时间审核", "ledger_console.orders", "check"),
    ),
    works=(WorkKind("ledger.book", "打印交换手册", print_book, shown_by="ledger/console_made.html"),),
    export=kept_of,
    erase=forget,
    merge=merge,
    part=part,
    invariants=[*SOUND, requests_are_covered, pieces_are_counted, months_stay],
    jobs=JOBS,
    waits=(
        Waits.rows("等人答应的互助", ("desk",), to_match, Exchange.asked_at),
        Waits.rows("等本人点头的互助", ("desk",), unagreed, Exchange.changed_at),
        Waits.rows("有争议的互助", ("desk",), disputed, Exchange.changed_at),
    ),
    essentials=install,
    seed=seed,
)
