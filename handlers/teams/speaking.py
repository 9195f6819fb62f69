"""A word to the whole team: counted, not at night, and by a leader only in words that are written here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app import audit, clock
from app.understanding.phone import mask_id_numbers
from handlers.people import actions as people
from handlers.teams import messages
from handlers.teams.standing import is_staff, must_lead
from models import teams as model
from models.identity import Actor
from models.refusal import Refusal
from models.teams import Team, TeamWord

LONGEST_WORD = 60
# What leaders may say by a tap; the staff may write instead.
WORDS = {
    "planned": "新的班排好了,请看“我的班”,来不了的早点换。",
    "short": "还有班缺人,能来的请看“我的班”报一个。",
    "warm": "天气冷,出门多穿一件,带上手电。",
    "early": "请提前10分钟到集合的地方。",
    "thanks": "这一阵辛苦大家了,谢谢每一位。",
}


def say(by: Actor, team: Team, *, chosen: str = "", own: str = "", due: datetime | None = None) -> int:
    """One sentence to every member; how many. `due` is when the quiet hours end, if it is night."""
    must_lead(by, team)
    if own and not is_staff(by):
        raise Refusal("teams.words_of_the_desk")
    words = mask_id_numbers(own.strip())[0] if own else WORDS.get(chosen, "")
    if not 0 < len(words) <= LONGEST_WORD:
        raise Refusal("teams.bad_word", most=LONGEST_WORD)
    model.hold(by.session, team)
    if model.words_left(by.session, team) <= 0:
        raise Refusal("teams.enough_words", most=model.MOST_WORDS)
    rows = [
        row
        for row in by.session.scalars(model.members(team)).all()
        if not people.has_withdrawn(replace(by, person=row.person), "volunteer")
    ]
    row = TeamWord(team_id=team.id, words=words, told=len(rows), at=clock.now())
    by.session.add(row)
    by.session.flush()
    for one in rows:
        if by.person is None or one.answers.id != by.person.id:
            once = f"{row.id}:{one.person_id}"
            messages.tell(by, one.answers, "word", once, due=due, team=team.name, words=words)
    audit.note(by, "teams.say", team, told=len(rows), chosen=chosen, own=bool(own))
    return len(rows)
