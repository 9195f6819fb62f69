"""One row per person and account: the lock that orders their messages, and where their talks stand."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant, Sealed, SealedJSON


class Conversation(Base):
    """`talks` is a stack (at most three) of open dialogues with the answers given so far; `offers` are the digits that
    the last answer put on the table; `done` is what "撤销" may still take back. All of it is sealed: answers hold names
    and phones."""

    __tablename__ = "conversation"

    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), primary_key=True)
    heard: Mapped[int] = mapped_column(BigInteger, default=0)
    turn: Mapped[int] = mapped_column(default=0)
    misses: Mapped[int] = mapped_column(default=0)
    talks: Mapped[list[Any]] = mapped_column(SealedJSON("conversation.talks"), default=list)
    offers: Mapped[dict[str, Any] | None] = mapped_column(SealedJSON("conversation.offers"))
    done: Mapped[dict[str, Any] | None] = mapped_column(SealedJSON("conversation.done"))
    rest: Mapped[str | None] = mapped_column(Sealed("conversation.rest"))
    spoke_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
