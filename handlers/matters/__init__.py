"""What residents report: a lamp, rubbish, a neighbour's noise; a number at once, an owner and a due time always."""

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.feature import Feature, Waits
from handlers.matters import (  # noqa: F401 — enter pages and words
    console_guarded,
    console_join,
    console_proof,
    console_rules,
    console_take,
    mine,
    pages_quiet,
)
from handlers.matters.actions import install_rules
from handlers.matters.api import api
from handlers.matters.chat import chat
from handlers.matters.console import console
from handlers.matters.console_guarded import WORD
from handlers.matters.jobs import JOBS
from handlers.matters.pages import pages
from handlers.matters.rights import forget, kept_of, merge
from handlers.matters.seed import seed
from handlers.matters.works import WORKS, fetch_waiting
from models.guarded_matters import none_late_unseen
from models.identity import Actor
from models.matter_lists import open_matters
from models.matters import Matter, nameless_stay_nameless, one_owner_one_due


def nobody_has_it() -> Select[Matter]:
    """Said and not taken up yet."""
    return open_matters().where(Matter.state == "received")


def essentials(session: Session) -> None:
    install_rules(Actor(session, channel="job"))


feature = Feature(
    name="matters",
    title="说事",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(
        ("说事", "matters_console.matters", "matter"),
        (WORD, "matters_console.guarded_list", "guarded"),
    ),
    export=kept_of,
    erase=forget,
    merge=merge,
    invariants=[one_owner_one_due, nameless_stay_nameless, none_late_unseen],
    jobs=JOBS,
    waits=(Waits.rows("新说的事", ("desk",), nobody_has_it, Matter.said_at),),
    works=WORKS,
    errands=(fetch_waiting,),
    essentials=essentials,
    seed=seed,
)
