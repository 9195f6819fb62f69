"""The leader's page without a network, as its phone speaks with us: one link, one phone, each record once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.people.consents import give_consent, withdraw_consent
from handlers.people.rights import erase
from handlers.volunteers import actions, offline
from handlers.volunteers.jobs import forget_unlisted
from models.activities import ActivitySession
from models.activities_audience import ActivityRole
from models.identity import Person
from models.leader_devices import LeaderDevice, UnlistedArrival
from models.refusal import Refusal
from models.volunteers import Attendance, Scan
from tests.activities.plans import a_session, house, on_file
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import audited, clerk
from tests.volunteers.leaders_phone import LeadersPhone, device, link_for, signed_up, stays

NINE = "2026-11-23 09:00:10"


@pytest.fixture
def leader(sqlite_town: Town) -> Phone:
    phone = sqlite_town.phone("张河长")
    on_file(sqlite_town, phone, "张河长", "13900000099")
    return phone


def a_phone(town: Town, leader: Phone, *names: str) -> tuple[LeadersPhone, list[int]]:
    """A phone that has taken the list of a session with these people."""
    number = a_session(town, leader=leader, capacity=50)
    people = signed_up(town, number, *names)
    phone = LeadersPhone(town, number, link_for(town, number, leader))
    phone.takes_the_list()
    return phone, people


def scans(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count(Scan.id))) or 0


# ---- the link and its phone ------------------------------------------------------------------------------------------


def test_a_leader_takes_a_link_on_the_leading_page_and_learns_to_leave_wechat(
    sqlite_town: Town, leader: Phone
) -> None:
    with frozen(NINE):
        number = a_session(sqlite_town, leader=leader)
        page = Visitor(sqlite_town, leader).opens(f"/h5/leading/{number}").taps("没有网也能签到")
        assert "没有信号时用" in page.words
        page.presses("拿点名页的链接")
        link = device(sqlite_town, number).link
        assert f"/h5/offline/{number}/#{link}" in page.page
        inside = sqlite_town.client.get(
            f"/h5/offline/{number}/", headers={"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0"}
        )
        assert "在浏览器打开" in inside.text
        assert "leader_sync.js" not in inside.text
        outside = sqlite_town.client.get(f"/h5/offline/{number}/")
        assert "leader_sync.js" in outside.text
        assert "河道清洁" not in outside.text, "the page that lies on the phone tells nothing"


def test_the_list_says_who_is_expected_and_no_more_than_is_needed(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, (ma, _) = a_phone(sqlite_town, leader, "马秀兰", "张桂英")
        answer = phone.asks("roster")
        assert answer.json is not None
        listed = answer.json["people"]
        assert [(one["name"], one["came"]) for one in listed] == [("马*兰", None), ("张*英", None)]
        assert all(len(one["digits"]) == 4 for one in listed)
        assert len({one["digits"] for one in listed}) == 2
        for secret in ("马秀兰", "1390000", "openid"):
            assert secret not in answer.text
        phone.notes("in", ma)
        phone.brings()
        assert phone.takes_the_list()["people"][0]["came"] is not None
        with sqlite_town.reading() as session:
            assert len(audited(session, "volunteers.offline_roster")) == 1, "not once a minute"


def test_the_first_phone_is_the_one_and_a_second_is_told_what_to_do(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        other = LeadersPhone(sqlite_town, phone.number, phone.link)
        answer = other.asks("roster")
        assert answer.status_code == 409
        assert "换一部手机" in answer.json["words"]
        other.notes("in", ma)
        told = other.clocks()
        batch = {"now": told.pop("at"), **told, "records": other.queue}
        assert other.asks("sync", batch).status_code == 409
        assert scans(sqlite_town) == 0
        assert phone.asks("roster").status_code == 200
        assert device(sqlite_town, phone.number).secret_index not in (None, phone.secret)


def test_two_phones_that_open_the_link_at_once_are_one_and_a_refusal(town: Town) -> None:
    leader = town.phone("张河长")
    on_file(town, leader, "张河长", "13900000099")
    with frozen(NINE):
        number = a_session(town, leader=leader)
        link = link_for(town, number, leader)
        phones = [LeadersPhone(town, number, link) for _ in range(4)]
        codes = at_once([lambda phone=phone: phone.asks("roster").status_code for phone in phones])
        assert sorted(codes) == [200, 409, 409, 409]


def test_a_new_link_is_for_another_phone_and_the_old_one_brings_only_what_it_had_noted_before(
    sqlite_town: Town, leader: Phone
) -> None:
    with frozen(NINE) as now:
        old, (ma, zhang) = a_phone(sqlite_town, leader, "马秀兰", "张桂英")
        before = old.notes("in", ma)
        now.shift(600)
        page = Visitor(sqlite_town, leader).opens(f"/h5/leading/{old.number}/offline")
        assert "已经在一部手机上打开了" in page.words
        page.presses("换一部手机")
        new = LeadersPhone(sqlite_town, old.number, device(sqlite_town, old.number).link)
        assert new.link != old.link
        assert len(new.takes_the_list()["people"]) == 2
        now.shift(60)
        after = old.notes("in", zhang)
        found = old.brings()
        assert found[before]["kind"] == "in"
        assert found[after]["kind"] == "refused"
        assert "已经换下来了" in found[after]["why"]
        assert old.asks("roster").status_code == 410
        assert [row[3] for row in stays(sqlite_town)] == [("by_leader", "old_phone")]


def test_two_leaders_have_two_links_and_what_both_saw_is_one_record(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE) as now:
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        desk = clerk(sqlite_town, "leader")
        desk.opens(f"/console/sessions/{phone.number}/offline")
        assert "张河长" in desk.page
        desk.sends(f"/console/sessions/{phone.number}/offline", leader="0")
        second = LeadersPhone(sqlite_town, phone.number, device(sqlite_town, phone.number).link)
        assert second.link.partition(".")[0] != phone.link.partition(".")[0]
        second.takes_the_list()
        phone.notes("in", ma)
        now.shift(20)
        second.notes("in", ma)
        now.shift(3600)
        second.notes("out", ma)
        now.shift(20)
        phone.notes("out", ma)
        assert second.kinds() == ["in", "out"]
        assert phone.kinds() == ["in", "repeat"]
        assert [row[2] for row in stays(sqlite_town)] == [60]
        assert check_invariants(sqlite_town.site) == []


def forged(link: str) -> list[str]:
    key, _, proof = link.partition(".")
    return [
        "",
        "x",
        "1",
        f"{key}.",
        f"{key}.{proof[:-1]}A",
        f"{int(key) + 1}.{proof}",
        f"１.{proof}",
        "9" * 5000,
    ]


def test_a_stranger_gets_and_brings_nothing(sqlite_town: Town, leader: Phone) -> None:
    """A forged link, a link of another session, somebody who does not lead, nobody's secret."""
    with frozen(NINE):
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        phone.notes("in", ma)
        told = phone.clocks()
        batch = {"now": told.pop("at"), **told, "records": phone.queue}
        elsewhere, _ = a_phone(sqlite_town, sqlite_town.phone("李河长"), "张桂英")
        strangers = [
            LeadersPhone(sqlite_town, phone.number, link, phone.secret) for link in forged(phone.link)
        ]
        strangers.append(LeadersPhone(sqlite_town, phone.number, elsewhere.link, elsewhere.secret))
        for one in strangers:
            assert one.asks("roster").status_code in (403, 409), one.link[:20]
            assert one.asks("sync", batch).status_code in (403, 409), one.link[:20]
        bare = sqlite_town.client.post(f"/h5/offline/{phone.number}/roster", json={})
        assert bare.status_code == 403
        assert "马" not in bare.text
        nobody = Visitor(sqlite_town, sqlite_town.phone("张桂英"))
        for path in ("", "/let-go"):
            assert nobody.sends(f"/h5/leading/{phone.number}/offline{path}", once="k").status == 404
        assert nobody.opens(f"/h5/leading/{phone.number}/offline").status == 404
        assert scans(sqlite_town) == 0


def test_a_link_of_another_session_notes_nobody_of_this_one(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        _, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        other, _ = a_phone(sqlite_town, leader, "张桂英")
        nonce = other.notes("in", ma)
        assert "名单里没有这个人" in other.brings()[nonce]["why"]
        assert scans(sqlite_town) == 0


def test_who_leads_no_more_gets_and_brings_nothing(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")

        def hand_over(session: Session) -> None:
            session.get_one(ActivitySession, phone.number).activity.leader_id = None

        sqlite_town.writing(hand_over)
        assert phone.asks("roster").status_code == 403


def test_a_day_after_the_end_it_is_over(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE) as now:
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        late = phone.notes("in", ma)
        now.move_to("2026-11-24 03:29:00Z")
        assert phone.brings()[late]["kind"] == "in"
        now.shift(120)
        answer = phone.asks("roster")
        assert answer.status_code == 410
        assert "收完了" in answer.json["words"]
        page = Visitor(sqlite_town, leader).opens(f"/h5/leading/{phone.number}/offline")
        assert not page.offers("拿点名页的链接")


# ---- what is brought -------------------------------------------------------------------------------------------------


def test_what_was_noted_counts_from_when_it_happened(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE) as now:
        phone, (ma, zhang) = a_phone(sqlite_town, leader, "马秀兰", "张桂英")
        phone.notes("in", ma)
        phone.notes("in", zhang)
        now.shift(5400)
        phone.notes("out", ma)
        now.shift(600)
        assert phone.kinds() == ["in", "in", "out"]
        assert [(row[1], row[2]) for row in stays(sqlite_town)] == [(540, 90), (540, None)]


def test_what_comes_after_the_session_was_closed_is_taken_and_marked(
    sqlite_town: Town, leader: Phone
) -> None:
    with frozen(NINE) as now:
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        phone.notes("in", ma)
        now.shift(1800)
        phone.notes("out", ma)
        now.shift(7200)
        close = sqlite_town.writing
        close(lambda s: actions.close_session(house(s), s.get_one(ActivitySession, phone.number)))
        assert phone.kinds() == ["in", "out"]
        assert [row[2:] for row in stays(sqlite_town)] == [(30, ("by_leader", "late_sync"))]


def test_one_that_is_refused_loses_no_other_and_says_why(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE) as now:
        phone, (ma, zhang, li) = a_phone(sqlite_town, leader, "马秀兰", "张桂英", "李秀英")

        def no_more(session: Session) -> None:
            by = sqlite_town.phone("张桂英").actor(session)
            give_consent(by, "volunteer")
            withdraw_consent(by, "volunteer")

        sqlite_town.writing(no_more)
        good, against = phone.notes("in", ma), phone.notes("in", zhang)
        phone.queue.append({"nonce": "x" * 32, "way": "in", "at": -5, "person": ma})
        phone.queue.append({"nonce": "f" * 32, "way": "in", "person": "１", "at": 10**30})
        now.shift(60)
        last = phone.notes("in", li)
        found = phone.brings()
        assert {found[good]["kind"], found[last]["kind"]} == {"in"}
        assert found[against]["kind"] == "refused"
        assert found["x" * 32]["why"] == found["f" * 32]["why"]
        assert len(stays(sqlite_town)) == 2


@pytest.mark.parametrize(
    "broken", [None, [], "x", {}, {"now": -1}, {"records": [{}] * 501}, {"records": "x"}, {"extra": 1}]
)
def test_b32_what_is_no_batch_is_no_server_fault(sqlite_town: Town, leader: Phone, broken: Any) -> None:
    with frozen(NINE):
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        told = phone.clocks()
        whole = {"now": told.pop("at"), **told, "records": []}
        body = whole | broken if isinstance(broken, dict) and broken else broken
        assert phone.asks("sync", body).status_code in (400, 422)


def test_b04_too_much_at_once_is_refused_before_it_is_read(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        assert phone.asks("sync", {"records": "x" * 300_000}).status_code == 413


def test_b29_a_phone_that_asks_again_and_again_is_slowed_down(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        codes = [phone.asks("roster").status_code for _ in range(121)]
        assert codes[-1] == 429


# ---- clocks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [timedelta(hours=-3), timedelta(minutes=47), timedelta(days=400)])
def test_a_clock_that_is_off_is_put_right_and_marked(
    sqlite_town: Town, leader: Phone, wrong: timedelta
) -> None:
    with frozen(NINE) as now:
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        phone.wrong = wrong
        phone.notes("in", ma)
        now.shift(1800)
        assert phone.kinds() == ["in"]
        assert stays(sqlite_town) == [(ma, 540, None, ("by_leader", "device_clock"))]


def test_a_clock_that_was_put_right_in_between_is_corrected_by_what_the_phone_knew(
    sqlite_town: Town, leader: Phone
) -> None:
    with frozen(NINE) as now:
        number = a_session(sqlite_town, leader=leader)
        (ma,) = signed_up(sqlite_town, number, "马秀兰")
        phone = LeadersPhone(
            sqlite_town, number, link_for(sqlite_town, number, leader), wrong=timedelta(hours=-2)
        )
        phone.takes_the_list()
        phone.notes("in", ma)
        phone.wrong = timedelta()
        now.shift(1800)
        assert phone.kinds() == ["in"]
        assert stays(sqlite_town) == [(ma, 540, None, ("by_leader", "device_clock"))]


def test_b28_a_clock_that_is_turned_back_to_stay_longer_gains_nothing(
    sqlite_town: Town, leader: Phone
) -> None:
    """The count since the page was opened runs on: what was noted an hour ago was not noted just now."""
    with frozen(NINE) as now:
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        phone.notes("in", ma)
        phone.queue[0]["at"] += 3_600_000
        now.shift(3600)
        assert phone.kinds() == ["in"]
        assert stays(sqlite_town) == [(ma, 540, None, ("by_leader", "device_clock"))]


def test_b28_what_is_still_to_come_and_what_was_before_the_session_is_refused(
    sqlite_town: Town, leader: Phone
) -> None:
    with frozen(NINE):
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")
        phone.notes("in", ma, at=phone.clocks()["at"] + 600_000)
        phone.notes("in", ma, at=phone.clocks()["at"] - 86_400_000)
        found = phone.brings()
        assert [one["kind"] for one in found.values()] == ["refused", "refused"]
        assert stays(sqlite_town) == []


# ---- any order, twice, cut off ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_the_queue_in_any_order_twice_gives_the_same_attendance(town: Town, seed: int) -> None:
    leader = town.phone("张河长")
    on_file(town, leader, "张河长", "13900000099")
    with frozen(NINE) as now:
        phone, people = a_phone(town, leader, "马秀兰", "张桂英", "李秀英")
        dice = random.Random(seed)
        for _ in range(14):
            now.shift(dice.choice([20, 200, 900]))
            phone.notes(dice.choice(["in", "in", "out"]), dice.choice(people))
        now.shift(300)
        phone.brings()
        once = stays(town)
        assert once
        for _ in range(2):
            dice.shuffle(phone.queue)
            first = dice.randrange(1, len(phone.queue))
            phone.brings(phone.queue[:first])
            phone.brings()
        assert stays(town) == once
        forget_scans(town)
        for one in phone.queue:
            phone.brings([one])
        assert stays(town) == once
        assert check_invariants(town.site) == []


def forget_scans(town: Town) -> None:
    def unit(session: Session) -> None:
        session.execute(delete(Attendance))
        session.execute(delete(Scan))

    town.writing(unit)


def test_two_phones_that_bring_the_same_people_at_once_lose_and_double_nothing(town: Town) -> None:
    leader = town.phone("张河长")
    on_file(town, leader, "张河长", "13900000099")
    with frozen(NINE) as now:
        names = [f"马秀{given}" for given in "兰英花梅珍芳云霞玲红艳萍"]
        phone, people = a_phone(town, leader, *names)
        desk = clerk(town, "leader")
        desk.opens(f"/console/sessions/{phone.number}/offline")
        desk.sends(f"/console/sessions/{phone.number}/offline", leader="0")
        second = LeadersPhone(town, phone.number, device(town, phone.number).link)
        second.takes_the_list()
        for one, other in zip(people, reversed(people), strict=True):
            phone.notes("in", one)
            second.notes("in", other)
        now.shift(60)
        at_once([lambda one=one: eagerly(one) for one in (phone, second, phone, second)])
        found = stays(town)
        assert [row[0] for row in found] == sorted(people)
        assert all(one[0] != other[0] for one, other in pairwise(found))


def eagerly(phone: LeadersPhone) -> None:
    """As the page does it: what is not in the answer is sent again."""
    left = list(phone.queue)
    for _ in range(20):
        told = phone.clocks()
        answer = phone.asks("sync", {"now": told.pop("at"), **told, "records": left})
        if answer.status_code == 200:
            settled = {one["nonce"] for one in answer.json["results"]}
            left = [one for one in left if one["nonce"] not in settled]
        if not left:
            return
    raise AssertionError("never taken")


# ---- who stands on no list -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrival:
    id: int
    name: str | None
    phone: str | None


def arrivals(town: Town) -> list[Arrival]:
    with town.reading() as session:
        rows = session.scalars(select(UnlistedArrival).order_by(UnlistedArrival.id))
        return [Arrival(row.id, row.name, row.phone) for row in rows]


def test_somebody_who_is_on_no_list_is_matched_at_the_desk(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE) as now:
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        zhao = on_file(sqlite_town, sqlite_town.phone("赵春花"), "赵春花", "13911112222")
        came = phone.notes("in", name="赵春花", phone="139 1111 2222")
        now.shift(3600)
        phone.notes("out", of=came)
        now.shift(7200)
        assert phone.kinds() == ["kept", "kept"]
        assert phone.kinds() == ["kept", "kept"]
        assert scans(sqlite_town) == 0
        (row,) = arrivals(sqlite_town)
        desk = clerk(sqlite_town, "leader")
        desk.opens(f"/console/sessions/{phone.number}/offline")
        assert "赵春花" in desk.words
        path = f"/console/sessions/{phone.number}/arrivals/{row.id}"
        desk.opens(path)
        desk.sends(path, phone="13911112222", person="", looked="")
        assert "是不是同一个人" in desk.words
        assert scans(sqlite_town) == 0
        desk.sends(path, phone="13911112222", person=str(zhao), looked="13911112222")
        flags = ("admitted", "by_leader", "late_sync", "unlisted")
        assert stays(sqlite_town) == [(zhao, 540, 60, flags)]
        assert (arrivals(sqlite_town)[0].name, arrivals(sqlite_town)[0].phone) == (None, None)
        assert phone.kinds() == ["in", "out"], "known by now"
        assert len(stays(sqlite_town)) == 1
        desk.sends(path, phone="13911112222", person=str(zhao), looked="13911112222")
        assert "已经有人处理了" in desk.words


def test_nobody_can_say_who_it_was(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE) as now:
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        phone.notes("in", name="老王", phone="")
        phone.notes("in", name="  ", phone="")
        phone.notes("in", name="小李", phone="")
        assert phone.kinds() == ["kept", "refused", "kept"]
        desk = clerk(sqlite_town, "leader")
        desk.sends(f"/console/sessions/{phone.number}/arrivals/{arrivals(sqlite_town)[0].id}/drop")
        assert [row.name for row in arrivals(sqlite_town)] == [None, "小李"]
        now.shift(31 * 86_400)
        sqlite_town.writing(lambda s: forget_unlisted(house(s)))
        assert [row.name for row in arrivals(sqlite_town)] == [None, None]


def test_who_is_erased_leaves_no_link_and_who_led_no_phone(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        sqlite_town.writing(lambda s: erase(house(s), leader.actor(s).me))
        assert phone.asks("roster").status_code == 403


def test_a_leader_whose_records_become_one_keeps_the_phone(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, (ma,) = a_phone(sqlite_town, leader, "马秀兰")

        def one_person(session: Session) -> None:
            kept = Person(name="张河长")
            session.add(kept)
            session.flush()
            session.get_one(ActivitySession, phone.number).activity.leader_id = kept.id
            offline.move_phones(house(session), kept, leader.person(session))

        sqlite_town.writing(one_person)
        phone.notes("in", ma)
        assert phone.kinds() == ["in"]


def test_the_desk_lets_a_phone_go_and_only_of_this_session(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        other, _ = a_phone(sqlite_town, leader, "张桂英")
        desk = clerk(sqlite_town, "leader")
        mine = device(sqlite_town, phone.number).id
        wrong = desk.sends(f"/console/sessions/{other.number}/offline/{mine}/let-go")
        assert wrong.status_code == 404
        assert phone.asks("roster").status_code == 200
        desk.sends(f"/console/sessions/{phone.number}/offline/{mine}/let-go")
        assert phone.asks("roster").status_code == 410
        assert other.asks("roster").status_code == 200


def test_a_leader_lets_go_only_their_own_phone(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        other = sqlite_town.phone("李河长")
        on_file(sqlite_town, other, "李河长", "13900000098")

        def lead_too(session: Session) -> None:
            held = session.get_one(ActivitySession, phone.number)
            role = ActivityRole(
                activity_id=held.activity_id, person_id=other.person(session).id, role="leader"
            )
            session.add(role)

        sqlite_town.writing(lead_too)

        def let_go(session: Session) -> None:
            offline.let_go(other.actor(session), session.get_one(LeaderDevice, theirs))

        theirs = device(sqlite_town, phone.number).id
        with pytest.raises(Refusal):
            sqlite_town.writing(let_go)
        assert phone.asks("roster").status_code == 200
        assert link_for(sqlite_town, phone.number, other) != phone.link


# ---- taken back ------------------------------------------------------------------------------------------------------


def test_what_was_brought_is_taken_back_by_a_record_of_its_own_in_any_order(
    sqlite_town: Town, leader: Phone
) -> None:
    with frozen(NINE) as now:
        phone, (ma, zhang) = a_phone(sqlite_town, leader, "马秀兰", "张桂英")
        slip = phone.notes("in", ma)
        now.shift(60)
        phone.notes("undo", ma, of=slip)
        phone.notes("in", zhang)
        assert phone.kinds() == ["in", "undone", "in"]
        assert [row[0] for row in stays(sqlite_town)] == [zhang]
        assert phone.brings()[slip]["kind"] == "undone", "sent again, it stays taken back"
        phone.queue.clear()
        early = phone.notes("in", ma)
        now.shift(60)
        phone.notes("undo", ma, of=early)
        phone.queue.reverse()
        assert phone.kinds() == ["undone", "undone"]
        assert [row[0] for row in stays(sqlite_town)] == [zhang]
        assert check_invariants(sqlite_town.site) == []


def test_somebody_who_is_on_no_list_is_taken_back_too(sqlite_town: Town, leader: Phone) -> None:
    with frozen(NINE):
        phone, _ = a_phone(sqlite_town, leader, "马秀兰")
        nobody = phone.notes("in", name="老王", phone="")
        phone.notes("undo", of=nobody)
        assert phone.kinds() == ["kept", "undone"]
        assert [row.name for row in arrivals(sqlite_town)] == [None]
        assert phone.kinds() == ["kept", "undone"]
