"""One phone does not flood the desk (trust B29): beyond its budget nothing is kept, which is said; an emergency is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from models.desk import BUDGET, MOST_BEGUN, DeskLine, DeskTalk
from tests.desk.test_chat import answer, lines
from tests.neighbours import Phone, Town, frozen

A_MINUTE, AN_HOUR = BUDGET[timedelta(minutes=1)], BUDGET[timedelta(hours=1)]
TOO_MUCH = "这一条没有交给工作人员"


def talking(town: Town, name: str = "马秀兰") -> Phone:
    phone = town.phone(name)
    phone.says("人工")
    answer(town, phone, "您好,请说")
    return phone


def said(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count(DeskLine.id)).where(DeskLine.speaker == "resident")) or 0


def test_b29_ten_lines_in_a_minute_reach_the_desk_and_the_next_is_told_that_it_did_not(
    sqlite_town: Town,
) -> None:
    with frozen("2026-11-23 10:00") as wall:
        ma, han = talking(sqlite_town), talking(sqlite_town, "韩世杰")
        heard = [ma.says(f"还有一句{number}") for number in range(A_MINUTE + 30)]
        assert heard[:A_MINUTE] == [""] * A_MINUTE, "the bot is quiet while somebody talks with them"
        assert all(TOO_MUCH in told and "过1分钟" in told for told in heard[A_MINUTE:])
        assert said(sqlite_town) == A_MINUTE
        assert han.says("我家楼道灯坏了") == "", "nobody else is held up"
        wall.shift(61)
        assert ma.says("这一句又收下了") == ""
        assert lines(sqlite_town)[-1] == "这一句又收下了"


def test_b29_sixty_lines_in_an_hour_in_whichever_talk(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00") as wall:
        ma = talking(sqlite_town)
        for number in range(AN_HOUR):
            wall.shift(7)
            assert ma.says(f"还有一句{number}") == ""
        wall.shift(60)
        assert "过53分钟" in ma.says("再说一句")
        assert ma.says("结束").startswith("好的,这次就聊到这里")
        ma.says("人工")
        assert TOO_MUCH in ma.says("换一个对话再说一句长长的话")
        assert said(sqlite_town) == AN_HOUR


def test_b29_an_emergency_is_heard_beyond_any_budget(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00"):
        ma = talking(sqlite_town)
        for number in range(A_MINUTE + 1):
            ma.says(f"还有一句{number}")
        assert "119" in ma.says("着火了,快来人")
        for cry in ("水管爆了,满屋子是水", "电梯卡住了打不开门"):
            assert TOO_MUCH not in ma.says(cry)
            assert lines(sqlite_town)[-1] == cry


def test_b29_pictures_and_voices_are_counted_as_well_and_leave_nothing_behind(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00"):
        ma = talking(sqlite_town)
        for number in range(A_MINUTE):
            ma.sends("image", MediaId=f"m{number}", PicUrl="http://127.0.0.1/p")
        assert TOO_MUCH in ma.sends("image", MediaId="more", PicUrl="http://127.0.0.1/p")
        assert TOO_MUCH in ma.sends("voice", MediaId="more", Format="amr")
        assert said(sqlite_town) == A_MINUTE


def test_b29_who_asks_and_ends_without_end_comes_back_to_the_last_talk(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00") as wall:
        ma = sqlite_town.phone("马秀兰")
        for _ in range(MOST_BEGUN * 4):
            assert "半小时内回您" in ma.says("人工")
            assert ma.says("结束").startswith("好的,这次就聊到这里")
        assert talks(sqlite_town) == MOST_BEGUN
        wall.shift(timedelta(minutes=61))
        ma.says("人工")
        assert talks(sqlite_town) == MOST_BEGUN + 1


def talks(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count(DeskTalk.id))) or 0
