"""What is typed into a petition: long enough to be understood, short enough to be read out; no identity number."""

from __future__ import annotations

from app.understanding.phone import mask_id_numbers
from models.refusal import Refusal

SHORTEST, LONGEST = 6, 500
LONGEST_WORDS, LONGEST_MINUTES = 600, 3000
LONGEST_NAME = 30
LINK_HOSTS = ("meeting.tencent.com", "voovmeeting.com", "meeting.dingtalk.com", "h.dingtalk.com")


def matter_in(words: str) -> str:
    """Refuses with petitions.too_short, .too_long."""
    said = mask_id_numbers(words)[0].strip()
    if len(said) < SHORTEST:
        raise Refusal("petitions.too_short", least=SHORTEST)
    if len(said) > LONGEST:
        raise Refusal("petitions.too_long", most=LONGEST)
    return said


def words_in(words: str, most: int = LONGEST_WORDS) -> str:
    """What the staff write for a resident or for the file; refuses with petitions.no_words."""
    said = mask_id_numbers(words)[0].strip()
    if not 0 < len(said) <= most:
        raise Refusal("petitions.no_words", most=most)
    return said


def name_told(words: str) -> str:
    said = " ".join(words.split())
    if not 0 < len(said) <= LONGEST_NAME:
        raise Refusal("petitions.bad_name", most=LONGEST_NAME)
    return said
