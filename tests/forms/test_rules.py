"""What holds for every form: how answers are read, versions, one of two, who is told, and what is kept how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from handlers.forms import actions, ending, loading
from handlers.forms.loading import shipped
from handlers.forms.rights import forget, kept_of
from handlers.people import actions as people
from models.form_fields import Field, fields_of, rows_of
from models.form_reading import read
from models.forms import FormDraft, FormVersion
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember
from tests.forms.conftest import DIGITS, draft, drafts, form, joined, sent, sound
from tests.neighbours import Phone, Town
from tests.races import at_once


def field(kind: Any, **more: Any) -> Field:
    return Field("it", "这一项", kind, "说明", **more)


# ---- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "words", "kept"),
    [
        (field("choice", options=("甲", "乙")), "2", "乙"),
        (field("choice", options=("甲", "乙")), "第一个", "甲"),
        (field("yes_no"), "有", "是"),
        (field("yes_no"), "没有", "否"),
        (field("several", options=("甲", "乙", "丙")), "1 3", "甲、丙"),
        (field("several", options=("甲", "乙", "丙")), "31", "甲、丙"),
        (field("several", options=("甲", "乙", "丙")), "丙和甲", "甲、丙"),
        (field("date"), "1941 3 7", "1941-03-07"),
        (field("date"), "１９４１年３月７日", "1941-03-07"),
        (field("date"), "昨天", "2026-11-22"),
        (field("number"), "三口人", "3"),
        (field("number"), "00", "0"),
        (field("money", most=50000), "1,850元", "1850"),
        (field("money", most=50000), "一千八百五十块", "1850"),
        (field("money", most=50000), "1.5万", "15000"),
        (field("phone"), "139 0000 0001", "13900000001"),
        (field("name"), "我叫买买提•艾力", "买买提·艾力"),
        (field("name"), "99", "到窗口填"),
        (field("text", needed=False), "跳过", ""),
        (field("relation"), "2", "配偶"),
    ],
)
def test_an_answer_is_read_from_words_or_digits(
    monday: time_machine.Coordinates, one: Field, words: str, kept: str
) -> None:
    assert read(one, words) == kept


@pytest.mark.parametrize(
    ("one", "words", "why"),
    [
        (field("date", when="past"), "20270101", "not_past"),
        (field("date", when="future"), "20200101", "not_future"),
        (field("date"), "19410230", "bad_date"),
        (field("date"), "明年", "bad_date"),
        (field("date"), "农历三月初七", "solar_please"),
        (field("money", most=50000), "一千五", "bad_number"),
        (field("number", least=1), "00", "out_of_bounds"),
        (field("text"), "跳过", "needed"),
        (field("text", longest=5), "太长太长太长", "too_long"),
        (field("phone"), "1390000", "bad_phone"),
    ],
)
def test_what_may_be_two_things_is_asked_again(
    monday: time_machine.Coordinates, one: Field, words: str, why: str
) -> None:
    with pytest.raises(Refusal, match=f"forms.{why}"):
        read(one, words)


def test_every_form_that_comes_along_can_be_filled_in_and_one_with_twelve_digits() -> None:
    assert len(shipped()) >= 5
    for content in shipped().values():
        fields = fields_of(content["fields"])
        assert content["source"]
        assert 30 <= content["kept_days"] <= 180
        assert {"id_number", "by_hand"} <= {one.kind for one in fields}
    asked = [one for one in fields_of(shipped()["gaoling"]["fields"]) if not one.at_the_desk]
    assert len(asked) == len(DIGITS) == 12


def test_a_condition_looks_back_never_forward() -> None:
    tied = field("text", only_if=("later", ("是",)))
    with pytest.raises(Refusal, match=r"forms\.bad_form"):
        rows_of([tied, Field("later", "后面", "yes_no", "说明")])


# ---- versions --------------------------------------------------------------------------------------------------------


def newer(town: Town) -> None:
    """A second version of the form, in force: one field gone, one new, one with other options."""

    def unit(session: Session) -> None:
        row = form(session)
        other = {"hukou": {"options": ["城东区", "外地"]}}
        left = [one for one in row.current.content["fields"] if one["key"] != "children"]
        new = {"key": "card", "label": "优待证号", "kind": "text", "help": "看证写。"}
        fields = [new, *(one | other.get(one["key"], {}) for one in left)]
        number = row.version + 1
        row.versions.append(FormVersion(number=number, content=row.current.content | {"fields": fields}))
        row.version = number

    town.writing(unit)


def test_a_draft_of_an_older_version_is_carried_over_field_by_field(ma: Phone) -> None:
    ma.says("填表", "1", *DIGITS[:6], "先到这里")
    newer(ma.town)
    assert "优待证号" in ma.says("填表", "1")
    kept = draft(ma.town)
    assert kept.version == 2
    assert kept.answers == {
        "name": "马秀兰",
        "sex": "女",
        "born": "1941-03-07",
        "phone": "13900000001",
        "since": "2008-06-01",
    }
    assert "户口在哪里" in ma.says("A00123")
    assert "和谁一起住" in ma.says("1")


def test_a_talk_goes_on_with_the_version_with_which_it_was_begun(ma: Phone) -> None:
    ma.says("填表", "1", *DIGITS[:6])
    newer(ma.town)
    ma.says(*DIGITS[6:])
    ma.says("1")
    one = draft(ma.town)
    assert (one.version, one.state, len(one.answered)) == (1, "handed_in", 12)


def test_newer_software_brings_newer_samples_and_leaves_alone_what_the_staff_wrote(
    ma: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(session: Session) -> None:
        words = {"name": ("照户口本写。", "")}
        by, other = staff(session, "wang"), staff(session, "li")
        version = actions.write(by, form(session, "dibao"), words)
        actions.look_over(other, form(session, "dibao"), version.digest)

    ma.town.writing(write)
    newer = {key: content | {"purpose": "换了说法"} for key, content in shipped().items()}
    monkeypatch.setattr(loading, "shipped", lambda: newer)
    for _ in range(2):
        ma.town.writing(loading.install)
    with ma.town.reading() as session:
        assert [form(session, key).version for key in ("gaoling", "dibao")] == [2, 2]
        assert form(session, "gaoling").current.content["purpose"] == "换了说法"
        assert form(session, "dibao").current.content["purpose"] != "换了说法"


# ---- one of two ------------------------------------------------------------------------------------------------------


def filled(town: Town, by: Phone) -> int:
    answers = (
        "马秀兰",
        "女",
        "19410307",
        "13900000001",
        "本社区",
        "20080601",
        "和子女",
        "2",
        "1850",
        "卧床",
        "是",
        "社保卡",
    )

    def unit(session: Session) -> int:
        actor = by.actor(session)
        made = actions.begin(actor, form(session))
        session.flush()
        for one, words in zip([*made.asked], answers, strict=True):
            actions.answer(actor, made, one.key, words)
        return made.id

    return town.writing(unit)


def staff(session: Session, login: str) -> Actor:
    found = session.query(StaffMember).filter_by(login=login).one_or_none()
    if found is None:
        found = StaffMember(login=login, name=f"{login}干事", roles=["desk"])
        session.add(found)
        session.flush()
    return Actor(session, staff=found, channel="console")


def test_handed_in_five_times_at_once_it_has_one_number(town: Town, monday: time_machine.Coordinates) -> None:
    ma = joined(town)
    number = filled(town, ma)

    def unit(session: Session) -> str:
        return str(actions.hand_in(ma.actor(session), session.get_one(FormDraft, number)).receipt)

    receipts = at_once([lambda: town.writing(unit)] * 5)
    assert set(receipts) == {draft(town).receipt}
    assert sound(town)


def test_of_two_of_the_staff_at_one_form_one_gets_it(town: Town, monday: time_machine.Coordinates) -> None:
    ma = joined(town)
    number = filled(town, ma)
    for login in ("wang", "li"):
        town.writing(lambda session, login=login: staff(session, login) and None)
    town.writing(lambda s: actions.hand_in(ma.actor(s), s.get_one(FormDraft, number)) and None)

    def takes(login: str) -> str:
        def unit(session: Session) -> str:
            by = staff(session, login)
            return actions.take(by, session.get_one(FormDraft, number)).staff.login  # type: ignore[union-attr]

        try:
            return town.writing(unit)
        except Refusal as why:
            return why.code

    answers = at_once([lambda: takes("wang"), lambda: takes("li")])
    assert min(answers) == "forms.somebody_else"
    assert draft(town).staff.login in answers  # type: ignore[union-attr]


def test_a_word_in_chat_and_one_on_the_page_at_once_lose_nothing(
    town: Town, monday: time_machine.Coordinates
) -> None:
    ma = joined(town)
    ma.says("填表", "1", "1", "1")
    number = draft(town).id

    def page(session: Session) -> None:
        actions.answer(ma.actor(session), session.get_one(FormDraft, number), "sex", "男")

    at_once([lambda: ma.says("19410307"), lambda: town.writing(page)])
    kept = draft(town).answers
    assert kept["sex"] == "男"
    assert kept["name"] == "马秀兰"


# ---- how long, and whose ---------------------------------------------------------------------------------------------


def house(town: Town, job: Any) -> int:
    return town.writing(lambda session: job(Actor(session, channel="job")))


def test_who_left_one_half_filled_is_told_before_it_goes(ma: Phone, monday: time_machine.Coordinates) -> None:
    ma.says("填表", "1", "1", "1", "先到这里")
    monday.shift(timedelta(days=26))
    assert house(ma.town, ending.tell_end) == 0
    monday.shift(timedelta(days=1, hours=1))
    assert house(ma.town, ending.tell_end) == 1
    assert house(ma.town, ending.tell_end) == 0
    assert sent(ma.town) == ["forms.ends"]
    monday.shift(timedelta(days=2))
    assert house(ma.town, ending.let_go) == 0
    monday.shift(timedelta(days=1))
    assert house(ma.town, ending.let_go) == 1
    one = draft(ma.town)
    assert (one.state, one.answers) == ("dropped", {})
    assert sound(ma.town)


def test_who_goes_on_after_the_word_keeps_it(ma: Phone, monday: time_machine.Coordinates) -> None:
    ma.says("填表", "1", "1", "1", "先到这里")
    monday.shift(timedelta(days=28))
    house(ma.town, ending.tell_end)
    assert "第3项" in ma.says("填表", "1")
    ma.says("19410307")
    monday.shift(timedelta(days=5))
    assert house(ma.town, ending.let_go) == 0
    assert draft(ma.town).state == "open"


def test_what_was_signed_for_is_emptied_on_the_day_that_the_form_names(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = filled(ma.town, ma)

    def unit(session: Session) -> None:
        row, by = session.get_one(FormDraft, number), staff(session, "wang")
        actions.hand_in(ma.actor(session), row)
        actions.ready(by, row, "2号窗口")
        actions.finish(by, row)

    ma.town.writing(unit)
    monday.shift(timedelta(days=90))
    assert house(ma.town, ending.forget_answers) == 0
    monday.shift(timedelta(days=1))
    assert house(ma.town, ending.forget_answers) == 1
    one = draft(ma.town)
    assert (one.state, one.answers) == ("done", {})
    assert one.receipt is not None


def test_a_copy_holds_what_was_filled_in_and_erasing_empties_it(ma: Phone) -> None:
    number = filled(ma.town, ma)
    with ma.town.reading() as session:
        (told,) = kept_of(session, ma.person(session))["填过的表"]
    assert told["填的"]["出生日期"] == "1941年3月7日"
    ma.town.writing(lambda s: forget(ma.actor(s), ma.person(s)))
    one = draft(ma.town, number)
    assert (one.state, one.answers, one.person_id) == ("dropped", {}, None)


def test_against_a_no_nothing_is_begun(ma: Phone) -> None:
    def no(session: Session) -> None:
        people.withdraw_consent(ma.actor(session), "service")

    ma.town.writing(no)
    assert "同意" in ma.says("填表", "1")
    assert drafts(ma.town) == 0


def test_two_records_of_one_person_are_one_list(ma: Phone) -> None:
    ma.says("填表", "1", "1", "先到这里")
    other = joined(ma.town, "马秀兰二", "13900000002")

    def unit(session: Session) -> None:
        desk = staff(session, "wang")
        people.link_at_desk(desk, other.person(session), ma.person(session), reason="同一个人,看过证")

    ma.town.writing(unit)
    assert "接着填高龄" in other.says("填表")
