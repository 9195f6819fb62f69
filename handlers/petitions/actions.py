"""What happens to petitions and to the times at which a leader receives: all that writes is offered here."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from handlers.petitions import lane
from handlers.petitions.booking import (
    Asked,
    Received,
    code_of,
    displace,
    keep_draft,
    leaders_named,
    move,
    name_the_accused,
    receive,
    told,
    withdraw,
)
from handlers.petitions.case import (
    add_papers,
    ask_for_review,
    exclude,
    extend,
    has_room,
    move_on,
    write_note,
)
from handlers.petitions.meeting import (
    Outcome,
    call_in,
    check_off,
    keep_promise,
    promise,
    say_satisfied,
    set_link,
    write_outcome,
)
from handlers.petitions.planning import Rota, add_plan, add_resource, away, come_back, end_plan
from handlers.petitions.reading import ask_to_read, decide, open_one, open_permitted
from handlers.petitions.rules import add_version, confirm_rule
from handlers.petitions.tending import (
    close_over,
    forget_drafts,
    mend_places,
    put_messages,
    sound_alarms,
)
from models.identity import Actor
from models.petitions import Petition
from models.petitions_clock import all_spans, install_first_rules, version_on
from models.petitions_lists import ended_petitions
from models.petitions_plan import fill_times

__all__ = [
    "Asked",
    "Outcome",
    "Received",
    "Rota",
    "add_papers",
    "add_plan",
    "add_resource",
    "add_version",
    "ask_for_review",
    "ask_to_read",
    "away",
    "call_in",
    "check_off",
    "close_over",
    "code_of",
    "come_back",
    "confirm_rule",
    "decide",
    "displace",
    "end_plan",
    "exclude",
    "extend",
    "fill_times",
    "forget_drafts",
    "forget_old",
    "has_room",
    "install_first_rules",
    "keep_draft",
    "keep_promise",
    "leaders_named",
    "mend_places",
    "move",
    "move_on",
    "name_the_accused",
    "open_one",
    "open_permitted",
    "promise",
    "put_messages",
    "receive",
    "say_satisfied",
    "set_link",
    "sound_alarms",
    "told",
    "withdraw",
    "write_note",
    "write_outcome",
]


def forget_old(by: Actor) -> int:
    """Cases go when the time for which the law wants them kept is over; how many."""
    spans, now = all_spans(by.session), version_on(by.session, clock.today())

    def unit(session: Session) -> int:
        gone = [one for one in session.scalars(ended_petitions()) if _is_over(one)]
        for one in gone:
            session.delete(one)
        return len(gone)

    def _is_over(one: Petition) -> bool:
        keep = timedelta(days=spans[one.rules or now]["keep"].days)
        return one.ended_at is not None and one.ended_at < clock.now() - keep

    return lane.writing(by, unit)
