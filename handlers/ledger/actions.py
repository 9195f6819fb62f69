"""The door of the time bank: hours posted and reversed, gifts and grants, help asked for, promised, done and paid.

Other features post hours with `post_hours` and correct them with `reverse`; both may be repeated.
"""

from __future__ import annotations

from handlers.ledger.asking import ask, ask_for_account, cancel, expire, offer, open_again, stop_offer
from handlers.ledger.desk import (
    Wanted,
    change_limit,
    change_terms,
    decide,
    enter_stamp,
    open_named,
    order,
)
from handlers.ledger.helping import (
    confirm,
    dispute,
    enough,
    mark_done,
    match,
    promise,
    settle,
    take_back_confirmation,
    take_back_done,
    withdraw_hand,
)
from handlers.ledger.moves import (
    give,
    grant,
    move_gift,
    pay_together,
    post,
    post_hours,
    reverse,
    take_back_gift,
)

__all__ = [
    "Wanted",
    "ask",
    "ask_for_account",
    "cancel",
    "change_limit",
    "change_terms",
    "confirm",
    "decide",
    "dispute",
    "enough",
    "enter_stamp",
    "expire",
    "give",
    "grant",
    "mark_done",
    "match",
    "move_gift",
    "offer",
    "open_again",
    "open_named",
    "order",
    "pay_together",
    "post",
    "post_hours",
    "promise",
    "reverse",
    "settle",
    "stop_offer",
    "take_back_confirmation",
    "take_back_done",
    "take_back_gift",
    "withdraw_hand",
]
