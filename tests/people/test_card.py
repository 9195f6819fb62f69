"""What staff do on a resident's card, each with its reason, and what the resident sees of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.people import actions, jobs
from handlers.people.sensitive import open_fact, write_fact
from models.identity import Actor, Person
from models.people import live_consent
from models.proxies import live_proxies
from models.refusal import Refusal
from models.sensitive import SensitiveFact, StaffReason, facts_of
from models.tags import taggings_of, why_not
from tests.neighbours import Town, frozen
from tests.people.test_console import finds, grid_worker, number_of
from tests.staff.clerks import Clerk, audited, clerk

ID_NUMBER = "11010519491231002X"  # the standard's own example


@pytest.fixture
def village(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


@pytest.fixture
def wang(village: Town) -> Clerk:
    return clerk(village, "desk")


def does(who: Clerk, number: int, act: str, **fields: object) -> str:
    """A browser sends the form once more to the card (307); what the act itself shows is returned as it is."""
    sent = {"csrf_token": who.token(), "purpose": "check", **fields}
    answer = who.client.post(f"/console/residents/{number}/{act}", data=sent)
    if answer.status_code == 307:
        answer = who.client.post(answer.headers["Location"], data=sent)
    who.page = answer.text
    return who.words


def test_a_correction_on_behalf_needs_a_reason_which_is_sealed(wang: Clerk) -> None:
    number = number_of(wang.town, "吴桂兰")
    assert "请填写" in does(wang, number, "correct", **{"k-phone": "13911112222"})
    assert "改好了" in does(
        wang, number, "correct", **{"k-phone": "13911112222", "k-reason": "本人来电话说换了号"}
    )
    assert "吴*兰" in finds(wang, "2222")
    with wang.town.reading() as session:
        reason = session.scalars(select(StaffReason).where(StaffReason.person_id == number)).one()
        assert (reason.action, reason.words) == ("people.correct", "本人来电话说换了号")
        assert "换了号" not in str([line.facts for line in audited(session, "people.correct_phone")])


def test_the_place_of_somebody_in_a_household_follows_the_household(wang: Clerk) -> None:
    number = number_of(wang.town, "马秀兰")
    fields = {"k-place": "湖滨小区1号楼1单元", "k-reason": "本人说搬了"}
    assert "住处跟着住户走" in does(wang, number, "correct", **fields)


def test_a_consent_on_paper_is_written_down_and_taken_back_at_the_desk(wang: Clerk) -> None:
    number = number_of(wang.town, "王德福")
    assert "同意记下了" in does(wang, number, "consent", **{"c-what": "notices", "c-paper": "2026年卷宗3号"})
    assert "纸质:2026年卷宗3号" in wang.words
    assert "至少4个字" in does(wang, number, "take-back", what="notices", reason="要")
    assert "马上停用" in does(wang, number, "take-back", what="notices", reason="本人来电话要求的")
    with wang.town.reading() as session:
        assert live_consent(session, session.get_one(Person, number), "notices") is None


def test_tags_have_a_purpose_and_are_shown_to_the_person(wang: Clerk) -> None:
    wang.sends("/console/tags", name="舞蹈队", purpose="排练改时间时通知", until="2027-05-01", follow=True)
    number = number_of(wang.town, "吴桂兰")
    with wang.town.reading() as session:
        which = audited(session, "people.make_tag")[-1].object_id
    assert "贴上了" in does(wang, number, "tag", which=which)
    with wang.town.reading() as session:
        person = session.get_one(Person, number)
        assert [one.tag.name for one in session.scalars(taggings_of(person))] == ["舞蹈队"]
        kept = actions.export(Actor(session, person), person)["登记信息"]["标签"]
        assert kept[0]["用途"] == "排练改时间时通知"
    assert "拿掉了" in does(wang, number, "untag", which=which)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("回族", "people.tag_about_peoples"),
        ("藏 族 老人", "people.tag_about_peoples"),
        ("信教群众", "people.tag_about_peoples"),
        ("低保户", "people.tag_sensitive"),
        ("戒毒康复", "people.tag_confidential"),
        ("上访户", "people.tag_confidential"),
        ("民族团结宣传员", None),
        ("水电维修志愿者", None),
        ("精神文明巡查队", None),
    ],
)
def test_a_tag_is_never_about_peoples_creeds_or_what_is_sensitive(words: str, code: str | None) -> None:
    assert why_not(words) == code


def agreed(town: Town, number: int, kind: str) -> None:
    def unit(session: Session) -> None:
        person = session.get_one(Person, number)
        actions.give_consent(Actor(session, person, channel="console"), kind)  # type: ignore[arg-type]

    town.writing(unit)


def writes(who: Clerk, number: int, value: str, kind: str = "id_number") -> str:
    fields = {"f-kind": kind, "f-value": value, "f-programme": "高龄补贴", "f-programme_ends": "2026-12-31"}
    return does(who, number, "fact", **fields)


def test_a_sensitive_fact_needs_its_own_consent_and_a_right_number(wang: Clerk) -> None:
    number = number_of(wang.town, "王德福")
    with frozen("2026-11-25 10:00"):
        wang.signs_in()
        assert "还没有单独同意" in writes(wang, number, ID_NUMBER)
        agreed(wang.town, number, "id_number")
        assert "身份证号不对" in writes(wang, number, ID_NUMBER[:-1] + "1")
        assert "加密存着" in writes(wang, number, ID_NUMBER)
        assert ID_NUMBER not in wang.page
        assert "还没有单独同意" in writes(wang, number, "腿脚不好", kind="health")


def test_opening_it_needs_a_reason_and_is_shown_to_the_person_with_role_and_day(wang: Clerk) -> None:
    number = number_of(wang.town, "王德福")
    with frozen("2026-11-25 10:00"):
        wang.signs_in()
        agreed(wang.town, number, "id_number")
        writes(wang, number, ID_NUMBER)
        assert "至少4个字" in does(wang, number, "fact/open", kind="id_number", reason="看")
        assert ID_NUMBER not in wang.page
        assert ID_NUMBER in does(wang, number, "fact/open", kind="id_number", reason="报高龄补贴要填")
    with wang.town.reading() as session:
        person = session.get_one(Person, number)
        looks = actions.who_looked(session, person)
        assert ("身份证号", ["窗口干事"]) in [(look.what, look.roles) for look in looks]
        kept = str(actions.export(Actor(session, person), person))
        assert ID_NUMBER not in kept
        assert "****************2X" in kept
        assert audited(session, "people.open_sensitive")[-1].facts == {"kind": "id_number"}


def test_who_has_another_role_opens_nothing(wang: Clerk) -> None:
    number = number_of(wang.town, "王德福")
    agreed(wang.town, number, "id_number")
    writes(wang, number, ID_NUMBER)
    care = clerk(wang.town, "care")
    care.sends(f"/console/residents/{number}/fact/open", kind="id_number", reason="报高龄补贴要填")
    assert ID_NUMBER not in care.page
    foreign = grid_worker(wang.town, "幸福第一网格")
    foreign.sends(f"/console/residents/{number}/fact/open", kind="id_number", reason="报高龄补贴要填")
    assert ID_NUMBER not in foreign.page

    def unit(session: Session) -> None:
        fact = session.scalars(select(SensitiveFact)).one()
        open_fact(Actor(session, staff=care.member(session), channel="console"), fact, "报高龄补贴要填")

    with pytest.raises(Refusal, match=r"people\.not_your_role"):
        wang.town.writing(unit)


def test_it_goes_90_days_after_the_programme_and_the_night_after_a_withdrawal(village: Town) -> None:
    def write(session: Session, name: str) -> None:
        person = next(one for one in session.scalars(select(Person)) if one.name == name)
        by = Actor(session, person, channel="job")
        actions.give_consent(by, "birth")
        from datetime import date

        house = Actor(session, channel="job")
        write_fact(house, person, "birth", "1950-03", programme="高龄补贴", programme_ends=date(2026, 12, 31))

    with frozen("2026-11-25 10:00"):
        village.writing(lambda s: (write(s, "王德福"), write(s, "马秀兰")))
    with frozen("2027-03-31 03:30"):
        assert "0 sensitive" in village.writing(lambda s: jobs.purge_sensitive(Actor(s, channel="job")))

        def withdraw(session: Session) -> None:
            person = next(one for one in session.scalars(select(Person)) if one.name == "马秀兰")
            actions.withdraw_consent(Actor(session, person), "birth")

        village.writing(withdraw)
        assert "1 sensitive" in village.writing(lambda s: jobs.purge_sensitive(Actor(s, channel="job")))
    with frozen("2027-04-01 03:30"):
        assert "1 sensitive" in village.writing(lambda s: jobs.purge_sensitive(Actor(s, channel="job")))


def test_guardian_and_proxy_are_tied_at_the_desk_and_seen_by_both(wang: Clerk) -> None:
    ward, holder = number_of(wang.town, "赵淑芬"), number_of(wang.town, "孙丽华")
    fields = {"t-kind": "proxy", "t-who": "孙丽华", "t-paper": "两人的证件都看了"}
    assert "两边都看得到" in does(wang, ward, "tie", **fields)
    assert "已经记过了" in does(wang, ward, "tie", **fields)
    with wang.town.reading() as session:
        for number, words in ((ward, "孙丽华可以替您办事"), (holder, "您可以替赵淑芬办事")):
            person = session.get_one(Person, number)
            told = actions.export(Actor(session, person), person)["登记信息"]["监护和代办"]
            assert words in told[0]
        tie = session.scalars(live_proxies(session.get_one(Person, ward))).one()
        which = tie.id
    assert "停掉了" in does(wang, ward, "untie", which=which)
    with wang.town.reading() as session:
        assert live_consent(session, session.get_one(Person, ward), "proxy") is None


def test_the_deceased_need_two_of_the_staff(wang: Clerk) -> None:
    number = number_of(wang.town, "王德福")
    fields = {"d-wish": "delete", "d-relative": "王磊,儿子", "d-proof": "死亡证明 0123,2026年11月20日"}
    assert "等另一位同事" in does(wang, number, "death", **fields)
    wang.sends("/console/deceased/1/decide", agreed="yes", follow=True)
    assert "要另一位同事" in wang.words
    other = clerk(wang.town, "desk", login="second", name="李干事")
    other.opens("/console/deceased")
    assert "王磊" in other.words
    other.sends("/console/deceased/1/decide", agreed="yes", follow=True)
    with wang.town.reading() as session:
        person = session.get_one(Person, number)
        assert (person.name, person.erased_at is None) == (None, False)
        assert not session.scalars(facts_of(person)).all()
    other.opens("/console/deceased")
    assert "王磊" not in other.words


def test_b16_opening_the_list_of_the_dead_leaves_a_line(sqlite_town: Town) -> None:
    who = clerk(sqlite_town, "desk", login="reader")
    assert who.opens("/console/deceased").status_code == 200
    with sqlite_town.reading() as session:
        assert audited(session, "people.read_deceased")[-1].facts == {"count": 0}
