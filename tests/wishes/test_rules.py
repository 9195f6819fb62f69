"""What wishes allow: who may do what, from which state, in which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app import clock
from handlers.wishes import actions
from models.wish_lists import thanks_waiting, unconfirmed, waiting_for_review
from models.wishes import MOST_IN_ALL, TRANSITIONS, Claim, Wish, go_to
from tests.neighbours import Phone, Town
from tests.wishes.conftest import (
    STICK,
    acts,
    claimed,
    clerk,
    promise,
    published,
    refused,
    said,
    sent,
    sound,
    state,
)

# ---- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", TRANSITIONS)
@pytest.mark.parametrize("after", TRANSITIONS)
def test_b25_a_wish_moves_only_along_the_listed_ways(before: str, after: str) -> None:
    wish = Wish(state=before, revision=0)
    if after in TRANSITIONS[before]:
        go_to(wish, after)
        assert (wish.state, wish.revision) == (after, 1)
    else:
        with refused("not_now"):
            go_to(wish, after)


STEPS: dict[str, Callable[..., Any]] = {
    "review": lambda by, wish: actions.review(by, wish, STICK),
    "refuse": lambda by, wish: actions.refuse(by, wish, "不合适"),
    "confirm": actions.confirm,
    "not_yet": actions.not_yet,
    "withdraw": actions.withdraw,
    "restore": actions.restore,
    "reword": lambda by, wish: actions.reword(by, wish, STICK),
    "thank": lambda by, wish: actions.thank(by, wish, "谢谢您"),
    "approve_thanks": actions.approve_thanks,
    "refuse_thanks": actions.refuse_thanks,
    "take_back_confirmation": actions.take_back_confirmation,
    "take_back_thanks": actions.take_back_thanks,
}
ALLOWED = {
    "said": {"review", "refuse", "withdraw"},
    "public": {"refuse", "withdraw", "reword"},
    "claimed": {"withdraw", "reword"},
    "done": {"confirm", "not_yet"},
    "confirmed": {"thank", "take_back_confirmation"},
    "withdrawn": {"restore"},
}


def brought_to(town: Town, wanted: str) -> int:
    if wanted == "said":
        return said(town, town.phone("马秀兰"))
    if wanted in ("public", "withdrawn"):
        (wish,) = published(town, STICK)
        if wanted == "withdrawn":
            acts(town, None, actions.withdraw, (Wish, wish))
        return wish
    wish, claim = claimed(town)
    if wanted != "claimed":
        acts(town, None, actions.mark_done, (Claim, claim))
    if wanted == "confirmed":
        acts(town, None, actions.confirm, (Wish, wish))
    return wish


@pytest.mark.parametrize("before", ALLOWED)
def test_b25_even_the_staff_can_skip_no_step(sqlite_town: Town, before: str) -> None:
    for name, step in STEPS.items():
        wish = brought_to(sqlite_town, before)
        if name in ALLOWED[before]:
            acts(sqlite_town, None, step, (Wish, wish))
        else:
            with refused("not_now"):
                acts(sqlite_town, None, step, (Wish, wish))
            assert state(sqlite_town, wish) == before
        sqlite_town.writing(lambda s, w=wish: end(s, w))
    assert sound(sqlite_town)


def end(session: Any, wish: int) -> None:
    """Out of the way of the limits."""
    row = session.get_one(Wish, wish)
    row.wisher = None
    for claim in row.claims:
        if claim.state == "open":
            actions.give_back(clerk(session), claim)


@pytest.mark.parametrize("before", ["claimed", "done", "confirmed"])
def test_a_promise_moves_only_while_it_is_open_and_back_only_while_it_is_done(
    sqlite_town: Town, han: Phone, before: str
) -> None:
    wish = brought_to(sqlite_town, before)
    forward = (actions.mark_done, actions.renew, actions.give_back, actions.take_back_claim)
    stopped = {"claimed": [actions.take_back_done], "done": forward, "confirmed": forward}[before]
    for step in stopped:
        with refused("claim_over"):
            acts(sqlite_town, han, step, (Claim, 1))
    if before == "confirmed":
        with refused("not_now"):
            acts(sqlite_town, han, actions.take_back_done, (Claim, 1))
    assert state(sqlite_town, wish) == before
    assert sound(sqlite_town)


# ---- who --------------------------------------------------------------------------------------------------------------


def test_a_stranger_can_neither_finish_nor_renew_nor_give_back(sqlite_town: Town) -> None:
    _, claim = claimed(sqlite_town)
    for phone in (sqlite_town.phone("才让卓玛"), sqlite_town.phone("马秀兰")):
        for step in (actions.mark_done, actions.renew, actions.give_back, actions.take_back_claim):
            with refused("not_yours"):
                acts(sqlite_town, phone, step, (Claim, claim))
    assert promise(sqlite_town, claim).state == "open"


def test_nobody_but_the_wisher_or_the_staff_confirms_withdraws_or_thanks(
    sqlite_town: Town, han: Phone
) -> None:
    wish, claim = claimed(sqlite_town)
    acts(sqlite_town, han, actions.mark_done, (Claim, claim))
    for step in (actions.confirm, actions.not_yet, actions.withdraw, STEPS["thank"]):
        with refused("not_yours"):
            acts(sqlite_town, han, step, (Wish, wish))
    assert acts(sqlite_town, None, actions.confirm, (Wish, wish)).state == "confirmed"


@pytest.mark.parametrize("step", ["review", "refuse", "reword", "approve_thanks", "refuse_thanks"])
def test_what_others_read_passes_a_person_of_the_staff(sqlite_town: Town, ma: Phone, step: str) -> None:
    wish = said(sqlite_town, ma)
    with refused("staff_only"):
        acts(sqlite_town, ma, STEPS[step], (Wish, wish))


def test_the_desk_wishes_for_somebody_without_a_phone(sqlite_town: Town, ma: Phone) -> None:
    wish = sqlite_town.writing(
        lambda s: actions.say_wish(clerk(s), "想要一副老花镜", for_=ma.actor(s).me, category="生活用品")
    )
    assert (wish.channel, wish.category) == ("console", "生活用品")
    with refused("staff_only"):
        sqlite_town.writing(lambda s: actions.say_wish(ma.actor(s), "想要一副老花镜", for_=ma.actor(s).me))


def test_b29_a_helper_may_have_twenty_waiting_wishes_and_no_more(sqlite_town: Town, ma: Phone) -> None:
    from models.identity import Helped

    def unit(session: Any) -> None:
        by = ma.actor(session).helping(Helped("冶生兰", None, "网格员"))
        for _ in range(MOST_IN_ALL + 1):
            actions.say_wish(by, "想要一副老花镜")

    with refused("too_many"):
        sqlite_town.writing(unit)


def test_ones_own_wish_and_a_third_claim_are_refused(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    first, second, third = published(sqlite_town, "想要第一个", "想要第二个", "想要第三个")
    with refused("own_wish"):
        acts(sqlite_town, ma, actions.claim, (Wish, first))
    for wish in (first, second):
        acts(sqlite_town, han, actions.claim, (Wish, wish))
    with refused("too_many_claims"):
        acts(sqlite_town, han, actions.claim, (Wish, third))


def test_what_is_not_public_cannot_be_claimed(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    with refused("not_public"):
        acts(sqlite_town, han, actions.claim, (Wish, said(sqlite_town, ma)))


def test_an_ended_claim_cannot_be_finished(sqlite_town: Town, han: Phone) -> None:
    wish, claim = claimed(sqlite_town)
    acts(sqlite_town, None, actions.give_back, (Claim, claim))
    acts(sqlite_town, sqlite_town.phone("才让卓玛"), actions.claim, (Wish, wish))
    with refused("claim_over"):
        acts(sqlite_town, han, actions.mark_done, (Claim, claim))
    assert state(sqlite_town, wish) == "claimed"


# ---- the staff's lists --------------------------------------------------------------------------------------------------


def test_each_list_holds_what_waits_and_nothing_else(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    wish, claim = claimed(sqlite_town)
    waiting = said(sqlite_town, ma)
    with sqlite_town.reading() as session:
        assert [row.id for row in session.scalars(waiting_for_review())] == [waiting]
    acts(sqlite_town, han, actions.mark_done, (Claim, claim))
    acts(sqlite_town, ma, actions.confirm, (Wish, wish))
    acts(sqlite_town, ma, actions.thank, (Wish, wish), "谢谢您")
    with sqlite_town.reading() as session:
        assert [row.id for row in session.scalars(thanks_waiting())] == [wish]
    acts(sqlite_town, None, actions.refuse_thanks, (Wish, wish))
    assert sent(sqlite_town, "thanks") == []
    acts(sqlite_town, ma, actions.thank, (Wish, wish), "谢谢好邻居")
    assert acts(sqlite_town, None, actions.approve_thanks, (Wish, wish)).state == "thanked"


def test_whom_nobody_confirms_for_seven_days_the_staff_find_and_confirm(
    sqlite_town: Town, monday: time_machine.Coordinates, han: Phone
) -> None:
    wish, claim = claimed(sqlite_town)
    acts(sqlite_town, han, actions.mark_done, (Claim, claim))
    monday.shift(timedelta(days=7, minutes=1))
    with sqlite_town.reading() as session:
        found = session.scalars(unconfirmed(clock.now() - timedelta(days=7))).all()
        assert [row.id for row in found] == [wish]
    assert state(sqlite_town, wish) == "done"
    assert acts(sqlite_town, None, actions.confirm, (Wish, wish)).state == "confirmed"


def test_each_message_is_written_once_and_fits_its_fields(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    sqlite_town.seed("wishes")
    wish, claim = claimed(sqlite_town, "一位腿脚不方便的老人想要一根能坐下来歇一歇的拐杖,颜色不限")
    acts(sqlite_town, han, actions.mark_done, (Claim, claim))
    acts(sqlite_town, ma, actions.not_yet, (Wish, wish))
    acts(sqlite_town, ma, actions.withdraw, (Wish, wish))
    words = sqlite_town.site.words
    kinds = ("published", "claimed", "done", "not_yet", "withdrawn", "confirmed")
    for row in (row for kind in kinds for row in sent(sqlite_town, kind)):
        fields = words.form(row.kind).fields
        assert len(words.fill(fields["thing1"], row.facts)) <= 20
        assert len(words.fill(fields["phrase2"], row.facts)) <= 5
        assert len(words.fill(words.form(row.kind).text, row.facts)) <= 300


def test_a_wish_taken_back_does_not_return_beside_three_others(sqlite_town: Town, ma: Phone) -> None:
    """Found by the story: taking back and restoring would have been a way to any number of them."""
    (wish,) = published(sqlite_town, STICK)
    acts(sqlite_town, ma, actions.withdraw, (Wish, wish))
    others = [said(sqlite_town, ma) for _ in range(3)]
    with refused("too_many"):
        acts(sqlite_town, ma, actions.restore, (Wish, wish))
    acts(sqlite_town, ma, actions.withdraw, (Wish, others[0]))
    assert acts(sqlite_town, ma, actions.restore, (Wish, wish)).state == "public"
