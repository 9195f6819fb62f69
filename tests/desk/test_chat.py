"""Asking for a person, and everything that no rule can read."""

import pytest
from sqlalchemy import select

from handlers.desk import actions
from models.desk import DeskLine, DeskTalk, open_talk_of
from models.identity import Actor
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.staff import StaffMember
from tests.neighbours import Phone, Town, frozen


def clerk(session) -> Actor:  # type: ignore[no-untyped-def]
    staff = session.scalar(select(StaffMember).where(StaffMember.login == "wang"))
    if staff is None:
        staff = StaffMember(login="wang", name="王干事", roles=["desk"])
        session.add(staff)
        session.flush()
    return Actor(session, staff=staff, channel="console")


def answer(town: Town, phone: Phone, words: str) -> None:
    def unit(session) -> None:  # type: ignore[no-untyped-def]
        talk = open_talk_of(session, phone.person(session))
        assert talk is not None
        actions.reply(clerk(session), talk, words)

    town.writing(unit)


def lines(town: Town) -> list[str]:
    with town.reading() as session:
        return [line.text for line in session.scalars(select(DeskLine).order_by(DeskLine.id))]


def test_asking_for_a_person_says_when_somebody_comes(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00"):
        assert "半小时内回您" in sqlite_town.phone("马秀兰").says("人工")
    with frozen("2026-11-23 22:00"):
        answer = sqlite_town.phone("王建国").says("有人吗")
    assert "上班后" in answer
    assert "110" in answer


def test_while_waiting_the_bot_goes_on_and_notes_what_it_does_not_understand(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    ma.says("人工")
    assert "记下了" in ma.says("我家水管坏了三天了")
    assert "现在没有新通知" in ma.says("最新通知")
    assert lines(sqlite_town) == ["我家水管坏了三天了"]


def test_the_bot_keeps_quiet_while_a_person_talks_and_the_words_reach_the_staff(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    ma.says("人工")
    answer(sqlite_town, ma, "您好,我是小王,您家住哪里?")
    assert ma.says("东府佳苑3号楼") == ""
    assert lines(sqlite_town)[-1] == "东府佳苑3号楼"
    with sqlite_town.reading() as session:
        assert session.scalars(select(OutboxRow)).one().facts["text"].startswith("您好,我是小王")


def test_the_bot_speaks_again_after_the_end_or_half_an_hour_of_silence(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    with frozen("2026-11-23 10:00") as clock:
        ma.says("人工")
        answer(sqlite_town, ma, "您好")
        assert "聊到这里" in ma.says("结束")
        assert "通知" in ma.says("最新通知")
        ma.says("人工")
        answer(sqlite_town, ma, "您好")
        clock.shift(31 * 60)
        assert "通知" in ma.says("最新通知")


def test_a_crisis_breaks_through_even_while_a_person_talks(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    ma.says("人工")
    answer(sqlite_town, ma, "您好")
    assert "12356" in ma.says("我不想活了")


def test_a_repeated_request_opens_one_talk(town: Town) -> None:
    ma = town.phone("马秀兰")
    ma.says("人工", "人工")
    with town.reading() as session:
        assert len(session.scalars(select(DeskTalk)).all()) == 1


def test_voice_without_words_is_kept_for_the_staff(sqlite_town: Town) -> None:
    assert "语音收到" in sqlite_town.phone("马秀兰").sends("voice", MediaId="m1", Format="amr")
    with sqlite_town.reading() as session:
        assert session.scalars(select(DeskLine)).one().media_id == "m1"


def test_voice_with_words_is_read_back_and_treated_as_typed(sqlite_town: Town) -> None:
    heard = sqlite_town.phone("马秀兰").sends("voice", MediaId="m1", Format="amr", Recognition="最新通知。")
    assert heard.startswith("我听到的是:“最新通知。”")
    assert "通知" in heard.splitlines()[1]


@pytest.mark.parametrize("kind", ["image", "video", "link", "file"])
def test_what_cannot_be_read_is_offered_to_the_staff_and_given_only_on_request(
    sqlite_town: Town, kind: str
) -> None:
    ma = sqlite_town.phone("马秀兰")
    assert "交给工作人员看吗" in ma.sends(kind, MediaId="m2")
    assert lines(sqlite_town) == []
    assert "已经交给工作人员" in ma.says("1")
    assert len(lines(sqlite_town)) == 1


def test_stickers_and_kinds_that_do_not_exist_yet_get_a_useful_answer(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    assert "回复数字" in ma.says("【收到不支持的消息类型，暂无法显示】")
    assert "回复数字" in ma.sends("hologram")
    assert "马上" not in ma.says("")


def test_a_code_of_nobody_gets_a_true_answer(sqlite_town: Town) -> None:
    assert "不是本社区的" in sqlite_town.phone("马秀兰").scans("whatever")


def test_only_the_staff_may_reply_and_never_to_a_closed_talk(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    ma.says("人工")

    def as_resident(session) -> None:  # type: ignore[no-untyped-def]
        actions.reply(ma.actor(session), session.scalars(select(DeskTalk)).one(), "我说")

    def twice(session) -> None:  # type: ignore[no-untyped-def]
        talk = session.scalars(select(DeskTalk)).one()
        actions.close(clerk(session), talk)
        actions.reply(clerk(session), talk, "晚了")

    with pytest.raises(Refusal, match=r"desk\.staff_only"):
        sqlite_town.writing(as_resident)
    with pytest.raises(Refusal, match=r"desk\.already_closed"):
        sqlite_town.writing(twice)


def test_idle_talks_are_closed_by_the_job(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    with frozen("2026-11-23 10:00") as clock:
        ma.says("人工")
        answer(sqlite_town, ma, "您好")
        clock.shift(29 * 60)
        assert sqlite_town.writing(lambda session: actions.close_idle(Actor(session, channel="job"))) == 0
        clock.shift(2 * 60)
        assert sqlite_town.writing(lambda session: actions.close_idle(Actor(session, channel="job"))) == 1


def test_words_after_asking_for_a_person_go_to_that_person(sqlite_town: Town) -> None:
    with frozen("2026-11-23 10:00"):
        assert "半小时内回您" in sqlite_town.phone("马秀兰").says("人工,水管坏了")
    assert lines(sqlite_town) == ["水管坏了"]
