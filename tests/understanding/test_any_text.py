"""Whatever is typed, nothing is raised: random unicode, and random strings of the words that dates are made of."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.understanding.crisis import crisis_in
from app.understanding.numbers import choice_number, number_word, plain
from app.understanding.phone import id_number_in, mask_id_numbers, mask_name, mask_phone, name_in, phone_in
from app.understanding.spelling import Spelling
from app.understanding.when import Impossible, clock_in, day_in, moment_in
from tests.understanding.corpora import HERE, table

WORDS = (
    "今 明 后 大 天 日 周 星期 礼拜 一 二 三 四 五 六 七 八 九 十 廿 正 腊 闰 初 月 号 年 农历 下 上 个 半 小时 分钟"
    " 点 刻 差 到 - ~ 年底 . / : 0 1 2 3 9 12 30 31 2026 早 晚 上午 下午 中午 国庆 中秋 除夕 冬至 底 末 后 之前"
    " 再过 不 对 改到 两 第 楼"
).split()
texts = st.text(max_size=700)
phrases = st.lists(st.sampled_from(WORDS), max_size=14).map("".join)
clocks = st.datetimes(
    min_value=dt.datetime.fromisoformat("2000-01-01"),
    max_value=dt.datetime.fromisoformat("2080-12-31"),
    timezones=st.just(HERE),
)
spelling = Spelling(table("phrasings"))


@pytest.mark.parametrize(
    "read",
    [
        plain,
        number_word,
        choice_number,
        phone_in,
        id_number_in,
        mask_id_numbers,
        mask_phone,
        mask_name,
        name_in,
        crisis_in,
        clock_in,
        spelling.exact,
        spelling.near,
    ],
)
@settings(max_examples=150, deadline=None)
@given(text=texts | phrases)
def test_any_text_is_read_without_an_error(read, text: str) -> None:  # type: ignore[no-untyped-def]
    read(text)


@settings(max_examples=1500, deadline=None)
@given(text=phrases | texts, now=clocks)
def test_any_day_is_read_without_an_error_and_is_never_over(text: str, now: dt.datetime) -> None:
    reading = moment_in(text, now)
    if reading is not None and not isinstance(reading, Impossible):
        assert reading.day.day >= now.date()
        assert reading.start is None or reading.start.date() >= now.date()
        assert reading.end is None or reading.start is None or reading.end > reading.start


@settings(max_examples=500, deadline=None)
@given(text=phrases, now=clocks)
def test_what_may_be_two_days_is_never_sure(text: str, now: dt.datetime) -> None:
    reading = day_in(text, now)
    if reading is not None and not isinstance(reading, Impossible) and reading.sure:
        assert (reading.others, reading.past, reading.said) == ((), False, None)


@settings(max_examples=300, deadline=None)
@given(text=texts | phrases)
def test_a_choice_lies_between_0_and_99(text: str) -> None:
    number = choice_number(text)
    assert number is None or 0 <= number <= 99
