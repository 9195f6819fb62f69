"""What happens to activities, as other features and all channels ask for it: planned, changed and called off; joined,
waited for and left; led. Each part stands in a file of its own."""

from handlers.activities.admitting import admit, must_not_have_withdrawn, walk_in
from handlers.activities.cancelling import (
    can_restore,
    cancel_following,
    cancel_session,
    restore_following,
    restore_session,
    would_hear,
)
from handlers.activities.changing import Change, change_session
from handlers.activities.changing_party import add_to_party, take_from_party
from handlers.activities.handing import free_seat, hand_over
from handlers.activities.joining import change_answers, claim, leave, may_leave, sign_up, wait
from handlers.activities.leading import (
    as_leader,
    count_heads,
    mark_closed,
    may_lead,
    must_lead,
    note_mark,
    open_session,
    send_word,
    session_led,
)
from handlers.activities.papers import drop_paper, keep_paper, let_in, let_out, open_to_tags
from handlers.activities.planning import Rhythm, edit_activity, plan_activity, plan_series, plan_session
from handlers.activities.rights import forget
from handlers.activities.waiting import end_offers, end_queues
from handlers.activities.wishes import ALONE, Member, Wish

__all__ = [
    "ALONE",
    "Change",
    "Member",
    "Rhythm",
    "Wish",
    "add_to_party",
    "admit",
    "as_leader",
    "can_restore",
    "cancel_following",
    "cancel_session",
    "change_answers",
    "change_session",
    "claim",
    "count_heads",
    "drop_paper",
    "edit_activity",
    "end_offers",
    "end_queues",
    "forget",
    "free_seat",
    "hand_over",
    "keep_paper",
    "leave",
    "let_in",
    "let_out",
    "mark_closed",
    "may_lead",
    "may_leave",
    "must_lead",
    "must_not_have_withdrawn",
    "note_mark",
    "open_session",
    "open_to_tags",
    "plan_activity",
    "plan_series",
    "plan_session",
    "restore_following",
    "restore_session",
    "send_word",
    "session_led",
    "sign_up",
    "take_from_party",
    "wait",
    "walk_in",
    "would_hear",
]
