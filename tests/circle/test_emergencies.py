"""Household emergencies: heard in many words and not in everyday talk; the number at once, a silent ticket, no questions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.understanding.crisis import crisis_in
from app.understanding.emergencies import emergency_in
from handlers.people import actions as people
from models.circle import EmergencyLine
from models.circle_jobs import HomeJob, one_answers_until
from models.desk import DeskTalk
from models.duty import DutyBell
from models.people import Consent
from tests.circle.conftest import a_provider, a_service, joined, lines, sent
from tests.neighbours import Phone, Town

CORPUS = [
    line.split("\t")
    for line in (Path(__file__).parent / "corpus" / "emergencies.tsv").read_text("utf-8").splitlines()
]


@pytest.fixture
def night(sqlite_town: Town, thursday: time_machine.Coordinates) -> Town:
    thursday.shift(timedelta(hours=17))  # two in the morning
    lines(sqlite_town)
    return sqlite_town


def jobs(town: Town) -> list[HomeJob]:
    with town.reading() as session:
        rows = list(session.scalars(select(HomeJob).order_by(HomeJob.id)))
        session.expunge_all()
        return rows


def test_each_way_of_saying_is_heard_and_everyday_talk_is_not() -> None:
    wrong = [(text, emergency_in(text), kind) for text, kind in CORPUS if (emergency_in(text) or "-") != kind]
    assert wrong == []
    assert sum(kind != "-" for _, kind in CORPUS) >= 60
    assert sum(kind == "-" for _, kind in CORPUS) >= 50


def test_danger_to_life_stays_with_those_who_hear_it_first() -> None:
    """What is here never takes a word away from crisis.py, which is asked before anything is stored."""
    for text in ("电梯困人了", "闻到燃气味", "水管漏电电着人了", "把孩子锁家里了着火了", "煤气漏了"):
        assert crisis_in(text) is not None, text


def test_a_stranger_at_night_gets_the_number_at_once_and_is_asked_nothing(night: Town) -> None:
    stranger = night.phone("陌生人")
    answer = stranger.says("家里水管爆了")
    assert answer.splitlines()[:2] == [
        "水管爆了:先关总水阀(在水表旁边),再拔掉泡水的插头。水碰到插座,别伸手。",
        f"现在就打:水电维修 {night.site.settings.community.phone}",
    ]
    (job,) = jobs(night)
    assert (job.emergency, job.state, job.urgent, job.words) == ("burst", "desk", True, "家里水管爆了")
    assert job.due == clock.now() + timedelta(minutes=30)
    with night.reading() as session:
        assert session.scalars(select(Consent)).all() == []
        assert [one.role for one in session.scalars(select(DutyBell))] == ["desk"]
        assert one_answers_until(session) == []


def test_said_again_it_is_the_same_ticket_and_can_be_called_over(night: Town) -> None:
    ma = night.phone("马秀兰")
    ma.says("停电了")
    ma.says("家里没电了啊")
    assert len(jobs(night)) == 1
    assert "不用来人" in ma.says("1")
    assert [one.state for one in jobs(night)] == ["cancelled"]
    ma.says("跳闸了")
    assert len(jobs(night)) == 2


def test_who_stands_in_the_water_is_not_asked_what_is_to_be_done(sqlite_town: Town, ma: Phone) -> None:
    lines(sqlite_town)
    hair = a_service(sqlite_town, name="理发")
    pipes = a_service(sqlite_town, also_called=["修水管", "水管"])
    a_provider(sqlite_town, does=(hair, pipes))
    assert "水电维修,哪个半天来" in ma.says("水管爆了", "2")


def test_it_is_heard_in_the_middle_of_a_question_which_then_goes_on(night: Town) -> None:
    ma = night.phone("马秀兰")
    ma.says("加入")
    answer = ma.says("家里没电了")
    assert "95598" in answer
    assert len(jobs(night)) == 1


def test_who_took_consent_back_is_helped_all_the_same(night: Town) -> None:
    ma = joined(night, "马秀兰", "13900000001")
    night.writing(lambda s: people.withdraw_consent(ma.actor(s), "service"))
    assert "95598" in ma.says("我家断电了")


def test_while_staff_are_talking_the_words_go_to_them_and_the_number_is_sent_beside(
    night: Town, thursday: Any
) -> None:
    ma = night.phone("马秀兰")
    ma.says("人工")

    def takes(session: Any) -> None:
        talk = session.scalars(select(DeskTalk)).one()
        talk.state, talk.touched_at = "talking", clock.now()

    night.writing(takes)
    assert ma.says("水管爆了") == ""
    (word,) = sent(night, "circle.emergency_line")
    assert word.facts["title"] == "水管爆了"
    assert len(jobs(night)) == 1


def test_just_the_word_asks_for_notices_first(night: Town) -> None:
    assert "95598" in night.phone("马秀兰").says("停电")


def test_every_kind_has_words_that_the_staff_keep(night: Town) -> None:
    with night.reading() as session:
        known = {one.kind for one in session.scalars(select(EmergencyLine))}
    assert known == {kind for _, kind in CORPUS} - {"-"}


def test_a_full_queue_keeps_nobody_from_the_number(night: Town) -> None:
    """Fifty others wait for the desk: nothing here counts them."""
    for number in range(3):
        night.phone(f"居民{number}").says("人工")
    phone: Phone = night.phone("马秀兰")
    phone.says("人工")
    assert "95598" in phone.says("停电了")
