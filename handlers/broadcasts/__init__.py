"""Broadcasts: a notice sent to those whom it concerns, by the best road that WeChat still allows."""

from app.feature import Feature, Waits
from app.work import WorkKind
from handlers.broadcasts import (
    console_decide,  # noqa: F401 — enters its pages into the console
    console_doors,  # noqa: F401 — enters its pages into the console
    console_preview,  # noqa: F401 — enters its pages into the console
    console_progress,  # noqa: F401 — enters its pages into the console
    console_report,  # noqa: F401 — enters its pages into the console
    console_write,  # noqa: F401 — enters its pages into the console
    events,  # noqa: F401 — enters what WeChat reports into the chat
    review_sheet,
    settings_chat,  # noqa: F401 — enters what residents want into the chat
    settings_pages,  # noqa: F401 — and into the pages
)
from handlers.broadcasts.api import api
from handlers.broadcasts.calls import send_calls
from handlers.broadcasts.chat import chat
from handlers.broadcasts.console import console
from handlers.broadcasts.invariants import INVARIANTS
from handlers.broadcasts.jobs import JOBS, carry_on
from handlers.broadcasts.pages import pages
from handlers.broadcasts.reach import make_sheet
from handlers.broadcasts.rights import forget, kept_of, merge, part
from handlers.broadcasts.running import hold_after_restore
from handlers.broadcasts.seed import seed
from models.approval import proposed, to_read_later
from models.broadcasts import Broadcast
from models.knocks import waiting

feature = Feature(
    "broadcasts",
    "群发",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(
        ("群发", "broadcasts_console.broadcasts", "broadcast"),
        ("上门", "broadcasts_console.all_doors", "door"),
    ),
    export=kept_of,
    erase=forget,
    merge=merge,
    part=part,
    waits=(
        Waits.rows("群发等终审", ("approver",), proposed, Broadcast.proposed_at),
        Waits.rows("加急群发等补审", ("first_review", "second_review"), to_read_later, Broadcast.approved_at),
        Waits("没收到通知,要上门说的", ("grid",), waiting),
    ),
    works=(
        WorkKind(
            "broadcasts.report", "群发结果表", make_sheet, shown_by="broadcasts/console_report_made.html"
        ),
        WorkKind(
            review_sheet.KIND, "做审稿单", review_sheet.make, shown_by="broadcasts/console_sheet_made.html"
        ),
    ),
    invariants=INVARIANTS,
    restored=hold_after_restore,
    jobs=JOBS,
    errands=(carry_on, send_calls),
    seed=seed,
)
