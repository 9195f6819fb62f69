"""The door of the time bank: hours posted and reversed, gifts and grants, help asked for, promised, done and paid.

Other features post hours with `post_hours` and correct them with `reverse`; both may be repeated.
"""

from __future__ import annotations

from handlers.ledger.agreeing import agree, decline
from handlers.ledger.asking import ask, ask_for_account, cancel, expire, offer, open_again, stop_offer
from handlers.ledger.closing import close_month, look_at
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
from handlers.ledger.vouchers import (
    Gift,
    close_offer,
    expire_voucher,
    give_back,
    make_offer,
    new_partner_number,
    take,
    use_at_desk,
    use_here,
)

__all__ = [
    "Gift",
    "Wanted",
    "agree",
    "ask",
    "ask_for_account",
    "cancel",
    "change_limit",
    "change_terms",
    "close_month",
    "close_offer",
    "confirm",
    "decide",
    "decline",
    "dispute",
    "enough",
    "enter_stamp",
    "expire",
    "expire_voucher",
    "give",
    "give_back",
    "grant",
    "look_at",
    "make_offer",
    "mark_done",
    "match",
    "move_gift",
    "new_partner_number",
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
    "take",
    "take_back_confirmation",
    "take_back_done",
    "take_back_gift",
    "use_at_desk",
    "use_here",
    "withdraw_hand",
]
