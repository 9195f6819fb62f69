"""Fair figures: nobody is praised or blamed by accident, and no two days' figures tell one neighbour's rating."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.ratings import jobs
from models.rating_fair import LEAST_SHOWN, Dated, Rated, batches, drawn, fair, mean, usual
from models.rating_figures import figures, helper_figure, helper_words
from models.ratings import Rating
from tests.neighbours import Town
from tests.pages.visitors import Visitor
from tests.ratings.conftest import house
from tests.staff.clerks import hire

KINDS = ("开证明", "低保", "医保")
MONDAY = date(2026, 11, 23)
rows = st.lists(
    st.builds(Rated, st.sampled_from(KINDS), st.sampled_from((1, 2, 3)), st.integers(1, 3)), max_size=30
)
rated = st.tuples(rows, rows)  # one window's, and all the others'


def figure_of(mine: list[Rated], others: list[Rated]) -> Any:
    return fair(mine, usual([*mine, *others])).figure


# ---- the formula -----------------------------------------------------------------------------------------------------


@given(rated, st.randoms())
def test_the_order_in_which_ratings_came_changes_nothing(town: Any, shaken: Any) -> None:
    mine, others = town
    before = figure_of(mine, others)
    shaken.shuffle(mine)
    shaken.shuffle(others)
    assert figure_of(mine, others) == before


@given(rated, st.integers(0, 29))
def test_a_better_rating_never_lowers_the_window_that_earned_it(town: Any, at: int) -> None:
    mine, others = town
    if not mine:
        return
    at %= len(mine)
    better = [row._replace(face=min(3, row.face + 1)) if i == at else row for i, row in enumerate(mine)]
    assert figure_of(better, others) >= figure_of(mine, others)


@given(rated)
def test_a_figure_that_is_shown_lies_between_nothing_and_all(town: Any) -> None:
    mine, others = town
    one = fair(mine, usual([*mine, *others]))
    assert abs(one.difference) <= 100
    assert one.shown == (sum(row.many for row in mine) >= LEAST_SHOWN)
    assert one.difference * (one.found - one.expected) >= 0


def test_one_single_full_mark_does_not_beat_eighty_near_it() -> None:
    eighty = [Rated("开证明", 3, 77), Rated("开证明", 2, 3)]  # 4.9 of 5
    single, poor = [Rated("开证明", 3)], [Rated("开证明", 1, 20)]
    than = usual([*eighty, *single, *poor])
    assert fair(eighty, than).figure > fair(single, than).figure
    assert fair(single, than).shown is False
    assert drawn(eighty, than.overall) > drawn(single, than.overall)


def test_hard_services_do_not_pull_a_window_below_one_with_easy_ones() -> None:
    easy = [Rated("开证明", 3, 38), Rated("开证明", 1, 2)]
    hard = [Rated("低保", 3, 20), Rated("低保", 1, 20)]
    than = usual([*easy, *hard])
    assert mean(easy) - mean(hard) == 45
    assert fair(hard, than).figure == fair(easy, than).figure == than.overall


def test_who_does_a_hard_service_better_than_usual_stands_above_who_does_an_easy_one_worse() -> None:
    easy_well, easy_badly = [Rated("开证明", 3, 40)], [Rated("开证明", 3, 34), Rated("开证明", 1, 6)]
    hard_well, hard_badly = (
        [Rated("低保", 3, 26), Rated("低保", 1, 14)],
        [Rated("低保", 3, 14), Rated("低保", 1, 26)],
    )
    than = usual([*easy_well, *easy_badly, *hard_well, *hard_badly])
    assert mean(hard_well) < mean(easy_badly)
    assert fair(hard_well, than).figure > fair(easy_badly, than).figure


def test_a_long_wait_is_not_held_against_the_window() -> None:
    quick, slow = [Rated("开证明", 3, 30)], [Rated("开证明|等得久", 3, 10), Rated("开证明|等得久", 1, 10)]
    than = usual([*quick, *slow])
    assert fair(slow, than).figure == fair(quick, than).figure


# ---- in batches ------------------------------------------------------------------------------------------------------

dated = st.lists(
    st.builds(
        Dated,
        st.integers(0, 30).map(lambda weeks: MONDAY - timedelta(weeks=weeks)),
        st.builds(Rated, st.just("开证明"), st.sampled_from((1, 2, 3)), st.just(1)),
    ),
    max_size=60,
)


@given(dated, st.integers(0, 200), st.integers(1, 60), st.integers(30, 120))
def test_two_days_figures_differ_by_no_less_than_five_ratings(
    came: Any, day: int, later: int, span: int
) -> None:
    """Whatever was added and whatever fell out at the far end: each is none, or at least five."""

    def on(today: date) -> Counter[tuple[date, Rated]]:
        this_week = today - timedelta(days=today.weekday())
        known = [one for one in came if one.week <= this_week]
        found = list(batches(known, this_week))
        since = today - timedelta(days=span)
        return Counter((batch.week, row) for batch in found if batch.week >= since for row in batch.rated)

    first = on(MONDAY - timedelta(weeks=30) + timedelta(days=day))
    second = on(MONDAY - timedelta(weeks=30) + timedelta(days=day + later))
    for difference in (second - first, first - second):
        assert difference.total() == 0 or difference.total() >= LEAST_SHOWN


# ---- what is read ----------------------------------------------------------------------------------------------------


def rating(session: Session, face: int, *, weeks: int = 1, subject: str = "service:1", **more: Any) -> None:
    week = clock.today() - timedelta(days=clock.today().weekday(), weeks=weeks)
    words = more.pop("words", None)
    row = Rating(subject=subject, title=subject, face=face, week=week, **more)
    row.words = words
    session.add(row)


def test_what_came_this_week_is_shown_next_monday(sqlite_town: Town, monday: Any) -> None:
    def unit(session: Session) -> None:
        for _ in range(6):
            rating(session, 3, weeks=0)

    sqlite_town.writing(unit)
    since = clock.today() - timedelta(days=90)
    with sqlite_town.reading() as session:
        assert [row.count for row in figures(session, since).scores] == [0]
    monday.shift(timedelta(days=7))
    with sqlite_town.reading() as session:
        (row,) = figures(session, since).scores
        assert (row.count, row.average) == (6, 100.0)


def test_the_average_of_all_tells_nothing_of_a_service_that_is_not_shown(
    sqlite_town: Town, monday: Any
) -> None:
    def unit(session: Session) -> None:
        for _ in range(5):
            rating(session, 3)
        rating(session, 1, subject="service:2")

    sqlite_town.writing(unit)
    with sqlite_town.reading() as session:
        found = figures(session, clock.today() - timedelta(days=90))
    assert found.overall == 100.0
    assert {row.subject: row.shown for row in found.scores} == {"service:1": True, "service:2": False}


def test_windows_are_compared_with_what_is_usual_for_their_services(sqlite_town: Town, monday: Any) -> None:
    def unit(session: Session) -> None:
        for _ in range(10):
            rating(session, 3, subject="service:1", counter="1号窗口")
            rating(session, 2, subject="service:2", counter="2号窗口")
        rating(session, 1, subject="service:2", counter="3号窗口")

    sqlite_town.writing(unit)
    with sqlite_town.reading() as session:
        found = dict(figures(session, clock.today() - timedelta(days=90)).windows)
    assert found["1号窗口"].found == 100
    assert found["2号窗口"].expected < 50 < found["2号窗口"].figure
    assert not found["3号窗口"].shown


def test_a_helper_reads_their_own_words_and_figure_from_five_on(sqlite_town: Town, monday: Any) -> None:
    wang = hire(sqlite_town, "desk", login="wang")

    def unit(session: Session, count: int) -> None:
        me = wang.member(session).id
        for number in range(count):
            rating(session, 3, helper_id=me, words="很耐心" if number == 0 else None)

    since = clock.today() - timedelta(days=90)
    sqlite_town.writing(lambda s: unit(s, 4))
    with sqlite_town.reading() as session:
        me = wang.member(session).id
        assert helper_figure(session, me, since).shown is False
        assert helper_words(session, me, since) == []
    sqlite_town.writing(lambda s: unit(s, 1))
    with sqlite_town.reading() as session:
        assert helper_figure(session, me, since).count == 5
        assert helper_words(session, me, since) == ["很耐心", "很耐心"]


def test_whom_a_rating_was_about_is_forgotten(sqlite_town: Town, monday: Any) -> None:
    wang = hire(sqlite_town, "desk", login="wang")
    sqlite_town.writing(lambda s: rating(s, 3, weeks=60, helper_id=wang.member(s).id))
    sqlite_town.writing(lambda s: rating(s, 3, weeks=3, helper_id=wang.member(s).id))
    sqlite_town.writing(lambda s: jobs.tidy(house(s)))
    with sqlite_town.reading() as session:
        found = session.execute(select(Rating.week, Rating.helper_id).order_by(Rating.week))
        assert [row[1] is None for row in found] == [True, False]


def test_everybody_reads_how_it_is_reckoned_with_an_example(sqlite_town: Town) -> None:
    page = Visitor(sqlite_town).opens("/h5/ratings/how")
    assert page.status == 200
    assert page.words.count("= 78.3分") == 2
    assert "还不够5份" in page.words
    assert "得分68.8,办这些事平常得68.8分" in page.words
