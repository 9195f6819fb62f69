"""One notice, written once, as it reaches a person in chat: short, what to do first, nothing cut in mid-sentence."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from handlers.broadcasts.forms import AROUND, LONGEST, card_of, shortened
from handlers.notices import actions
from models.broadcasts import Broadcast
from models.identity import Actor
from models.notices import newest
from tests.neighbours import Town

PUBLIC = "https://community.example/"
NOTICE: dict[str, Any] = {
    "title": "冬季取暖补贴开始办了",
    "category": "政策",
    "source": "区民政局(演示)",
    "summary": "低保户可以领取暖补贴,每户600元。\n带上身份证到2号窗口办。",
    "bring": ["身份证", "低保证"],
    "valid_from": date(2026, 11, 26),
    "valid_until": date(2026, 12, 31),
}


def card(town: Town, *, second: dict[str, str] | None = None, **other: Any) -> dict[str, Any]:
    """The facts of a broadcast of this notice."""
    urgent = other.pop("urgent", False)

    def unit(session):  # type: ignore[no-untyped-def]
        by = Actor(session, channel="job")
        notice = actions.draft(by, **NOTICE | other)
        version = newest(session, notice)
        if second is not None:
            version.content = dict(version.content) | {"second": second}
        row = Broadcast(notice_id=notice.id, version_id=version.id, topic="政策", urgent=urgent)
        session.add(row)
        session.flush()
        return card_of(row, PUBLIC)

    return town.writing(unit)


def told(town: Town, **other: Any) -> str:
    facts = card(town, **other)
    return town.site.words.fill(town.site.words.form("broadcasts.notice").text, facts)


def test_the_message_says_what_to_do_first_and_leads_to_the_page(sqlite_town: Town) -> None:
    words = told(sqlite_town)
    assert words.startswith("【冬季取暖补贴开始办了】\n低保户可以领取暖补贴")
    assert "要带:身份证、低保证。" in words
    assert "12月31日(星期四)前有效" in words
    assert "https://community.example/h5/b/" in words
    assert "通知设置" in words


def test_a_long_notice_is_shortened_at_the_end_of_a_sentence(sqlite_town: Town) -> None:
    words = told(
        sqlite_town,
        title="题" * 60,
        summary="到2号窗口办。" * 200,
        bring=["户口本的复印件要两张"] * 8,
        second={"language": "藏文", "text": "字" * 60},
    )
    link = words[words.index("https://") :].split()[0]
    assert len(words) - len(link) <= LONGEST
    assert "办。…" in words
    assert "等8样" in words


def test_the_frame_leaves_the_room_that_is_promised(sqlite_town: Town) -> None:
    facts = card(sqlite_town, valid_until=date(2028, 12, 31)) | {
        "title": "",
        "summary": "",
        "bring": ["x"],
        "bring_left": 7,
        "second": {"language": "撒拉语(汉字记音)", "text": ""},
        "corrects": True,
        "link": "",
    }
    words = sqlite_town.site.words.fill(sqlite_town.site.words.form("broadcasts.notice").text, facts)
    assert len(words) <= AROUND


def test_words_in_another_language_are_never_cut(sqlite_town: Town) -> None:
    assert "བོད་ཡིག" in told(sqlite_town, second={"language": "藏文", "text": "བོད་ཡིག"})
    long = told(sqlite_town, second={"language": "藏文", "text": "བོད" * 60})
    assert "བོད" not in long
    assert "网页上有藏文" in long


def test_an_emergency_offers_no_way_of_not_wanting_it(sqlite_town: Town) -> None:
    assert "通知设置" not in told(sqlite_town, urgent=True)


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("到2号窗口。", 20, "到2号窗口。"),
        ("到2号窗口。带身份证。", 10, "到2号窗口。…"),
        ("到2号窗口办理取暖补贴", 6, "到2号窗口…"),
    ],
)
def test_shortening_keeps_whole_sentences(text: str, most: int, short: str) -> None:
    assert shortened(text, most) == short
    assert len(short) <= most


def test_nobody_types_a_template_into_a_message(sqlite_town: Town) -> None:
    assert "{{ 7*7 }}" in told(sqlite_town, title="{{ 7*7 }}")
