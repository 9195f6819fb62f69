"""Owner and last day at every moment, who may move what, two at once, what time does, what is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from threading import Barrier

import pytest
import time_machine
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import files
from app.jobs import More
from handlers.matters import actions, dispatch, jobs
from handlers.matters.rights import forget, kept_of, merge
from handlers.people import actions as people
from models.identity import Actor
from models.matters import KINDS, Matter, MatterPhoto, MatterRule, MatterStep, last_day
from models.receipts import new_receipt, receipt_in, spoken
from models.refusal import Refusal
from models.staff import StaffMember
from models.stored_file import StoredFile
from tests.matters.conftest import (
    LAMP,
    build,
    count,
    desk,
    does,
    given,
    house,
    joined,
    matter,
    member,
    refused,
    said,
    sent,
    sound,
)
from tests.neighbours import Phone, Town


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "JPEG")
    return out.getvalue()


def test_a_receipt_with_one_wrong_digit_or_two_that_changed_places_is_none() -> None:
    number = new_receipt()
    assert receipt_in(f"受理号{spoken(number)}") == number
    for place in range(7):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert receipt_in(wrong) is None
    for place in range(6):
        turned = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert turned == number or receipt_in(turned) is None


def test_working_days_are_counted_without_weekends_and_rows_say_how_many(
    sqlite_town: Town, ma: Phone
) -> None:
    def unit(session: Session) -> dict[str, date]:
        actions.install_rules(house(session))
        session.get_one(MatterRule, "求助").working_days = 7
        session.flush()
        return {kind: last_day(session, kind) for kind in KINDS}

    assert sqlite_town.writing(unit) == {
        "报修": date(2026, 11, 25),
        "求助": date(2026, 12, 2),
        "投诉": date(2026, 12, 7),
        "建议": date(2026, 12, 7),
    }


def test_amber_when_four_fifths_are_gone_and_red_afterwards(
    sqlite_town: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = said(sqlite_town, ma)
    given(sqlite_town, number)
    lights = []
    for hours in (0, 53, 24):
        monday.shift(timedelta(hours=hours))
        lights.append(matter(sqlite_town, number).light)
    assert lights == ["", "amber", "red"]


# ---- who may -----------------------------------------------------------------------------------------------------


def test_nobody_but_who_said_it_has_the_last_word(sqlite_town: Town, ma: Phone) -> None:
    number, stranger = said(sqlite_town, ma), joined(sqlite_town, "路人", "13900000009")
    for action in (actions.withdraw, actions.confirm, actions.reopen):
        with refused("not_yours"):
            does(sqlite_town, action, number, by=stranger)
    with refused("not_yours"):
        does(sqlite_town, actions.add_photo, number, "media", by=stranger)
    for action, more in ((actions.begin, []), (actions.assign, [None]), (actions.answer, ["好的"])):
        with refused("not_yours"):
            does(sqlite_town, action, number, *more, by=ma)


def test_a_grid_worker_moves_what_lies_in_their_grid_and_nothing_else(sqlite_town: Town, ma: Phone) -> None:
    number = said(sqlite_town, ma)

    def answers(building: int, login: str) -> None:
        def unit(session: Session) -> None:
            worker = member(session, "grid", login=login, building=building)
            by = Actor(session, staff=worker, channel="console")
            actions.answer(by, session.get_one(Matter, number), "明天来看")

        sqlite_town.writing(unit)

    answers(3, "own")
    with refused("not_yours"):
        answers(1, "other")


def test_only_the_desk_and_grid_workers_who_work_here_take_a_matter(sqlite_town: Town, ma: Phone) -> None:
    number = said(sqlite_town, ma)

    def to(role: str, active: bool) -> None:
        def unit(session: Session) -> None:
            one = member(session, role, login=f"{role}{active}")
            one.active = active
            actions.assign(desk(session), session.get_one(Matter, number), one)

        sqlite_town.writing(unit)

    for role, active in (("leader", True), ("desk", False)):
        with refused("cannot_take"):
            to(role, active)
    to("desk", True)


def test_states_go_only_where_they_lead(sqlite_town: Town, ma: Phone) -> None:
    number = said(sqlite_town, ma)
    with refused("not_now"):
        does(sqlite_town, actions.begin, number)
    with refused("not_now"):
        does(sqlite_town, actions.confirm, number, by=ma)
    with refused("not_now"):
        does(sqlite_town, actions.reopen, number, by=ma)
    does(sqlite_town, actions.finish, number, "换好了")
    for action, more in ((actions.answer, ["好"]), (actions.finish, ["好的"]), (actions.add_photo, ["m"])):
        with refused("not_now"):
            does(sqlite_town, action, number, *more)


def test_another_last_day_is_a_working_day_with_a_reason(sqlite_town: Town, ma: Phone) -> None:
    number = said(sqlite_town, ma)
    for wrong in (date(2026, 11, 23), date(2026, 11, 29), date(2027, 6, 1)):
        with refused("bad_day"):
            does(sqlite_town, actions.move_due, number, wrong, "等配件")
    with refused("too_short"):
        does(sqlite_town, actions.move_due, number, date(2026, 11, 30), " ")
    does(sqlite_town, actions.move_due, number, date(2026, 11, 30), "等配件")
    assert matter(sqlite_town).due == date(2026, 11, 30)
    assert sent(sqlite_town) == ["matters.due_moved"]


def test_twenty_open_matters_are_enough_for_one_person(sqlite_town: Town, ma: Phone) -> None:
    for _ in range(20):
        said(sqlite_town, ma)
    with refused("too_many"):
        said(sqlite_town, ma)


def test_who_took_their_consent_back_is_told_before_anything_is_kept(sqlite_town: Town, ma: Phone) -> None:
    sqlite_town.writing(lambda s: people.withdraw_consent(ma.actor(s), "service"))
    with pytest.raises(Refusal, match="people"):
        said(sqlite_town, ma)
    assert count(sqlite_town) == 0


# ---- at once -----------------------------------------------------------------------------------------------------


def test_two_who_give_it_away_at_once_give_it_to_one(town: Town) -> None:
    build(town)
    number = said(town, joined(town, "马秀兰", "13900000001"))
    for login in ("li", "zhao"):
        town.writing(lambda s, one=login: member(s, "desk", login=one))
    town.writing(lambda s: member(s, "desk"))
    start = Barrier(2)

    def gives(login: str) -> str:
        def unit(session: Session) -> None:
            one = session.scalars(select(StaffMember).where(StaffMember.login == login)).one()
            actions.assign(desk(session), session.get_one(Matter, number), one, seen=0)

        start.wait()
        try:
            town.writing(unit)
        except Refusal as why:
            return why.code
        return login

    with ThreadPoolExecutor(2) as pool:
        ended = sorted(pool.map(gives, ("li", "zhao")))
    assert ended[1] == "matters.changed_meanwhile" or ended[0] == "matters.changed_meanwhile"
    owner = matter(town, number).owner
    assert owner is not None
    assert owner.login in ended
    assert sent(town) == ["matters.assigned"]
    assert sound(town)


def test_a_form_that_is_sent_twice_at_once_is_one_matter(town: Town) -> None:
    build(town)
    ma = joined(town, "马秀兰", "13900000001")
    start = Barrier(4)

    def says(_: int) -> int:
        start.wait()
        return said(town, ma, once="key-of-the-form")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(says, range(4)))) == 1
    assert count(town) == 1
    assert count(town, MatterStep) == 1


# ---- pictures ----------------------------------------------------------------------------------------------------


def test_a_picture_is_kept_sealed_and_clean_and_anything_else_is_refused(
    sqlite_town: Town, ma: Phone
) -> None:
    said(sqlite_town, ma, photo=actions.clean_photo(picture()))
    with sqlite_town.reading() as session:
        stored = session.scalars(select(StoredFile)).one()
        assert stored.person_id == ma.person(session).id
        assert files.content_of(stored).startswith(b"\xff\xd8")
        assert picture() not in files.path_of(stored.key).read_bytes()
    with refused("bad_photo"):
        actions.clean_photo(b"<svg onload=alert(1)>")


# ---- time and rights ---------------------------------------------------------------------------------------------


def test_a_done_matter_closes_by_itself_after_thirty_days_and_cannot_be_opened_then(
    sqlite_town: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = said(sqlite_town, ma)
    does(sqlite_town, actions.finish, number, "换好了")
    monday.shift(timedelta(days=29))
    assert sqlite_town.writing(lambda s: jobs.close_old(house(s))) == "0 closed"
    monday.shift(timedelta(days=2))
    with refused("too_late_to_reopen"):
        does(sqlite_town, actions.reopen, number, by=ma)
    assert sqlite_town.writing(lambda s: jobs.close_old(house(s))) == "1 closed"
    assert matter(sqlite_town).state == "closed"
    assert sent(sqlite_town)[-1] == "matters.closed"


def test_who_leaves_the_staff_leaves_no_matter_without_an_owner(sqlite_town: Town, ma: Phone) -> None:
    number = said(sqlite_town, ma)
    sqlite_town.writing(lambda s: member(s, "desk", login="li"))
    given(sqlite_town, number, "li")

    def leaves(session: Session) -> None:
        member(session, "desk", login="li").active = False

    sqlite_town.writing(leaves)
    assert sqlite_town.writing(lambda s: jobs.take_from_those_who_left(house(s))).startswith("1 ")
    one = matter(sqlite_town)
    assert (one.state, one.owner and one.owner.login) == ("received", "wang")
    assert sound(sqlite_town)


def test_many_matters_of_who_left_go_back_in_slices(
    sqlite_town: Town, ma: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "AT_ONCE", 2)
    sqlite_town.writing(lambda s: member(s, "desk", login="li"))
    for words in ("楼道灯坏了", "垃圾没人扫", "消防通道占道"):
        given(sqlite_town, said(sqlite_town, ma, words), "li")

    def leaves(session: Session) -> None:
        member(session, "desk", login="li").active = False

    sqlite_town.writing(leaves)
    told = [sqlite_town.writing(lambda s: jobs.take_from_those_who_left(house(s))) for _ in range(2)]
    assert [(one[:2], isinstance(one, More)) for one in told] == [("2 ", True), ("1 ", False)]
    assert sound(sqlite_town)


def test_words_go_after_two_years_and_pictures_after_one(
    sqlite_town: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = said(sqlite_town, ma, photo=actions.clean_photo(picture()), phone="13900000001")
    does(sqlite_town, actions.finish, number, "换好了")
    does(sqlite_town, actions.confirm, number, by=ma)
    with sqlite_town.reading() as session:
        until = session.scalars(select(StoredFile.until)).one()
        assert until is not None
        assert until.date() == date(2027, 11, 23)
    monday.shift(timedelta(days=729))
    sqlite_town.writing(lambda s: jobs.forget_words(house(s)))
    assert matter(sqlite_town).text == LAMP
    monday.shift(timedelta(days=2))
    sqlite_town.writing(lambda s: jobs.forget_words(house(s)))
    gone = matter(sqlite_town)
    assert (gone.text, gone.outcome, gone.phone, gone.tail_index) == (None, None, None, None)
    assert [step.words for step in gone.steps if step.words] == []
    assert count(sqlite_town, StoredFile) == 0


def test_a_picture_that_nobody_fetched_is_no_row_after_three_days(
    sqlite_town: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    said(sqlite_town, ma, media_id="media-1")
    monday.shift(timedelta(days=4))
    sqlite_town.writing(lambda s: jobs.forget_words(house(s)))
    assert count(sqlite_town, MatterPhoto) == 0


def test_who_leaves_takes_their_words_and_pictures_along(sqlite_town: Town, ma: Phone) -> None:
    said(sqlite_town, ma, photo=actions.clean_photo(picture()))
    with sqlite_town.reading() as session:
        told = kept_of(session, ma.person(session))["说过的事"]
        assert (told[0]["说了什么"], told[0]["照片"]) == (LAMP, "1张")
    sqlite_town.writing(lambda s: forget(house(s), ma.person(s)))
    left = matter(sqlite_town)
    assert (left.state, left.text, left.person_id) == ("withdrawn", None, None)
    assert (count(sqlite_town, StoredFile), count(sqlite_town, MatterPhoto)) == (0, 0)


def test_two_records_of_one_person_have_all_their_matters(sqlite_town: Town, ma: Phone) -> None:
    other = joined(sqlite_town, "马秀兰二", "13900000001")
    said(sqlite_town, other)
    sqlite_town.writing(lambda s: merge(house(s), ma.person(s), other.person(s)))
    with sqlite_town.reading() as session:
        assert [row.person_id for row in session.scalars(select(Matter))] == [ma.person(session).id]


def test_what_lies_on_the_disk_holds_no_word_of_it(sqlite_town: Town, ma: Phone) -> None:
    number = said(sqlite_town, ma, phone="13912345678", photo=actions.clean_photo(picture()))
    does(sqlite_town, actions.note, number, "这家有老人")
    does(sqlite_town, actions.answer, number, "明天派师傅来")
    disk = b"".join(path.read_bytes() for path in sqlite_town.site.settings.data.rglob("town.db*"))
    for words in (LAMP, "13912345678", "这家有老人", "明天派师傅来"):
        assert words.encode() not in disk
