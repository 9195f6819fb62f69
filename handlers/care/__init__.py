"""Cries for help. Recognised before anything is stored, kept apart, answered with fixed and reviewed words.

Nobody imports this feature. Its rows live in a database of their own (models/confidential.py) and are read only
through the console's care page by the few who may.
"""

from app import privacy
from app.database import Database
from app.dialogue import Chat, Guard
from app.feature import Feature
from app.understanding.crisis import crisis_in
from handlers.care.console import console
from models.base import insert_once
from models.confidential import ConfidentialMatter


def recognise(text: str) -> str | None:
    """The key of the fixed answer, or None."""
    crisis = crisis_in(text)
    return crisis.kind if crisis is not None else None


def receive(database: Database, key: str, app: str, openid: str, kind: str, text: str) -> None:
    """Keep the words once per push; this commits before the common inbox sees the push."""
    hidden = privacy.keyring("confidential").blind(
        "confidential_matter.key", key
    )  # a key may hold the openid
    row = {"key": hidden, "app": app, "openid": openid, "kind": kind, "text": text}
    database.writing(lambda session: insert_once(session, ConfidentialMatter, **row))


chat = Chat("care")
chat.guard = Guard("care", recognise, receive)
feature = Feature(
    "care",
    "紧急求助",
    chat=chat,
    console=console,
    console_menu=(("紧急求助", "care_console.matters", "care"),),
)
