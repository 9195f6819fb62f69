"""Pages as printed: their code is large enough and can be read, also from a black-and-white printer; words stay words."""

from __future__ import annotations

from typing import Any

import pytest

from app.print import drawn_code, paper
from tests.posters.pages import code_on, pages_of, size_of, text_of

LINK = "http://weixin.qq.com/q/02abcdefghijklmnopqrstuvwx"
PLAIN = {
    "community": "互助中路社区 · 幸福大家庭",
    "title": "65岁以上老人免费体检",
    "sentence": "请空腹来。",
    "rows": [["时间", "12月3日(星期四)上午8点30分"], ["地点", "社区二楼卫生室"]],
    "scan": "微信扫一扫,看全文",
    "typed": "或者在公众号里打:通知12",
    "call": "不会用手机,打电话:",
    "phone": "0971-8170000",
}
COLUMNS = [
    {"name": name, "width": 0 if name == "签名" else 24, "wide": name == "签名"}
    for name in ("序号", "姓名", "尾号", "签名")
]
HOSTILE = [
    '#import "@preview/evil:1.0.0": *',
    '#read("/etc/passwd")',
    '"); #panic("x") #("',
    "$ integral_0^1 x $ \\ *bold* _it_ `raw` <label> @ref = heading",
    "{{7*7}} ${7*7} <script>alert(1)</script>",
    "#{ while true { } }",
    "]]] [[[ )))",
]


def poster(size: str = "a4", **more: Any) -> bytes:
    return paper("posters/poster", {**PLAIN, "paper": size, "qr": drawn_code(LINK), **more})


def sheet(rows: list[list[str]], **more: Any) -> bytes:
    facts = {
        "community": PLAIN["community"],
        "title": "社区义剪 签到表",
        "lines": ["11月25日"],
        "flipped": False,
    }
    facts |= {"mark": "王干事 2026-11-23 09:00 打印", "scan": "扫一扫", "columns": COLUMNS, "rows": rows}
    return paper("posters/sheet", {**facts, "qr": drawn_code(LINK), **more})


@pytest.mark.parametrize(("size", "millimetres"), [("a4", (210, 297)), ("a3", (297, 420))])
@pytest.mark.parametrize("black_and_white", [False, True])
def test_the_code_on_a_poster_is_at_least_three_centimetres_and_can_be_read(
    size: str, millimetres: tuple[int, int], black_and_white: bool
) -> None:
    made = poster(size)
    assert size_of(made) == millimetres
    (page,) = pages_of(made, black_and_white=black_and_white)
    read = code_on(page)
    assert read.content == LINK
    assert read.width >= 30
    assert {"0971-8170000", "通知12", "65岁以上老人免费体检"} <= set(_words(made))


def _words(made: bytes) -> list[str]:
    text = text_of(made).replace("\r\n", "").replace("\n", "")
    return [word for word in ("0971-8170000", "通知12", "65岁以上老人免费体检") if word in text]


def test_a_bad_printer_at_a_hundred_dots_an_inch_is_good_enough() -> None:
    (page,) = pages_of(poster(), black_and_white=True, dpi=100)
    assert code_on(page, dpi=100).content == LINK


@pytest.mark.parametrize("words", HOSTILE)
def test_b08_b09_what_people_typed_is_never_a_command(words: str) -> None:
    made = poster(title=words, sentence=words, rows=[[words, words]], typed=words)
    text = text_of(made).replace("\r\n", "").replace("\n", "")
    letters = "".join(words.split())
    assert letters[:12] in "".join(text.split()), text
    assert "root:" not in text
    assert "49" not in text
    assert code_on(pages_of(made)[0]).content == LINK


def test_b08_signs_that_cannot_be_seen_or_turn_words_round_are_left_out() -> None:
    made = poster(title="\u202e马\u200b秀\u200f兰\ufeff", sentence="\u2066a\u2069")
    text = text_of(made)
    assert "马秀兰" in text
    assert not set(text) & set("\u202e\u200b\u200f\u2066\u2069")
    assert poster(title="😀" * 60, sentence="字" * 5000, rows=[["时间", "长" * 2000]])


def test_however_much_is_written_a_poster_stays_one_page_with_its_code() -> None:
    for size in ("a4", "a3"):
        made = poster(
            size,
            title="很长的标题" * 12,
            sentence="一句话说明。\n" * 80,
            rows=[["要带", "身份证、" * 40]] * 6,
        )
        (page,) = pages_of(made)
        assert code_on(page).content == LINK


def test_a_sheet_goes_on_over_pages_with_its_head_and_says_who_printed_it() -> None:
    rows = [[str(number), "买买提·艾力", "0001", ""] for number in range(1, 61)]
    made = sheet(rows)
    pages = pages_of(made)
    assert len(pages) == 3
    read = code_on(pages[0])
    assert read.content == LINK
    assert read.width >= 30
    assert text_of(made).count("王干事 2026-11-23 09:00 打印") == 3
    assert text_of(made).count("尾号") == 3, "the head stands on every page"


def test_b08_a_sheet_with_hostile_names_is_a_sheet() -> None:
    made = sheet([[str(at), words, "=1+1", ""] for at, words in enumerate(HOSTILE)])
    assert "=1+1" in text_of(made)
    assert sheet([["1", "x", "", ""]], qr="", flipped=True)
    assert size_of(sheet([["1", "x", "", ""]], flipped=True)) == (297, 210)
