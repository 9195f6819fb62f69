"""The desk: where the bot ends, a person of the staff begins."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import files
from app.feature import Feature, Waits
from handlers.desk import console_quick, console_talk, everyday  # noqa: F401 — enter their pages and words
from handlers.desk.chat import chat
from handlers.desk.console import console
from handlers.desk.jobs import JOBS
from handlers.desk.media import PURPOSE, fetch_waiting
from handlers.desk.seed import seed
from models.desk import OPEN_STATES, DeskLine, DeskTalk, unanswered, waiting_talks
from models.identity import Actor, Person
from models.stored_file import StoredFile


def export(session: Session, person: Person) -> Mapping[str, Any]:
    lines = session.scalars(
        select(DeskLine).join(DeskTalk).where(DeskTalk.person_id == person.id, DeskLine.speaker != "note")
    )
    who = {"resident": "您", "staff": "工作人员"}
    return {
        "和工作人员的对话": [
            f"{line.at:%Y-%m-%d %H:%M} {who[line.speaker]}:{line.text}" for line in lines if line.text
        ]
    }


def erase(by: Actor, person: Person) -> None:
    talks = select(DeskTalk.id).where(DeskTalk.person_id == person.id)
    by.session.execute(delete(DeskLine).where(DeskLine.talk_id.in_(talks)))
    by.session.execute(delete(DeskTalk).where(DeskTalk.person_id == person.id))
    sent = select(StoredFile).where(StoredFile.person_id == person.id, StoredFile.purpose == PURPOSE)
    for kept in by.session.scalars(sent).all():
        files.remove(by.session, kept)


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """Open talks of the one who goes are closed: a person has one."""
    gone_open = update(DeskTalk).where(DeskTalk.person_id == gone.id, DeskTalk.state.in_(OPEN_STATES))
    by.session.execute(gone_open.values(state="closed", waiting_since=None))
    by.session.execute(update(DeskTalk).where(DeskTalk.person_id == gone.id).values(person_id=kept.id))


def one_open_talk_each(session: Session) -> Sequence[str]:
    count = func.count()
    double = (
        select(DeskTalk.person_id)
        .where(DeskTalk.state.in_(OPEN_STATES))
        .group_by(DeskTalk.person_id)
        .having(count > 1)
    )
    return [f"person {person} has two open talks" for person in session.scalars(double)]


feature = Feature(
    "desk",
    "找工作人员",
    chat=chat,
    console=console,
    console_menu=(("对话", "desk_console.inbox", "talk"),),
    export=export,
    erase=erase,
    merge=merge,
    jobs=JOBS,
    waits=(Waits.rows("等回复的居民", ("desk",), waiting_talks, DeskTalk.waiting_since),),
    errands=(fetch_waiting,),
    seed=seed,
    invariants=[one_open_talk_each, unanswered],
)
