"""A wish and a promise are kept only of who agreed; who took that back is told at once, before any question."""

from __future__ import annotations

from handlers.people import actions as people
from handlers.wishes import actions
from models.people import live_consents
from models.wishes import Wish
from tests.neighbours import Phone, Town
from tests.wishes.conftest import clerk, only, published, said, sound

TAKEN_BACK = "这件事要您同意“登记办事”才能办。要同意,先回复“隐私”,再回复 1"


def agreed(town: Town, phone: Phone) -> list[str]:
    with town.reading() as session:
        return [one.purpose for one in session.scalars(live_consents(phone.person(session)))]


def take_back(town: Town, phone: Phone) -> None:
    town.writing(lambda s: people.withdraw_consent(phone.actor(s), "service"))


def test_the_first_wish_says_that_a_yes_is_agreeing_and_the_second_does_not(
    sqlite_town: Town, ma: Phone
) -> None:
    sentence = ma.says("许个心愿", "想要一根拐杖")
    assert "您说对,就是同意我们记下来办这个心愿;以后不想留,回复“隐私”撤回" in sentence
    assert len(sentence) <= 120
    assert agreed(sqlite_town, ma) == []
    ma.says("1")
    assert agreed(sqlite_town, ma) == ["service"]
    assert "同意" not in ma.says("许个心愿", "想要一副老花镜")


def test_who_promises_agrees_too(sqlite_town: Town, han: Phone) -> None:
    published(sqlite_town, "一位老人想要一根拐杖")
    sentence = han.says("认领", "1")
    assert "认领就是同意我们记下来" in sentence
    assert len(sentence) <= 120
    han.says("1")
    assert agreed(sqlite_town, han) == ["service"]


def test_who_took_the_consent_back_is_told_before_the_first_question(
    sqlite_town: Town, ma: Phone, han: Phone
) -> None:
    said(sqlite_town, ma)
    take_back(sqlite_town, ma)
    published(sqlite_town, "一位老人想要一根拐杖", by="才让卓玛")
    for word in ("许个心愿", "帮别人许愿", "认领"):
        assert ma.says(word).startswith(TAKEN_BACK)
    assert "您同意“登记办事”" in ma.says("隐私", "1")
    assert "请用一句话说说心愿" in ma.says("许个心愿")


def test_what_was_wished_before_can_still_be_withdrawn(sqlite_town: Town, ma: Phone) -> None:
    said(sqlite_town, ma)
    take_back(sqlite_town, ma)
    assert "收回了" in ma.says("收回心愿", "1", "1")
    assert only(sqlite_town).state == "withdrawn"
    assert sound(sqlite_town)


def test_the_desk_says_a_wish_for_who_took_it_back(sqlite_town: Town, ma: Phone) -> None:
    said(sqlite_town, ma)
    take_back(sqlite_town, ma)
    number = sqlite_town.writing(lambda s: actions.say_wish(clerk(s), "想要一副老花镜", for_=ma.person(s)).id)
    with sqlite_town.reading() as session:
        assert session.get_one(Wish, number).wisher_id == ma.person(session).id
    assert agreed(sqlite_town, ma) == []
