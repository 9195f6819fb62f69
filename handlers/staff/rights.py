"""What a resident who also works here is told about it when they ask what we keep: that their WeChat opens an account.

It is not erased with the rest: it belongs to the account, and ends there (unbinding, closing) or with the identity.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.words import moment_words
from models.identity import Identity, Person
from models.staff_wechat import StaffWeChat


def export_own(session: Session, person: Person) -> dict[str, Any]:
    """Feature.export of staff."""
    theirs = select(StaffWeChat).join(Identity, Identity.id == StaffWeChat.identity_id)
    bound = session.scalar(theirs.where(Identity.person_id == person.id))
    if bound is None:
        return {}
    return {"绑定的工作台账号": bound.staff.login, "绑定时间": moment_words(bound.bound_at)}
