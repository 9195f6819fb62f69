"""A broadcast that was wrong is made good by another one: to exactly those who got it, or may have got it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from models.broadcasts import Broadcast
from models.reach import who_may_have_got


def audience_of(wrong: Broadcast) -> Select[Any]:
    """person_id of those whom its correction must reach, in the order in which it should: proven readers first. Topics
    that they do not want do not count here, since they got the wrong one."""
    return who_may_have_got(wrong)
