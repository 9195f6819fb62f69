"""Rating by the six digits of a number slip: nobody is asked who they are, and nothing leads back to the visit."""

from __future__ import annotations

from app import audit
from handlers.ratings import sentences
from models.identity import Actor
from models.rating_slips import MOST_WRONG_LOOKS, VAIN, SlipVisit, visit_with, wrong_looks
from models.ratings import FACES, Rating, first_rating_of, this_week
from models.refusal import Refusal


def look_at_slip(by: Actor, code: str) -> SlipVisit | None:
    """The visit with this code. None when there is none: that is no Refusal, since the wrong try is counted. After five
    of them in a quarter of an hour refuses with ratings.too_many_looks; with ratings.used what was rated already."""
    if by.person is not None and wrong_looks(by.session, by.person) >= MOST_WRONG_LOOKS:
        raise Refusal("ratings.too_many_looks")
    visit = visit_with(by.session, code)
    if visit is None:
        audit.note(by, VAIN)
    elif visit.rated:
        raise Refusal("ratings.used")
    return visit


def rate_by_slip(by: Actor, code: str, face: int, words: str = "") -> Rating:
    """Once per visit, by whoever holds the slip. Refuses with ratings.no_such_face, .too_long, .no_such_slip, .used."""
    if face not in FACES:
        raise Refusal("ratings.no_such_face")
    said, visit = sentences.words_in(by.session, words), visit_with(by.session, code)
    if visit is None:
        raise Refusal("ratings.no_such_slip")
    if not first_rating_of(by.session, visit.source, visit.until):
        raise Refusal("ratings.used")
    row = Rating(subject=visit.subject, title=visit.title, face=face, week=this_week())
    row.counter, row.waited, row.helper_id = visit.counter, visit.waited, visit.helper_id
    row.words = said
    by.session.add(row)
    audit.note(Actor(by.session, channel=by.channel), "ratings.rate")
    return row
