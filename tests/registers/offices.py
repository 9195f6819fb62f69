"""What clerks do with registers in tests: hand a sheet in, wait for the work, follow the link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from models.people import residents
from tests.neighbours import Town
from tests.registers.workbooks import workbook
from tests.staff.clerks import Clerk

HEAD = ["姓名", "手机", "小区", "楼栋", "单元", "门牌", "同意登记", "签字日期"]
BASIS = {"sure": "y", "basis": "登记簿第3册"}


def line(name: str, phone: object, *home: str) -> list[Any]:
    estate, building, unit = (*home, "", "", "")[:3]
    return [name, phone, estate, building, unit, "301", "是", "2026.11.1"]


def hands_in(person: Clerk, rows: Sequence[Sequence[Any]], name: str = "居民.xlsx") -> int:
    """Upload, let it be checked; the number of the sheet, whose page is open."""
    person.opens("/console/registers/import")
    answer = person.sends("/console/registers/import", file=(BytesIO(workbook(rows)), name))
    assert answer.status_code == 302, person.words
    return checked(person, answer.location)


def checked(person: Clerk, location: str) -> int:
    person.town.works()
    person.opens(location)
    found = re.search(r"/console/registers/import/(\d+)", person.page)
    assert found is not None, person.words
    person.opens(found[0])
    return int(found[1])


def takes_in(person: Clerk, number: int, **fields: str) -> str:
    """Confirm and let it be done; the words of the page of the work."""
    answer = person.sends(
        f"/console/registers/import/{number}/take-in", **{"which": "all", **BASIS, **fields}
    )
    assert answer.status_code == 302, person.words
    person.town.works()
    person.opens(answer.location)
    return person.words


def names(town: Town) -> set[str | None]:
    with town.reading() as session:
        return {person.name for person in session.scalars(residents())}
