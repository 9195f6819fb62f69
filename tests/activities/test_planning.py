"""Series with the days that failed, changes that are told, calling off and taking that back, papers with a last day."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities import actions
from handlers.activities.actions import Change, Rhythm
from handlers.activities.papers import keep_paper, let_in
from handlers.activities.rights import forget_what_is_over
from models.activities import Activity, ActivitySession, Enrolment
from models.activities_heads import missing_heads
from models.activities_party import FilledForm, answers_of
from models.activities_rules import Need, Question
from models.outbox import OutboxRow
from models.refusal import Refusal
from tests.activities.plans import a_session, house, taken
from tests.activities.test_waiting import does, sound, state
from tests.neighbours import Phone, Town, frozen

EVE = "2026-11-20 20:00"
DIET = Question("diet", "吃什么饭?", "choice", ("都行", "清真"), purpose="订饭")


def kinds_told(town: Town) -> list[str]:
    with town.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.state == "waiting").order_by(OutboxRow.id))
        return [row.kind.partition(".")[2] for row in rows]


def an_activity(session: Session, **rules: object) -> Activity:
    by = house(session)
    return actions.plan_activity(
        by, title="四点半课堂", sentence="写作业。", place="二楼", leader="才老师", **rules
    )


def test_a_series_leaves_out_holidays_and_says_which_days_failed(sqlite_town: Town) -> None:
    with frozen("2026-09-24 12:00"):

        def unit(session: Session) -> tuple[int, list[list[str]]]:
            rhythm = Rhythm(
                time(16, 30),
                time(18),
                first=date(2026, 9, 21),
                last=date(2026, 10, 9),
                weekdays=(0, 1, 2, 3, 4),
            )
            series, planned = actions.plan_series(house(session), an_activity(session), rhythm, capacity=8)
            return len(planned), series.failed

        planned, failed = sqlite_town.writing(unit)
        whys = dict(failed)
        assert whys["2026-09-21"] == "past"
        assert whys["2026-10-01"] == "holiday"
        assert planned + len(failed) == 15


def test_a_series_that_cannot_be_planned_is_refused_and_the_same_twice_is_none(sqlite_town: Town) -> None:
    with frozen(EVE):

        def unit(session: Session, days: tuple[date, ...]) -> None:
            activity = session.scalar(select(Activity)) or an_activity(session)
            rhythm = Rhythm(time(16, 30), time(18), days=days)
            actions.plan_series(house(session), activity, rhythm, capacity=8)

        sqlite_town.writing(lambda s: unit(s, (date(2026, 11, 24),)))
        with pytest.raises(Refusal, match="no_day_left"):
            sqlite_town.writing(lambda s: unit(s, (date(2026, 11, 24), date(2026, 11, 19))))
        with pytest.raises(Refusal, match="series_too_long"):
            sqlite_town.writing(lambda s: unit(s, tuple(date(2027, 1, 1) + timedelta(n) for n in range(121))))


def series_of(town: Town) -> list[int]:
    def unit(session: Session) -> list[int]:
        rhythm = Rhythm(
            time(16, 30), time(18), first=date(2026, 11, 23), last=date(2026, 11, 27), weekdays=(0, 2, 4)
        )
        _, planned = actions.plan_series(house(session), an_activity(session), rhythm, capacity=8)
        session.flush()
        return [one.id for one in planned]

    return town.writing(unit)


def test_changing_all_that_follow_tells_those_who_joined_and_lets_them_leave(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE) as traveller:
        first, second, third = series_of(town)
        ma = town.phone("马秀兰")

        def strict(session: Session) -> None:
            session.get_one(ActivitySession, first).activity.leave_minutes = 60 * 24 * 7

        for number in (first, second, third):
            does(town, ma, number, actions.sign_up)
        traveller.shift(3600)
        town.writing(strict)
        assert does(town, ma, second, actions.leave) == "activities.too_late_to_leave"
        change = Change(opens=time(17), closes=time(18, 30), place="三楼")

        def unit(session: Session) -> int:
            held = session.get_one(ActivitySession, second)
            return actions.change_session(house(session), held, change, following=True)

        assert town.writing(unit) == 2
        assert kinds_told(town).count("changed") == 2
        with town.reading() as session:
            rows = [session.get_one(ActivitySession, number) for number in (first, second, third)]
            assert [f"{clock.local(one.starts):%d %H:%M} {one.place}" for one in rows] == [
                "23 16:30 二楼",
                "25 17:00 三楼",
                "27 17:00 三楼",
            ]
        assert does(town, ma, second, actions.leave) == "left"


def test_more_seats_are_offered_and_never_fewer_than_are_taken(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = a_session(town, capacity=1)
        ma, zhang = town.phone("马秀兰"), town.phone("张桂英")
        does(town, ma, number, actions.wait)
        does(town, zhang, number, actions.wait)

        def unit(session: Session, capacity: int) -> None:
            held = session.get_one(ActivitySession, number)
            actions.change_session(house(session), held, Change(capacity=capacity))

        with pytest.raises(Refusal, match="too_few_seats"):
            town.writing(lambda s: unit(s, 0))
        town.writing(lambda s: unit(s, 2))
        assert state(town, zhang, number) == "offered"


def test_a_kept_seat_is_not_kept_past_a_start_that_moved_nearer(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = a_session(town, capacity=1)
        ma, zhang = town.phone("马秀兰"), town.phone("张桂英")
        does(town, ma, number, actions.wait)
        does(town, zhang, number, actions.wait)
        does(town, ma, number, actions.leave)

        def sooner(session: Session) -> None:
            change = Change(opens=time(22), closes=time(23), day=date(2026, 11, 20))
            actions.change_session(house(session), session.get_one(ActivitySession, number), change)

        town.writing(sooner)
        sound(town)


def test_calling_off_tells_the_line_too_and_is_taken_back_while_nobody_knows(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE) as traveller:
        leader = town.phone("张河长")
        number = a_session(town, capacity=1, leader=leader)
        ma, zhang = town.phone("马秀兰"), town.phone("张桂英")
        does(town, ma, number, actions.wait)
        does(town, zhang, number, actions.wait)

        def unit(session: Session, step: object) -> None:
            step(house(session), session.get_one(ActivitySession, number))  # type: ignore[operator]

        town.writing(lambda s: unit(s, actions.cancel_session))
        assert kinds_told(town) == ["cancelled"] * 3
        town.writing(lambda s: unit(s, actions.restore_session))
        assert kinds_told(town) == []
        assert (state(town, ma, number), taken(town, number)) == ("joined", 1)
        town.writing(lambda s: unit(s, actions.cancel_session))
        assert kinds_told(town) == ["cancelled"] * 3

        def begin_to_send(session: Session) -> None:
            session.scalars(select(OutboxRow).where(OutboxRow.state == "waiting")).first().state = "sending"

        town.writing(begin_to_send)
        with pytest.raises(Refusal, match="told_already"):
            town.writing(lambda s: unit(s, actions.restore_session))
        traveller.shift(601)
        with pytest.raises(Refusal, match="too_late_to_restore"):
            town.writing(lambda s: unit(s, actions.restore_session))


def test_a_series_is_called_off_from_one_day_on(sqlite_town: Town) -> None:
    with frozen(EVE):
        first, second, third = series_of(sqlite_town)

        def unit(session: Session) -> int:
            return actions.cancel_following(
                house(session), session.get_one(ActivitySession, second), why="放假"
            )

        assert sqlite_town.writing(unit) == 2
        with sqlite_town.reading() as session:
            states = [session.get_one(ActivitySession, number).state for number in (first, second, third)]
        assert states == ["planned", "cancelled", "cancelled"]


def with_rules(town: Town, number: int, **rules: object) -> None:
    def unit(session: Session) -> None:
        activity = session.get_one(ActivitySession, number).activity
        actions.edit_activity(
            house(session), activity, title=activity.title, sentence=activity.sentence, place="东口", **rules
        )

    town.writing(unit)


def test_a_paper_is_needed_and_must_be_valid_on_the_day(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = a_session(town)
        with_rules(town, number, needs=[Need("insurance")])
        ma = town.phone("马秀兰")
        assert does(town, ma, number, actions.sign_up) == "activities.needs_paper"

        def paper(session: Session, until: date) -> None:
            keep_paper(house(session), ma.actor(session).me, "insurance", valid_until=until, number="PA-1")

        town.writing(lambda s: paper(s, date(2026, 11, 22)))
        assert does(town, ma, number, actions.sign_up) == "activities.needs_paper"
        town.writing(lambda s: paper(s, date(2026, 11, 23)))
        assert does(town, ma, number, actions.sign_up) == "joined"


def test_two_at_the_same_time_are_refused_when_the_rule_is_hard(town: Town) -> None:
    first, second = (a_session(town, name, "2035-01-08 09:00") for name in ("河道清洁", "义剪"))
    ma = town.phone("马秀兰")
    assert does(town, ma, first, actions.sign_up) == "joined"
    with_rules(town, second, overlap="hard")
    assert does(town, ma, second, actions.sign_up) == "activities.overlaps"
    with_rules(town, second, overlap="soft")
    assert does(town, ma, second, actions.sign_up) == "joined"


def test_the_form_is_needed_sealed_changed_and_forgotten(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE) as traveller:
        number = a_session(town)
        with_rules(town, number, questions=[DIET])
        ma = town.phone("马秀兰")
        assert does(town, ma, number, actions.sign_up) == "activities.answer_missing"
        wrong, right = actions.Wish(answers={"diet": "火锅"}), actions.Wish(answers={"diet": "清真"})
        assert does(town, ma, number, actions.sign_up, wrong) == "activities.answer_wrong"
        assert does(town, ma, number, actions.sign_up, right) == "joined"
        assert does(town, ma, number, actions.change_answers, {"diet": "都行"}) == "joined"
        assert does(town, town.phone("路人"), number, actions.change_answers, {"diet": "都行"}) == (
            "activities.not_joined"
        )
        with town.reading() as session:
            head = session.scalars(select(Enrolment)).one()
            assert answers_of(session, head) == {"diet": "都行"}
        traveller.shift(timedelta(days=35))
        assert town.writing(lambda s: forget_what_is_over(house(s))) == 1
        with town.reading() as session:
            assert session.scalars(select(FilledForm)).all() == []


def test_a_restricted_activity_is_for_the_invited_alone(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        number = a_session(town, "民兵训练", listed=False)
        ma = town.phone("马秀兰")
        assert does(town, ma, number, actions.sign_up) == "activities.not_listed"
        town.writing(
            lambda s: let_in(house(s), s.get_one(ActivitySession, number).activity, ma.actor(s).me, "invited")
        )
        assert "民兵训练" in ma.says("活动报名")
        assert does(town, ma, number, actions.sign_up) == "joined"
        assert "民兵训练" not in town.phone("张桂英").says("活动报名")


def test_heads_out_and_back_must_match(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen("2026-11-23 09:30"):
        leader = town.phone("张河长")
        number = a_session(town, leader=leader)

        def count(session: Session, who: Phone, way: str, counted: int) -> int | None:
            held = session.get_one(ActivitySession, number)
            actions.count_heads(who.actor(session), held, way, counted)
            session.flush()
            return missing_heads(session, held)

        assert town.writing(lambda s: count(s, leader, "out", 12)) is None
        assert town.writing(lambda s: count(s, leader, "back", 11)) == 1
        assert town.writing(lambda s: count(s, leader, "back", 12)) == 0
        with pytest.raises(Refusal, match="not_leader"):
            town.writing(lambda s: count(s, town.phone("路人"), "out", 3))


def test_a_leader_says_only_what_is_written_and_not_too_often(sqlite_town: Town) -> None:
    town = sqlite_town
    with frozen(EVE):
        leader = town.phone("张河长")
        number = a_session(town, leader=leader)
        does(town, town.phone("马秀兰"), number, actions.sign_up)

        def say(session: Session, **words: str) -> int:
            return actions.send_word(leader.actor(session), session.get_one(ActivitySession, number), **words)

        with pytest.raises(Refusal, match="words_of_the_desk"):
            town.writing(lambda s: say(s, own="都来买保健品"))
        assert [town.writing(lambda s: say(s, chosen="rain")) for _ in range(3)] == [1, 1, 1]
        with pytest.raises(Refusal, match="enough_words"):
            town.writing(lambda s: say(s, chosen="rain"))
        assert kinds_told(town).count("word") == 3
