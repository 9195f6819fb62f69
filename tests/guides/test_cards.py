"""The cards that come with the software: enough of them, plain, short enough for a phone, and each with its source."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from app.understanding.personal import personal_data
from app.understanding.plain import PASSING, read
from app.words import Words
from handlers import FEATURES
from handlers.appointments.seed import SERVICES
from handlers.guides.actions import LONGEST, LONGEST_THING, MOST_THINGS
from handlers.guides.loading import install, shipped_cards
from models.guides import FEWEST_PHRASINGS, PARTS, TOPICS, content_of, digest_now, edition
from tests.neighbours import Town

CARDS = shipped_cards()
LONGEST_CARD = 300
PUBLIC_LINES = (
    "110 119 120 12305 12315 12329 12333 12338 12123 12345 12348 12355 12356 12366 12367 12385 12393 95598 96110"
    " 10086 10010 10000"
).split()


def test_there_are_enough_matters_of_every_topic_with_enough_ways_of_asking() -> None:
    assert len(CARDS) >= 150
    assert {card["topic"] for card in CARDS} == set(TOPICS)
    few = {card["key"]: len(set(card["asks"])) for card in CARDS if len(set(card["asks"])) < FEWEST_PHRASINGS}
    assert few == {}


def test_no_two_cards_share_a_key_or_a_way_of_asking() -> None:
    keys = [card["key"] for card in CARDS]
    assert len(keys) == len(set(keys))
    ways = [words for card in CARDS for words in {card["title"], *card["asks"]}]
    assert len(ways) == len(set(ways))


def test_every_card_says_who_may_where_and_by_what_rule() -> None:
    services = {facts["name"] for _, facts in SERVICES}
    for card in CARDS:
        content = content_of(card)
        assert all(
            content[name] for name in ("title", "who", "source", "owner", "place", "hours", "takes")
        ), card
        assert all(len(content[name]) <= most for name, most in LONGEST.items()), card["key"]
        assert len(content["bring"]) <= MOST_THINGS
        assert all(len(one) <= LONGEST_THING for one in content["bring"])
        assert content["service"] is None or content["service"] in services, card["key"]
        assert set(card) <= {*PARTS, "key", "asks"}, card["key"]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card["key"])
def test_every_card_is_plain_and_short(card: dict[str, object]) -> None:
    content = content_of(card)
    told = "\n".join([content["who"], content["terms"], content["hours"], content["place"], content["takes"]])
    plainness = read(told)
    assert plainness.score >= PASSING, [(one.code, one.words) for one in plainness.findings]
    community = {"phone": "0971-8170001", "name": "互助中路社区"}
    facts = {
        "card": SimpleNamespace(**content, state="sample"),
        "books": True,
        "fills": True,
        "guessed": True,
    }
    link = "https://example.org/h5/guides/1"
    said = Words(FEATURES, community).say("guides.card", link=link, **facts)
    assert len(said) <= LONGEST_CARD + 60, len(said)


def test_no_card_tells_a_number_that_is_not_a_public_line() -> None:
    for card in CARDS:
        content = content_of(card)
        told = " ".join(str(value) for value in content.values())
        assert not personal_data(told), card["key"]
        numbers = re.findall(r"(?<![0-9])[0-9]{3,6}(?![0-9%])", content["phone"] + content["who"])
        assert set(numbers) <= {*PUBLIC_LINES, "4050"}, (card["key"], numbers)


def test_what_finds_the_cards_is_known_by_its_digest(sqlite_town: Town) -> None:
    with sqlite_town.reading() as session:
        assert edition(session) == ""
    sqlite_town.writing(install)
    with sqlite_town.reading() as session:
        assert edition(session) == digest_now(session)
