"""Cells of registers as offices write them."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.registers import cells
from handlers.registers.cells import Wrong
from handlers.registers.columns import guessed, head_of
from handlers.registers.homes import Homes
from tests.neighbours import Town, frozen


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("2016.4.27", date(2016, 4, 27)),
        ("2016/4/27", date(2016, 4, 27)),
        ("2016-04-27", date(2016, 4, 27)),
        ("2016年4月27日", date(2016, 4, 27)),
        ("２０１６．４．２７", date(2016, 4, 27)),
        ("20160427", date(2016, 4, 27)),
        ("2016-04-27 09:30", date(2016, 4, 27)),
        (42487, date(2016, 4, 27)),
        ("42487", date(2016, 4, 27)),
        ("4月27日", date(2026, 4, 27)),
        ("12月1日", date(2025, 12, 1)),
        ("2月29日", date(2024, 2, 29)),
        ("", None),
    ],
)
def test_a_day_in_every_way_that_offices_write_it(words: str | int, meant: date | None) -> None:
    with frozen("2026-11-23 09:00"):
        assert cells.day(words) == meant


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("2016.13.1", "cell_bad_day"),
        ("昨天", "cell_bad_day"),
        ("2月30日", "cell_bad_day"),
        ("2026.11.24", "cell_day_ahead"),
    ],
)
def test_a_day_that_is_none_or_ahead_is_wrong(words: str, code: str) -> None:
    with frozen("2026-11-23 09:00"), pytest.raises(Wrong) as why:
        cells.day(words)
    assert why.value.code == code


@pytest.mark.parametrize(
    "words",
    [
        13900000001,
        13900000001.0,
        "139 0000 0001",
        "139-0000-0001",
        "+86 13900000001",
        "１３９０００００００１",
    ],
)
def test_a_phone_that_became_a_number_is_a_phone(words: str | float) -> None:
    assert cells.phone(words) == "13900000001"


@pytest.mark.parametrize("words", ["0971-8170000", "1.39E+10", "1390000000", "12345678901", "没有"])
def test_what_is_no_mobile_number_is_wrong(words: str) -> None:
    with pytest.raises(Wrong) as why:
        cells.phone(words)
    assert why.value.code == "cell_bad_phone"


def test_names_with_a_dot_and_with_a_space_are_names_and_numbers_are_not() -> None:
    assert cells.name("买买提·艾力") == "买买提·艾力"
    assert cells.name("马 芳") == "马芳"
    for words, code in (
        ("", "cell_no_name"),
        (123, "cell_bad_name"),
        ("=1+1", "cell_bad_name"),
        ("<b>马芳</b>", "cell_bad_name"),
    ):
        with pytest.raises(Wrong) as why:
            cells.name(words)
        assert why.value.code == code


def test_heads_are_known_as_offices_write_them() -> None:
    head = [
        "序号",
        "姓 名",
        "联系方式",
        "小区",
        "楼栋号",
        "单元",
        "门牌号",
        "与户主关系",
        "身份证号",
        "民族",
        "是否同意",
        "签字日期",
        "备注",
    ]
    fields = [
        "",
        "name",
        "phone",
        "estate",
        "building",
        "unit",
        "door",
        "tie",
        "",
        "",
        "agreed",
        "agreed_on",
        "",
    ]
    assert guessed(head) == fields
    assert guessed(["名字", "手机号码", "家庭住址"]) == ["name", "phone", "address"]
    assert guessed(["联系电话(必填)", "电话", "居民姓名"]) == ["phone", "", "name"], "no field twice"


def test_the_head_stands_below_titles_and_notes() -> None:
    rows = [
        ["互助中路社区居民台账"],
        ["填表人:王干事", "电话:0971"],
        ["序号", "姓名", "电话"],
        [1, "马秀兰", 13900000001],
    ]
    assert head_of(rows) == 2
    assert head_of([["张三", "13900000001"]]) is None


def test_homes_are_found_by_columns_and_in_one_cell(sqlite_town: Town) -> None:
    sqlite_town.seed("people")
    with sqlite_town.reading() as session:
        homes = Homes(session)
        assert homes.find("", "", "") is None
        for estate, building, unit in (
            ("东府佳苑", "3", "2"),
            ("东府佳苑小区", "3号楼", "2单元"),
            ("东府", "三栋", "二"),
        ):
            found = homes.find(estate, building, unit)
            assert found is not None
            assert found.full_name == "东府佳苑3号楼2单元"
        for words in ("东府佳苑3号楼2单元301", "东府佳苑3-2-301", "城东区 东府佳苑 3栋2单元301室"):
            place, door = homes.read(words)
            assert (place and place.full_name, door) == ("东府佳苑3号楼2单元", "301")
        assert homes.read("") == (None, "")
        for told, code in (
            (("", "3", "2"), "cell_which_estate"),
            (("月亮小区", "", ""), "cell_no_estate"),
            (("东府佳苑", "99", ""), "cell_no_building"),
            (("东府佳苑", "3", "9"), "cell_no_unit"),
        ):
            with pytest.raises(Wrong) as why:
                homes.find(*told)
            assert why.value.code == code
