"""Sign-in sheets: printed, photographed, typed in later by rows; twice or by two people it is one record."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cli import check_invariants
from handlers.activities import actions as activities
from handlers.volunteers import actions, rights, sheet_times, sheets
from handlers.volunteers.sheets import Row
from models.activities import ActivitySession, Enrolment
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.sheets import SheetLine, SignInSheet, lines_of
from models.stored_file import StoredFile
from models.volunteers import Attendance, Scan
from tests.activities.plans import a_session, house, on_file, wall
from tests.matters.test_rules import picture
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import Clerk, audited, clerk
from tests.volunteers.test_actions import attendance, known, tick
from tests.volunteers.test_undo import post

NOON = "2026-11-23 12:00"


@pytest.fixture
def noon() -> Iterator[Any]:
    with frozen(NOON) as time:
        yield time


@pytest.fixture
def ma(sqlite_town: Town, noon: Any) -> Phone:
    phone = sqlite_town.phone("马秀兰")
    on_file(sqlite_town, phone)
    return phone


def joins(town: Town, phone: Phone, number: int) -> None:
    """Before it began."""
    with frozen("2026-11-22 09:00"):
        town.writing(
            lambda s: activities.sign_up(phone.actor(s), s.get_one(ActivitySession, number)) and None
        )


def issued(town: Town, number: int) -> int:
    return town.writing(lambda s: sheets.issue(house(s), s.get_one(ActivitySession, number)).id)


def take(town: Town, sheet: int, row: Row, **how: Any) -> str:
    """What became of the row, or the code of the refusal."""

    def unit(session: Session) -> str:
        return sheets.take(house(session), session.get_one(SignInSheet, sheet), row, **how)

    try:
        return town.writing(unit)
    except Refusal as why:
        return why.code


def stays(town: Town) -> list[tuple[str, str | None]]:
    """When they came and left, by the community's clock."""
    with town.reading() as session:
        rows = session.scalars(select(Attendance).order_by(Attendance.id)).all()
        return [(wall_of(row.came_at), wall_of(row.left_at)) for row in rows]


def wall_of(instant: Any) -> Any:
    return f"{clock.local(instant):%H:%M}" if instant is not None else None


# ---- the times ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("8:30", "08:30"), ("830", "08:30"), ("0830", "08:30"), ("8点半", "08:30"), ("8.30", "08:30"),
        ("8：30", "08:30"), ("８：３０", "08:30"), ("八点半", "08:30"), ("9", "09:00"), ("9点", "09:00"),
        ("九点一刻", "09:15"), ("上午9点05", "09:05"), ("九点四十五", "09:45"), ("十点二十", "10:20"),
        ("十一点", "11:00"), ("10点整", "10:00"), ("10 05", "10:05"), ("11:30", "11:30"),
    ],
)  # fmt: skip
def test_times_are_read_as_they_stand_on_paper(noon: Any, typed: str, told: str) -> None:
    assert wall_of(sheet_times.moment_of(typed, held_from("09:00", "11:00"))) == told


@pytest.mark.parametrize(
    ("typed", "told"), [("2:30", "14:30"), ("3点", "15:00"), ("下午2点", "14:00"), ("14:05", "14:05")]
)
def test_the_afternoon_is_what_fits_the_session(typed: str, told: str) -> None:
    with frozen("2026-11-23 18:00"):
        assert wall_of(sheet_times.moment_of(typed, held_from("14:00", "16:00"))) == told


def held_from(starts: str, ends: str) -> ActivitySession:
    return ActivitySession(starts=wall(f"2026-11-23 {starts}"), ends=wall(f"2026-11-23 {ends}"))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("早", "bad_time"), ("25:00", "bad_time"), ("8:75", "bad_time"), ("八点半钟头", "bad_time"),
        ("7点", "out_of_hours"), ("1点", "out_of_hours"), ("下午9点", "out_of_hours"), ("8:29", "out_of_hours"),
    ],
)  # fmt: skip
def test_other_times_are_refused_in_words(noon: Any, typed: str, code: str) -> None:
    with pytest.raises(Refusal, match=f"sheet_{code}"):
        sheet_times.moment_of(typed, held_from("09:00", "11:00"))


def test_what_has_not_happened_yet_is_not_typed(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town, starts="2026-11-23 11:00")
    joins(sqlite_town, ma, number)
    assert (
        take(sqlite_town, issued(sqlite_town, number), Row(1, "11:00", "12:30")) == "volunteers.sheet_not_yet"
    )


# ---- a row is one record ---------------------------------------------------------------------------------------------


def test_a_row_becomes_scans_that_say_they_are_from_a_sheet(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    assert take(sqlite_town, sheet, Row(1, "9:00", "10:30")) == "taken"
    assert take(sqlite_town, sheet, Row(1, "9点", "1030")) == "same"
    assert take(sqlite_town, sheet, Row(2)) == "blank"
    with sqlite_town.reading() as session:
        (row,) = session.scalars(select(Attendance))
        assert "from_sheet" in row.flags
        assert row.minutes == 90
        assert len(list(session.scalars(select(Scan)))) == 2
    assert check_invariants(sqlite_town.site) == []


def test_two_people_who_type_one_row_at_once_make_one_record(town: Town) -> None:
    with frozen(NOON):
        phone = known(town, "马秀兰")
        number = a_session(town)
        joins(town, phone, number)
        sheet = issued(town, number)
        results = at_once([lambda: take(town, sheet, Row(1, "9:00", "10:30"))] * 4)
        assert sorted(results) == ["same", "same", "same", "taken"]
        assert [row[4] for row in attendance(town)] == [90]
        assert check_invariants(town.site) == []


def test_of_two_who_type_it_differently_the_second_is_told_what_the_first_wrote(
    sqlite_town: Town, ma: Phone
) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    assert take(sqlite_town, sheet, Row(1, "9:00", "10:30")) == "taken"
    assert take(sqlite_town, sheet, Row(1, "9:00", "10:50")) == "volunteers.sheet_typed_meanwhile"
    assert stays(sqlite_town) == [("09:00", "10:30")]


def test_correcting_a_row_is_an_undo_and_new_scans_and_is_told_as_a_whole(
    sqlite_town: Town, ma: Phone
) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    take(sqlite_town, sheet, Row(1, "9:00", "10:30"))
    assert take(sqlite_town, sheet, Row(1, "9:00", "10:50", seen=1)) == "taken"
    assert stays(sqlite_town) == [("09:00", "10:50")]
    with sqlite_town.reading() as session:
        scans = session.scalars(select(Scan)).all()
        assert sorted(scan.voided_at is None for scan in scans) == [False, False, True, True]
        kinds = [row.kind for row in session.scalars(select(OutboxRow)) if row.kind.startswith("volunteers.")]
        assert kinds == ["volunteers.sheet_changed"]
    assert take(sqlite_town, sheet, Row(1, seen=2)) == "cleared"
    assert stays(sqlite_town) == []
    assert take(sqlite_town, sheet, Row(1, "9:00", "10:30", seen=3)) == "taken"
    assert stays(sqlite_town) == [("09:00", "10:30")]


def test_emptying_a_row_that_somebody_else_typed_takes_nothing_back(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    take(sqlite_town, sheet, Row(1, "9:00", "10:30"))
    assert take(sqlite_town, sheet, Row(1)) == "same"
    assert stays(sqlite_town) == [("09:00", "10:30")]


def test_who_scanned_as_well_is_counted_by_the_scans(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    tick(sqlite_town, ma, number, "in", nonce="i", occurred_at=wall("2026-11-23 09:02"))
    assert take(sqlite_town, sheet, Row(1, "9:00")) == "scanned"
    assert take(sqlite_town, sheet, Row(1, "9:00", "10:40")) == "ended"
    assert stays(sqlite_town) == [("09:02", "10:40")]
    assert take(sqlite_town, sheet, Row(1, "9:00", "10:40", seen=1)) == "same"
    other = issued(sqlite_town, number)
    assert take(sqlite_town, other, Row(1, "9:00", "10:30")) == "scanned", "or stands on another sheet"
    assert stays(sqlite_town) == [("09:02", "10:40")]


def test_only_leaving_without_coming_is_asked_about(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    assert take(sqlite_town, sheet, Row(1, "", "10:30")) == "volunteers.sheet_no_came"
    assert take(sqlite_town, sheet, Row(1, "10:30", "9:00")) == "volunteers.sheet_order"
    assert take(sqlite_town, sheet, Row(99, "9:00")) == "volunteers.sheet_no_line"
    assert take(sqlite_town, sheet, Row(5, "9:00")) == "volunteers.sheet_who"


def test_it_may_be_typed_after_the_session_was_closed_until_the_hours_are_posted(
    sqlite_town: Town, ma: Phone
) -> None:
    number = a_session(sqlite_town)
    sheet = issued(sqlite_town, number)
    sqlite_town.writing(lambda s: actions.close_session(house(s), s.get_one(ActivitySession, number)))
    row = Row(3, "9:00", "10:30", who="马秀兰13900000001")
    staff = clerk(sqlite_town, "leader")

    def unit(session: Session) -> str:
        by = Actor(session, staff=staff.member(session), channel="console")
        return sheets.take(by, session.get_one(SignInSheet, sheet), row)

    assert sqlite_town.writing(unit) == "taken", "who had not signed up is let in afterwards"
    assert stays(sqlite_town) == [("09:00", "10:30")]
    post(sqlite_town, ma, number)
    assert (
        take(sqlite_town, sheet, Row(3, "9:00", "10:50", who="马秀兰", seen=1)) == "volunteers.hours_posted"
    )


# ---- who is not on the list ------------------------------------------------------------------------------------------


@pytest.fixture
def desk(sqlite_town: Town, noon: Any) -> Clerk:
    return clerk(sqlite_town, "desk", "leader", login="ma", name="马队长")


def sends(desk: Clerk, sheet: int, more: dict[int, dict[str, str]], **fields: str) -> None:
    """The whole form, as the page has it."""
    with desk.town.reading() as session:
        lines = session.scalars(lines_of(session.get_one(SignInSheet, sheet))).all()
        form = {f"{name}-{line.line}": "" for line in lines for name in ("came", "left")}
        form |= {f"seen-{line.line}": str(line.revision) for line in lines}
    form |= {f"{name}-{line}": words for line, typed in more.items() for name, words in typed.items()}
    desk.sends(f"/console/sign-in-sheets/{sheet}", **form, **fields)


def test_the_staff_type_a_whole_sheet_and_what_is_wrong_stands_beside_its_row(
    sqlite_town: Town, ma: Phone, desk: Clerk
) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    sends(
        desk,
        sheet,
        {
            1: {"came": "8点半", "left": "1030"},
            3: {"who": "张桂英13900000002", "came": "=", "left": "="},
            4: {"who": "没这个人", "came": "9:00"},
            5: {"came": "大概9点"},
        },
    )
    assert "3 行没录进去" in desk.words
    for words in ("没有找到“张桂英13900000002”", "“大概9点”看不懂是几点", "记下了"):
        assert words in desk.words
    assert 'value="大概9点"' in desk.page, "what was typed is still there"
    assert stays(sqlite_town) == [("08:30", "10:30")]
    desk.opens(f"/console/sign-in-sheets/{sheet}")
    assert 'value="大概9点"' in desk.page
    assert "没录进去的还在这里" in desk.words
    sends(
        desk,
        sheet,
        {1: {"came": "08:30", "left": "10:30"}, 3: {"who": "张桂英13900000002", "came": "9", "left": "10"}},
        newcomers="1",
    )
    assert "录好了 1 行" in desk.words
    with sqlite_town.reading() as session:
        new = session.scalars(select(Person).order_by(Person.id.desc())).first()
        assert new is not None
        assert (new.name, new.joined_at is not None) == ("张桂英", True)
        assert session.scalar(select(Enrolment).where(Enrolment.person_id == new.id)) is not None
        assert "13900000002" not in str([line.facts for line in audited(session, "volunteers.type_line")])
    assert len(stays(sqlite_town)) == 2


def test_a_name_or_the_end_of_a_phone_is_enough_for_who_belongs_to_the_activity(
    sqlite_town: Town, ma: Phone
) -> None:
    number = a_session(sqlite_town)
    sheet = issued(sqlite_town, number)
    joins(sqlite_town, ma, number)  # after the sheet was printed
    for line, who in ((2, "马秀兰"), (3, "0001"), (4, "马秀兰 0001")):
        assert take(sqlite_town, sheet, Row(line, "9:00", "10:00", who=who)) in ("taken", "scanned")
    assert len(stays(sqlite_town)) == 1
    other = sqlite_town.phone("另一个马秀兰")
    on_file(sqlite_town, other, "马秀兰", "13900000009")
    joins(sqlite_town, other, number)
    assert take(sqlite_town, sheet, Row(5, "9:00", who="马秀兰")) == "volunteers.sheet_several"
    assert take(sqlite_town, sheet, Row(5, "9:00", "10:00", who="马秀兰0009")) == "taken"


def test_the_draft_is_kept_while_somebody_types(sqlite_town: Town, ma: Phone, desk: Clerk) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    answer = desk.sends(
        f"/console/sign-in-sheets/{sheet}/draft",
        **{"came-1": "9:00", "left-1": "", "came-2": "", "left-2": ""},
    )
    assert "草稿存好了" in answer.text
    assert 'value="9:00"' in desk.opens(f"/console/sign-in-sheets/{sheet}").text
    assert stays(sqlite_town) == []


# ---- paper and photo -------------------------------------------------------------------------------------------------


def test_people_stand_in_the_order_of_pinyin_and_there_is_room_for_others(
    sqlite_town: Town, noon: Any
) -> None:
    number = a_session(sqlite_town)
    for at, name in enumerate(("张桂英", "才让卓玛", "马秀兰")):
        phone = sqlite_town.phone(name)
        on_file(sqlite_town, phone, name, f"1390000010{at}")
        joins(sqlite_town, phone, number)
    sheet = issued(sqlite_town, number)
    with sqlite_town.reading() as session:
        lines = session.scalars(
            select(SheetLine).where(SheetLine.sheet_id == sheet).order_by(SheetLine.line)
        ).all()
        assert [line.person.name for line in lines if line.person] == ["才让卓玛", "马秀兰", "张桂英"]
        assert len(lines) == 15


def test_a_photo_is_kept_sealed_for_some_weeks_and_gone_when_it_is_dropped(
    sqlite_town: Town, desk: Clerk
) -> None:
    number = a_session(sqlite_town)
    sheet = issued(sqlite_town, number)
    path = f"/console/sign-in-sheets/{sheet}"
    desk.opens(path)
    desk.sends(f"{path}/photos", photo=(BytesIO(picture()), "表.jpg"), follow=True)
    assert "照片存好了" in desk.words
    assert desk.client.get(f"{path}/photos/1").mimetype.startswith("image/")
    with sqlite_town.reading() as session:
        (kept,) = session.scalars(select(StoredFile).where(StoredFile.purpose == "volunteers.sheet"))
        assert kept.until is not None
    desk.sends(f"{path}/photos", photo=(BytesIO(b"no picture"), "x.jpg"), follow=True)
    assert "这不是能用的照片" in desk.words
    assert desk.opens(f"/console/sign-in-sheets/{sheet + 1}/photos/1").status_code == 404
    desk.sends(f"{path}/photos/1/drop", follow=True)
    assert desk.opens(f"{path}/photos/1").status_code == 404


def test_a_leader_asks_for_a_sheet_types_it_and_takes_its_photo_on_the_phone(
    sqlite_town: Town, ma: Phone, desk: Clerk
) -> None:
    leader = known(sqlite_town, "张河长")
    number = a_session(sqlite_town, leader=leader)
    joins(sqlite_town, ma, number)
    page = Visitor(sqlite_town, leader).opens(f"/h5/leading/{number}").presses("请窗口打印一张")
    assert "已经告诉窗口打印" in page.words
    assert "马*兰 0001" in page.words
    assert "河道清洁的签到表" in desk.opens("/console/").text
    desk.sends("/console/sign-in-sheets/1/print", follow=True)
    assert "河道清洁的签到表" not in desk.opens("/console/").text
    page.presses("录入", **{"came-1": "9点", "left-1": "十点"})
    assert "记下了" in page.words
    page.presses("录入", **{"came-2": "9点", "who-2": "没这个人"})
    assert "没有找到“没这个人”" in page.words
    page.presses("录入", **{"came-2": "", "who-2": ""})
    assert stays(sqlite_town) == [("09:00", "10:00")]
    answer = page.client.post(
        "/h5/sign-in-sheets/1/photo", data={"photo": (BytesIO(picture()), "a.jpg"), "once": "k"}
    )
    assert answer.status_code == 303
    with sqlite_town.reading() as session:
        assert session.scalar(select(StoredFile).where(StoredFile.purpose == "volunteers.sheet")) is not None


def test_who_does_not_lead_types_nothing_and_learns_how_to_check_in(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    sheet = issued(sqlite_town, number)
    stranger = Visitor(sqlite_town, sqlite_town.phone("路人"))
    assert "看负责人屏幕上的4位数字" in stranger.opens(f"/h5/sign-in-sheets/{sheet}").words
    assert "马" not in stranger.words
    assert stranger.sends(f"/h5/sign-in-sheets/{sheet}", **{"came-1": "9", "left-1": "10"}).status == 404
    stranger.client.post(
        f"/h5/sign-in-sheets/{sheet}/photo", data={"photo": (BytesIO(picture()), "a.jpg"), "once": "k"}
    )
    assert stranger.sends(f"/h5/leading/{number}/sheet", once="x").status == 404
    assert stays(sqlite_town) == []
    with sqlite_town.reading() as session:
        assert session.scalar(select(StoredFile).where(StoredFile.purpose == "volunteers.sheet")) is None


def test_whose_role_is_another_sees_no_sheet(sqlite_town: Town, noon: Any) -> None:
    sheet = issued(sqlite_town, a_session(sqlite_town))
    other = clerk(sqlite_town, "grid", login="grid")
    assert other.opens(f"/console/sign-in-sheets/{sheet}").status_code == 403
    assert other.sends(f"/console/sign-in-sheets/{sheet}", **{"came-1": "9"}).status_code == 403


def test_erasing_takes_the_person_off_the_line(sqlite_town: Town, ma: Phone) -> None:
    number = a_session(sqlite_town)
    joins(sqlite_town, ma, number)
    take(sqlite_town, issued(sqlite_town, number), Row(1, "9:00", "10:30"))
    sqlite_town.writing(lambda s: rights.forget(house(s), ma.person(s)))
    with sqlite_town.reading() as session:
        assert session.scalars(select(SheetLine.person_id).where(SheetLine.line == 1)).one() is None
