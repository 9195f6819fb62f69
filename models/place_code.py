"""The place code that turns over every 30 seconds, and the leader's ticket to the screen that shows it.

All of it is HMAC-SHA256 with the session's own secret: nothing is stored, and a photograph of the screen is worthless
after a minute. A printed code of a session only asks for the digits; it never checks anybody in.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from app.understanding.numbers import number_in
from models.activities import ActivitySession

STEP = 30
REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class PlaceCode:
    """What the leader's screen shows now: 4 digits, the token of the link, and the seconds until both turn over."""

    digits: str
    token: str
    seconds_left: int


def code_at(session: ActivitySession, instant: datetime) -> PlaceCode:
    step, into = divmod(int(instant.timestamp()), STEP)
    return PlaceCode(_digits(session, step), _token(session, step), STEP - into)


def digits_are_right(session: ActivitySession, digits: str, instant: datetime) -> bool:
    """Whether these digits stood on the screen in this step of 30 s or beside it; compared in constant time."""
    step = int(instant.timestamp()) // STEP
    given = digits.encode()
    matches = [hmac.compare_digest(_digits(session, near).encode(), given) for near in _near(step)]
    return any(matches)


def digits_were_right(session: ActivitySession, digits: str, instant: datetime) -> bool:
    """Whether they stood there within the last ten minutes: typed slowly, not guessed."""
    step, given = int(instant.timestamp()) // STEP, digits.encode()
    past = range(step - REMEMBERED, step - 1)
    return any(hmac.compare_digest(_digits(session, old).encode(), given) for old in past)


def token_is_right(session: ActivitySession, token: str, instant: datetime) -> bool:
    """The same for the link: it is of no use a minute after it was shown."""
    step = int(instant.timestamp()) // STEP
    matches = [hmac.compare_digest(_token(session, near).encode(), token.encode()) for near in _near(step)]
    return any(matches)


def session_of_token(session: Session, token: str) -> ActivitySession | None:
    """The session for which a link was made; whether it is still good, `token_is_right` says."""
    return session.get(ActivitySession, number_in(token.partition(".")[0]) or 0)


def leader_ticket(session: ActivitySession, until: datetime) -> str:
    """Opens the leader's screen of this session, until then and to nobody else."""
    moment = str(int(until.timestamp()))
    return f"{moment}.{_signed(session, f'leader:{moment}')}"


def ticket_is_right(session: ActivitySession, ticket: str, instant: datetime) -> bool:
    moment, _, proof = ticket.partition(".")
    genuine = hmac.compare_digest(_signed(session, f"leader:{moment}").encode(), proof.encode())
    return genuine and moment.isdigit() and instant.timestamp() < int(moment)


def device_proof(session: ActivitySession, device: int) -> str:
    """Proves a link to the page that works without a network (models/leader_devices.py)."""
    return _signed(session, f"device:{device}")


def _near(step: int) -> tuple[int, int, int]:
    return step - 1, step, step + 1


def _mac(session: ActivitySession, words: str) -> bytes:
    return hmac.digest(bytes.fromhex(session.secret), words.encode(), sha256)


def _digits(session: ActivitySession, step: int) -> str:
    return f"{int.from_bytes(_mac(session, f'digits:{step}')[:8]) % 10_000:04}"


def _token(session: ActivitySession, step: int) -> str:
    return f"{session.id}.{_signed(session, f'link:{step}')}"


def _signed(session: ActivitySession, words: str) -> str:
    return base64.urlsafe_b64encode(_mac(session, words)[:18]).decode()
