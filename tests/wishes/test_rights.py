"""A person's wishes as a whole: carried home, erased, joined with another record of the same person; and the seed."""

from __future__ import annotations

from sqlalchemy import func, select

from handlers.wishes import actions
from handlers.wishes.rights import forget, kept_of, merge
from models.identity import Actor, Helped
from models.wish_lists import public_wishes, waiting_for_review
from models.wishes import Claim, Wish
from tests.neighbours import Phone, Town
from tests.wishes.conftest import STICK, acts, claimed, promise, published, sent, sound, state


def forgets(town: Town, phone: Phone) -> None:
    town.writing(lambda s: forget(phone.actor(s), phone.person(s)))


def test_everything_said_and_promised_is_carried_home(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    claimed(sqlite_town)
    with sqlite_town.reading() as session:
        theirs = kept_of(session, ma.person(session))["许过的心愿"]
        others = kept_of(session, han.person(session))["认领过的心愿"]
    assert theirs[0]["心愿"] == f"我{STICK}"
    assert theirs[0]["情况"] == "有人认领了"
    assert others[0]["最晚"] == "11月30日(星期一)"
    assert f"我{STICK}" not in str(others)


def test_erasing_a_wisher_takes_waiting_wishes_back_and_keeps_the_count(
    sqlite_town: Town, ma: Phone, han: Phone
) -> None:
    wish, claim = claimed(sqlite_town)
    sqlite_town.writing(
        lambda s: actions.say_wish(ma.actor(s).helping(Helped("冶生兰", None, "邻居")), "想要一顶帽子")
    )
    forgets(sqlite_town, ma)
    assert state(sqlite_town, wish) == "withdrawn"
    assert promise(sqlite_town, claim).state == "ended"
    assert len(sent(sqlite_town, "withdrawn")) == 1
    with sqlite_town.reading() as session:
        rows = session.scalars(select(Wish)).all()
        assert len(rows) == 2
        for row in rows:
            kept = (row.wisher_id, row.text, row.public_text, row.helped_name, row.helped_tie, row.thanks)
            assert set(kept) == {None}
    assert "没有许过心愿" in han.says("我的心愿")
    assert sound(sqlite_town)


def test_erasing_a_wisher_leaves_a_fulfilled_wish_to_its_claimer(
    sqlite_town: Town, ma: Phone, han: Phone
) -> None:
    wish, claim = claimed(sqlite_town)
    acts(sqlite_town, han, actions.mark_done, (Claim, claim))
    forgets(sqlite_town, ma)
    assert acts(sqlite_town, None, actions.confirm, (Wish, wish)).state == "confirmed"
    assert "确认办成了" in han.says("我的心愿")
    assert sound(sqlite_town)


def test_erasing_a_claimer_gives_the_promise_back(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    wish, claim = claimed(sqlite_town)
    forgets(sqlite_town, han)
    assert state(sqlite_town, wish) == "public"
    assert promise(sqlite_town, claim).person_id is None
    assert len(sent(sqlite_town, "returned")) == 1
    assert sound(sqlite_town)


def test_joining_two_records_moves_both_sides_and_drops_promises_to_oneself(
    sqlite_town: Town, ma: Phone, han: Phone
) -> None:
    wish, claim = claimed(sqlite_town)
    (second,) = published(sqlite_town, "想要一顶帽子", by="韩世杰")
    sqlite_town.writing(lambda s: merge(Actor(s, channel="job"), ma.person(s), han.person(s)))
    with sqlite_town.reading() as session:
        kept = ma.person(session).id
        assert session.get_one(Wish, second).wisher_id == kept
        assert session.get_one(Claim, claim).person_id == kept
    assert state(sqlite_town, wish) == "public"
    assert sound(sqlite_town)


def test_the_seed_is_sound_and_shows_nobody(town: Town) -> None:
    town.seed("people", "wishes")
    assert sound(town)
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Wish)) == 15
        assert len(session.scalars(public_wishes()).all()) == 4
        assert len(session.scalars(waiting_for_review()).all()) == 4


def test_the_seed_stands_without_residents(sqlite_town: Town) -> None:
    sqlite_town.seed("wishes")
    assert sound(sqlite_town)
