"""Twenty neighbours want the same two seats at the same moment, on both databases, through the running house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from models.appointments import Appointment
from models.plans import Service
from models.slots import Slot
from tests.roads.street import Neighbour, Street, option, shown, street_on, was_not_done

NEIGHBOURS = 20
SEATS = 2  # of every time at the window for 居住证


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with street_on(request, tmp_path_factory.mktemp("seats"), "two_seats") as walked:
        yield walked


def test_two_of_twenty_get_the_seats_and_everybody_is_answered(street: Street) -> None:
    people = [street.follower(f"邻居{number}") for number in range(NEIGHBOURS)]
    echoes = Counter(asks_for_the_same_time(each) for each in people)
    assert max(echoes.values()) == SEATS, "a seat that is being answered for is read out to nobody else"
    with ThreadPoolExecutor(NEIGHBOURS) as pool:
        answers = list(pool.map(says_yes, people))
    assert {answer["push"]["outcome"] for answer in answers} == {"answered"}
    words = [shown(answer) for answer in answers]
    assert all("约好了" in each for each in words), "whoever was read out a time has it"
    assert sum(held for _, held in booked(street)) >= NEIGHBOURS
    assert all(taken == held <= SEATS for taken, held in booked(street))


def says_yes(resident: Neighbour) -> Any:
    """Again as long as the house is too busy to have done anything, as it says truly."""
    answer = resident.act("send", kind="text", text="1")
    return says_yes(resident) if was_not_done(shown(answer)) else answer


def asks_for_the_same_time(resident: Neighbour) -> str:
    """As far as the echo."""
    services = resident.says("重来", "预约服务")
    times = resident.says(option(services, "居住证"))
    echo = resident.says(option(times, "点", without="今天"))
    return resident.says("白玉兰") if "姓名" in echo else echo


def booked(street: Street) -> list[Any]:
    """(seats taken as the slot says, appointments that hold one) of every time of this service."""
    counted = func.count(Appointment.id)
    question = select(Slot.taken, counted).join(Appointment, Appointment.slot_id == Slot.id).join(Service)
    which = (Service.name == "居住证", Appointment.state == "confirmed")
    return [tuple(row) for row in street.rows(question.where(*which).group_by(Slot.id, Slot.taken))]
