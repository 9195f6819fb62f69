"""Appointments: services of the hall and of the 15-minute circle, their times, and who comes when (engine M2)."""

from app.feature import Feature
from handlers.appointments import (  # noqa: F401 — they enter their pages
    console_days,
    console_line,
    console_one,
    console_services,
    pages_mine,
)
from handlers.appointments.api import api
from handlers.appointments.chat import chat
from handlers.appointments.console import console
from handlers.appointments.jobs import JOBS
from handlers.appointments.mine import forget, kept_of, merge, part
from handlers.appointments.pages import pages
from handlers.appointments.seed import seed
from models.appointments import one_place_each, seats_equal_appointments
from models.resources import one_at_a_time

feature = Feature(
    name="appointments",
    title="预约服务",
    chat=chat,
    console=console,
    console_menu=(("预约", "appointments_console.board", "calendar"),),
    api=api,
    pages=pages,
    export=kept_of,
    erase=forget,
    merge=merge,
    part=part,
    invariants=[seats_equal_appointments, one_place_each, one_at_a_time],
    jobs=JOBS,
    seed=seed,
)
