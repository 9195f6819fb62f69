"""The door of hours for other features and all channels: followed, confirmed, disputed, posted, corrected."""

from handlers.hours.carrying import carry
from handlers.hours.confirming import (
    confirm,
    confirm_plain,
    confirm_session,
    name_served,
    name_served_at,
    served_says_no,
    served_says_yes,
)
from handlers.hours.following import follow
from handlers.hours.objecting import claim_absent, object_to, settle, take_back_objection, void
from handlers.hours.posting import correct, post, post_due
from handlers.hours.setting import change_terms
from handlers.hours.writing import keep_promise, write_down

__all__ = [
    "carry",
    "change_terms",
    "claim_absent",
    "confirm",
    "confirm_plain",
    "confirm_session",
    "correct",
    "follow",
    "keep_promise",
    "name_served",
    "name_served_at",
    "object_to",
    "post",
    "post_due",
    "served_says_no",
    "served_says_yes",
    "settle",
    "take_back_objection",
    "void",
    "write_down",
]
