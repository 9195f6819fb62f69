"""Every sentence of the chat is plain Chinese: 大白话分 of at least 80, as the staff are asked to write (people.md 2.5)."""

import re

import pytest

from app.understanding.plain import PASSING, officialese, read
from app.words import Words
from handlers import FEATURES

# Sentences that may score less, each with its reason. It only ever gets shorter.
EXCEPTIONS: frozenset[str] = frozenset()

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
OTHERWISE = re.compile(r"\{%-?\s*(?:else|elif\b[^%]*)-?%\}")
STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
DAY = re.compile(r"\{\{[^}]*\|\s*(?:day|moment)\b[^}]*\}\}")
FACT = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def flat(source: str) -> str:
    """A template as one text: either way of saying it on a line of its own, facts as a letter."""
    text = STATEMENT.sub("", OTHERWISE.sub("\n", COMMENT.sub("", source)))
    return FACT.sub("X", DAY.sub("X", text))


def test_every_sentence_of_the_chat_is_plain() -> None:
    words = Words(FEATURES, {})
    hard = {key: read(flat(words.source(key))).score for key in words.all_keys()}
    hard = {key: score for key, score in hard.items() if score < PASSING}
    assert hard.keys() == EXCEPTIONS, hard


@pytest.mark.parametrize(
    "source", ["{% if x %}请来{% else %}请等{% endif %}{{ n | day }}{# 兹 #}", "{{ it.name }}"]
)
def test_a_template_is_read_without_its_machinery(source: str) -> None:
    assert not read(flat(source)).findings


def test_the_list_of_office_words_is_long_enough_and_says_what_to_write_instead() -> None:
    words = [word for word, _, _, _ in officialese()]
    assert len(words) == len(set(words)) >= 120
