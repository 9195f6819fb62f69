"""The paper: as it was frozen, watermarked until it is for the seal, with a code that leads to the truth."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import pytest
import time_machine

from models.certificates import Certificate
from tests.certificates.offices import (
    ID_NUMBER,
    applied,
    checked,
    over,
    printed,
    ready,
    scan,
    served,
    with_id,
)
from tests.neighbours import Phone
from tests.pages.visitors import Visitor
from tests.posters.pages import code_on, pages_of, size_of, text_of
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(ma: Phone) -> Clerk:
    return clerk(ma.town, "desk", login="wang")


def made(person: Clerk, path: str, **fields: str) -> bytes:
    """Press a button that makes a paper; the file that came of it."""
    person.opens("/console/certificates")
    location = person.sends(f"/console/certificates/{path}", **fields).location
    assert location is not None, person.words
    person.town.works()
    assert "做完了" in person.opens(location).text, person.words
    return person.client.get(f"{location}/file").data


def plain(pdf: bytes) -> str:
    return re.sub(r"\s", "", text_of(pdf))


def test_the_paper_says_what_was_frozen_and_its_code_leads_to_the_truth(
    wang: Clerk, ma: Phone, monday: time_machine.Coordinates
) -> None:
    with_id(ma.town, ma)
    number = ready(ma.town, ma, monday)
    wang.signs_in()
    pdf = made(wang, f"{number}/paper")
    assert size_of(pdf) == (210, 297)
    text = plain(pdf)
    with ma.town.reading() as session:
        told = session.get_one(Certificate, number).content
        assert told is not None
    for key in (
        "name",
        "volunteer",
        "id_type",
        "hours",
        "since",
        "until",
        "issuer",
        "head",
        "clerk",
        "phone",
    ):
        assert told[key] in text, key
    for line in told["services"]:
        assert "".join(line) in text, "every service stands on the paper as it was frozen"
    assert ID_NUMBER in text
    assert "HZZL-2026-0001" in text
    assert "虚假信息" in text
    assert "未盖章)" not in text.replace("(未盖章无效)", "")
    read = code_on(pages_of(pdf)[-1])
    assert read.width >= 25
    page = Visitor(ma.town).opens(urlsplit(read.content).path)
    assert "还没盖章" in page.words
    wang.opens(f"/console/certificates/{number}")
    assert (
        wang.client.post(
            f"/console/certificates/{number}/seal",
            data={"csrf_token": wang.token(), "scan": (BytesIO(scan()), "盖章.jpg")},
        ).status_code
        == 302
    )
    assert "对得上" in Visitor(ma.town).opens(urlsplit(read.content).path).words
    with ma.town.reading() as session:
        assert audited(session, "people.open_sensitive")[0].facts == {"kind": "id_number"}


def test_before_the_seal_it_is_a_record_with_a_watermark_and_a_covered_number(wang: Clerk, ma: Phone) -> None:
    with_id(ma.town, ma)
    number = applied(ma.town, ma)
    checked(ma.town, number)
    text = plain(made(wang, f"{number}/draft"))
    assert "服务记录(未盖章)" in text
    assert "志愿服务记录证明" not in text.partition("一、")[0]
    assert ID_NUMBER not in text
    assert "****************2X" in text
    assert "HZZL" not in text


def test_many_services_are_added_up_by_kind(wang: Clerk, ma: Phone) -> None:
    served(ma.town, ma, *((60, f"2026-09-{day:02}") for day in range(1, 21)), what="暖心送餐")
    number = applied(ma.town, ma)
    checked(ma.town, number)
    text = plain(made(wang, f"{number}/draft"))
    assert "2026-09-01至2026-09-20暖心送餐20次20:00" in text
    assert "23次" in text


def test_a_number_that_was_taken_back_is_written_by_hand(
    wang: Clerk, ma: Phone, monday: time_machine.Coordinates
) -> None:
    with_id(ma.town, ma)
    number = ready(ma.town, ma, monday)
    Visitor(ma.town, ma).opens("/h5/certificates/file").presses("删掉")
    wang.signs_in()
    text = plain(made(wang, f"{number}/paper"))
    assert ID_NUMBER not in text
    assert "(当面填写)" in text


def test_the_sheet_for_the_board_has_covered_names_and_the_register_every_number(
    wang: Clerk, ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = applied(ma.town, ma, posting=False)
    checked(ma.town, number)
    text = plain(made(wang, "board"))
    assert "马*兰" in text
    assert "马秀兰" not in text
    assert "贴出后7天" in text
    wang.sends(f"/console/certificates/{number}/hang-up")
    monday.shift(timedelta(days=8))
    over(ma.town)
    printed(ma.town, number)
    wang.signs_in()
    register = plain(made(wang, "register", year="2026"))
    assert "HZZL-2026-0001" in register
    assert "马秀兰" in register
    assert "等盖章" in register
