"""What happens to ratings: somebody is asked, once a week at most; rates, once a visit; the staff answer the diary.
Suggestions and their public answers are in suggesting.py and publishing.py; all of it is offered from here.

Nothing leads from a rating to who gave it, unless they want an answer: not a column, not a time, not a line of the
trail (models/ratings.py).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select, update

from app import audit, clock
from handlers.ratings import sentences
from handlers.ratings.honouring import appeal, decide, publish, reckon, switch, take_part
from handlers.ratings.publishing import (
    ask_to_show,
    forget_shown,
    send_back,
    show,
    take_down,
    turn_into_matter,
)
from handlers.ratings.slips import look_at_slip, rate_by_slip
from handlers.ratings.suggesting import echo, let_show, suggest
from models import outbox
from models.base import count_rows, insert_many_once
from models.identity import Actor
from models.rating_visits import finished_visits
from models.ratings import (
    FACES,
    TOKEN_LIVES,
    RatedVisit,
    Rating,
    RatingToken,
    first_rating_of,
    spend,
    this_week,
    to_ask,
)
from models.refusal import Refusal
from models.staff import StaffMember

__all__ = [
    "answer",
    "appeal",
    "ask",
    "ask_to_show",
    "decide",
    "echo",
    "forget_helpers",
    "forget_old_words",
    "forget_shown",
    "let_show",
    "look_at_slip",
    "note_visits",
    "own",
    "publish",
    "rate",
    "rate_by_slip",
    "reckon",
    "send_back",
    "show",
    "suggest",
    "switch",
    "take_down",
    "take_part",
    "tidy",
    "turn_into_matter",
]

AT_ONCE = 200  # visits in one unit of work, which keeps others from writing; the job goes on at once
VISITS_OF = timedelta(days=3)
ASK_USEFUL = timedelta(days=2)
TOKENS_KEPT = timedelta(days=60)


# ---- asking --------------------------------------------------------------------------------------------------------


def note_visits(by: Actor) -> int:
    """A token for each visit that ended in the last days, AT_ONCE at most; how many are new."""
    until = clock.today() + TOKEN_LIVES
    found = finished_visits(by.session, clock.now() - VISITS_OF, AT_ONCE)
    last = by.session.scalar(select(func.max(RatingToken.id))) or 0
    rows = [{"state": "open", "until": until, **one._asdict()} for one in found]
    insert_many_once(by.session, RatingToken, rows)
    return count_rows(by.session, select(RatingToken.id).where(RatingToken.id > last))


def ask(by: Actor) -> int:
    """Ask about the newest visit of everybody who was not asked within a week, AT_ONCE at most; nobody is asked twice
    about one."""
    tokens = by.session.scalars(to_ask().limit(AT_ONCE)).all()
    for token in tokens:
        _ask(by, token)
    audit.note_each(by, "ratings.ask", [(token, {}) for token in tokens])
    return len(tokens)


def _ask(by: Actor, token: RatingToken) -> None:
    token.asked_at = clock.now()
    facts = {"title": token.title, "day": token.at.isoformat(), "at": clock.now().isoformat()}
    outbox.put(
        by.session,
        to=token.person,
        kind="ratings.ask",
        once=f"ratings.ask:{token.id}",
        facts=facts,
        useful_until=clock.now() + ASK_USEFUL,
    )


# ---- rating --------------------------------------------------------------------------------------------------------


def rate(by: Actor, token: RatingToken, face: int, words: str = "", *, wants_answer: bool = False) -> Rating:
    """Once per token. Refuses with ratings.not_yours, .no_such_face, .too_long, .used."""
    if by.person is None or token.person_id != by.person.id:
        raise Refusal("ratings.not_yours")
    if face not in FACES:
        raise Refusal("ratings.no_such_face")
    said = sentences.words_in(by.session, words)
    if not (spend(by.session, token) and first_rating_of(by.session, token.source, token.until)):
        raise Refusal("ratings.used")
    row = Rating(subject=token.subject, title=token.title, face=face, week=this_week())
    row.words = said
    named = wants_answer and said is not None
    row.person = by.person if named else None
    by.session.add(row)
    if named:
        audit.note(by, "ratings.rate", row)
    else:
        audit.note(Actor(by.session, channel=by.channel), "ratings.rate")
    return row


# ---- the diary -----------------------------------------------------------------------------------------------------


def own(by: Actor, row: Rating) -> Rating:
    """Somebody of the staff sees to it."""
    row, staff = _held(by, row), _staff(by)
    if row.owner_id is not None and row.owner_id != staff.id:
        raise Refusal("ratings.has_owner")
    row.owner = staff
    audit.note(by, "ratings.own", row)
    return row


def answer(by: Actor, row: Rating, words: str) -> Rating:
    """What came of it; who wanted an answer is told, by a message that carries no word of it."""
    row, staff = _held(by, row), _staff(by)
    if row.words is None:
        raise Refusal("ratings.no_words")
    row.owner = row.owner or staff
    row.answer = sentences.answer_in(words)
    audit.note(by, "ratings.answer", row)
    if row.person is not None:
        outbox.put(
            by.session,
            to=row.person,
            kind="ratings.answered",
            once=f"ratings.answered:{row.key}",
            facts={"at": clock.now().isoformat()},
            useful_until=clock.now() + TOKEN_LIVES,
        )
    return row


def _held(by: Actor, row: Rating) -> Rating:
    same = select(Rating).where(Rating.key == row.key).with_for_update(key_share=True)
    return by.session.scalars(same.execution_options(populate_existing=True)).one()


def _staff(by: Actor) -> StaffMember:
    if by.staff is None or not {"desk", "approver"} & set(by.staff.roles):
        raise Refusal("ratings.staff_only")
    return by.staff


# ---- time passed ---------------------------------------------------------------------------------------------------


def tidy(by: Actor) -> int:
    """A token that has run out looks like one that was used; after two months there is no sign of either."""
    stale = RatingToken.state == "open", RatingToken.until < clock.today()
    by.session.execute(update(RatingToken).where(*stale).values(state="spent"))
    by.session.execute(delete(RatedVisit).where(RatedVisit.until < clock.today()))
    old = delete(RatingToken).where(RatingToken.until < clock.today() - TOKENS_KEPT).returning(RatingToken.id)
    return len(by.session.scalars(old).all())


def forget_helpers(by: Actor, after: timedelta) -> int:
    """Whom a rating of long ago was about is nobody's business any more, not even the helper's."""
    old = Rating.week < clock.today() - after, Rating.helper_id.is_not(None)
    gone = update(Rating).where(*old).values(helper_id=None).returning(Rating.key)
    return len(by.session.scalars(gone).all())


def forget_old_words(by: Actor, after: timedelta) -> int:
    """Faces stay to be counted; what was said, and who wanted an answer, goes."""
    old = Rating.week < clock.today() - after, Rating.words.is_not(None)
    rows = by.session.scalars(select(Rating).where(*old)).all()
    for row in rows:
        row.words = row.answer = row.person = None
    if rows:
        audit.note(by, "ratings.forget_words", count=len(rows))
    return len(rows)
