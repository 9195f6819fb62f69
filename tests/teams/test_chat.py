"""Teams in chat: joining, one's shifts, handing one on, standing in."""

from __future__ import annotations

from tests.neighbours import Town
from tests.teams.bands import (
    HAN,
    LEADER,
    LI,
    WANG,
    a_team,
    cover_states,
    known,
    looked_after,
    on,
    planned,
    standing,
    told,
    who_comes,
)


def test_three_messages_ask_to_join_and_the_leader_is_told(sqlite_town: Town) -> None:
    team = a_team(sqlite_town)
    phone = known(sqlite_town, HAN)
    assert "1 阿娘夜巡队" in phone.says("加入队伍")
    assert "队长能看到您的名字和电话" in phone.says("1")
    assert "队长说了" in phone.says("1")
    assert standing(sqlite_town, team, HAN) == "asked"
    assert told(sqlite_town, "asked") == [LEADER]
    assert "等队长同意" in phone.says("我的队伍")


def test_asking_is_taken_back_within_ten_minutes(sqlite_town: Town) -> None:
    team = a_team(sqlite_town)
    phone = known(sqlite_town, HAN)
    phone.says("加入队伍", "1", "1")
    assert "您不在“阿娘夜巡队”里" in phone.says("撤销")
    assert standing(sqlite_town, team, HAN) == "left"


def test_who_is_not_on_file_is_sent_to_join_first(sqlite_town: Town) -> None:
    a_team(sqlite_town)
    assert "先登记" in sqlite_town.phone("过路人").says("加入队伍")


def test_a_team_by_invitation_and_one_that_rests_stand_on_no_list(sqlite_town: Town) -> None:
    a_team(sqlite_town, entry="invited")
    assert "眼下没有能报名加入的队伍" in known(sqlite_town, HAN).says("加入队伍")


def test_a_member_signs_up_for_a_shift_and_a_stranger_is_offered_none(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    first, *_ = planned(sqlite_town, team)
    phone = sqlite_town.phone(HAN)
    assert "还有班缺人" in phone.says("我的班")
    assert "1 11月24日(星期二)晚上7点30分 夜巡" in phone.says("6")
    phone.says("1")
    assert "报上了" in phone.says("1")
    assert who_comes(sqlite_town, first) == {HAN}
    stranger = known(sqlite_town, WANG)
    assert "您还没有加入队伍" in stranger.says("我的班")
    assert "现在没有缺人的班" in stranger.says("报班")
    assert "眼下没有能报名的活动" in stranger.says("活动报名")


def test_a_shift_is_handed_on_to_whoever_says_yes_first(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    han, li = sqlite_town.phone(HAN), sqlite_town.phone(LI)
    assert "怎么换" in han.says("我来不了", "1")
    assert "一次问几位,谁先答应就是谁" in han.says("1")
    assert "答应以前" in han.says("1")
    assert "正在找人替" in han.says("我的班")
    looked_after(sqlite_town)
    assert set(told(sqlite_town, "cover_asked")) == {LI, LEADER}
    assert "韩*杰11月24日(星期二)晚上7点30分来不了" in li.says("替班", "1")
    assert "夜巡”您来" in li.says("1")
    assert who_comes(sqlite_town, first) == {LI}
    assert told(sqlite_town, "cover_taken") == [HAN]
    assert "现在没有请您替的班" in sqlite_town.phone(LEADER).says("替班")


def test_who_said_yes_takes_it_back_and_the_asker_is_responsible_again(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    sqlite_town.phone(HAN).says("换班", "1", "1", "1")
    looked_after(sqlite_town)
    li = sqlite_town.phone(LI)
    li.says("替班", "1", "1")
    assert "换班撤销了" in li.says("撤销")
    assert who_comes(sqlite_town, first) == {HAN}
    assert told(sqlite_town, "cover_back") == [HAN]
    assert cover_states(sqlite_town) == ["undone"]


def test_two_swap_their_shifts_when_both_have_said_yes(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, second, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    on(sqlite_town, second, LI)
    han = sqlite_town.phone(HAN)
    asked = han.says("换班", "1", "3")
    han.says(next(line[0] for line in asked.splitlines() if "李*英" in line))
    assert "请李*英跟您换" in han.says("1")
    han.says("1")
    assert who_comes(sqlite_town, first) == {HAN}, "one yes is not enough"
    looked_after(sqlite_town)
    assert "您替他去,他去您12月1日(星期二)晚上7点30分的班" in sqlite_town.phone(LI).says("替班", "1")
    sqlite_town.phone(LI).says("1")
    assert (who_comes(sqlite_town, first), who_comes(sqlite_town, second)) == ({LI}, {HAN})
    assert "换班撤销了" in han.says("撤销换班")
    assert (who_comes(sqlite_town, first), who_comes(sqlite_town, second)) == ({HAN}, {LI})


def test_away_for_some_days_offers_the_shifts_of_those_days_to_others(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    han = sqlite_town.phone(HAN)
    han.says("停班", "明天", "11月30日")
    assert "这几天的1个班正在问队友" in han.says("1")
    looked_after(sqlite_town)
    assert LI in told(sqlite_town, "cover_asked")
    assert "停班到11月30日" in han.says("我的队伍")
    assert "照常排您的班" in han.says("1", "2")


def test_leaving_gives_the_shifts_back(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    sqlite_town.phone(HAN).says("退出队伍")
    assert "谢谢您出过的力" in sqlite_town.phone(HAN).says("1")
    assert who_comes(sqlite_town, first) == set()
    assert "您还没有加入队伍" in sqlite_town.phone(HAN).says("我的班")
