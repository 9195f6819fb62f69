"""B34: what must not stand in a text for everybody is found, and what only looks like it is left alone."""

from __future__ import annotations

import time

import pytest

from app.understanding.personal import personal_data, to_compare

OFFICES = ("0971-8170000", "13900000009")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("身份证110101199003074578", ["identity"]),
        ("身份证 110101 19900307 457X", ["identity"]),
        ("身份证１１０１０１１９９００３０７４５７８", ["identity"]),
        ("打13900000001", ["phone"]),
        ("打139 0000 0001", ["phone"]),
        ("打+86 139-0000-0001", ["phone"]),
        ("打0971-8170001", ["phone"]),
        ("电话8170001", ["phone"]),
        ("电话:8170001", ["phone"]),
        ("电话\uff1a8170001", ["phone"]),
        ("卡号6222021234567890128", ["card"]),
        ("卡号6222 0212 3456 7890 128", ["card"]),
        ("住东府佳苑3号楼2单元501室", ["address"]),
        ("住东府佳苑三栋二单元五〇一", ["address"]),
        ("3栋501室的", ["address"]),
        ("马秀兰13900000001,住3号楼1单元102", ["phone", "address"]),
        ("打0971-8170000或8170000", []),
        ("打13900000009", []),
        ("东府佳苑1号楼到6号楼停水", []),
        ("到2号窗口,2号楼1层", []),
        ("第20261123号文", []),
        ("打12345、110", []),
        ("6222021234567890127", []),
        ("每月100元,一共12345678元", []),
        ("", []),
    ],
)
def test_b34_personal_data_in_a_text(text: str, kinds: list[str]) -> None:
    found = personal_data(text, OFFICES)
    assert [one.kind for one in found] == kinds
    for one in found:
        assert text[one.start : one.end]
        assert one.covered != text[one.start : one.end]


def test_what_a_reviewer_compares_with_the_paper() -> None:
    text = "张建国书记12月1日(星期二)来,每人100元,15个工作日。网格员马秀兰。张建国书记"
    assert to_compare(text) == ["张建国书记", "12月1日(星期二)", "100元", "15个工作日", "网格员马秀兰"]


def test_b31_long_texts_cost_little() -> None:
    start = time.process_time()
    for text in ("1" * 20_000, "一" * 20_000, "1 " * 10_000, "东府佳苑3" * 4_000, "3号楼" * 6_000):
        personal_data(text, OFFICES)
        to_compare(text)
    assert time.process_time() - start < 3
