"""Papers are asked for, their code is fetched once and kept, and what was printed about people is written down."""

from __future__ import annotations

from datetime import datetime

from app import audit, work
from handlers.posters.subjects import SUBJECTS
from models import posters as model
from models.identity import Actor
from models.posters import PosterCode
from models.refusal import Refusal
from models.work import Work

PAPERS = ("a4", "a3")
WITH_NAMES = ("sign_in", "course", "day_list")


def ask(by: Actor, kind: str, number: str, paper: str) -> Work:
    if kind not in SUBJECTS or paper not in PAPERS:
        raise Refusal("posters.no_such")
    row = work.ask_for(by, "posters.paper", what=kind, number=number[:10], paper=paper)
    by.session.flush()
    return row


def keep_code(by: Actor, scene: str, content: str, until: datetime | None) -> None:
    """What the account's code for this scene says; a newer one replaces one that ends."""
    known = model.code_of(by.session, scene)
    if known is None:
        by.session.add(PosterCode(scene=scene, content=content, until=until))
    else:
        known.content, known.until = content, until


def note_made(by: Actor, kind: str, number: str, names: int) -> None:
    audit.note(by, "posters.make", None, kind=kind, about=number, count=names)
