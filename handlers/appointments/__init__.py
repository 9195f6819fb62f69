"""Appointments: services of the hall and of the 15-minute circle, their times, and who comes when (engine M2)."""

from app.feature import Feature, Waits
from handlers.appointments import (  # noqa: F401 — they enter their pages
    api_waiting,
    console_days,
    console_missed,
    console_one,
    console_rooms,
    console_series,
    console_services,
    console_waiting,
    pages_mine,
    pages_waiting,
    waiting_chat,
    weekly,
)
from handlers.appointments.api import api
from handlers.appointments.chat import chat
from handlers.appointments.console import console
from handlers.appointments.jobs import JOBS
from handlers.appointments.mine import part
from handlers.appointments.own_line import forget, kept_of, merge
from handlers.appointments.pages import pages
from handlers.appointments.seed import seed
from handlers.appointments.standing import essentials
from handlers.appointments.waiting_jobs import WAITING_JOBS
from models.appointments import Appointment, in_two_places, one_place_each, seats_equal_appointments
from models.booking_rooms import rooms_belong_to_visits
from models.resources import one_at_a_time
from models.strikes import StrikeAppeal, open_appeals, strikes_have_a_no_show
from models.waiting_offers import offers_end, one_offer_each

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
    invariants=[
        seats_equal_appointments,
        one_place_each,
        one_at_a_time,
        offers_end,
        one_offer_each,
        strikes_have_a_no_show,
        rooms_belong_to_visits,
    ],
    jobs=(*JOBS, *WAITING_JOBS),
    essentials=essentials,
    waits=[
        Waits.rows("对“没来”有话说的", ("desk", "approver"), open_appeals, StrikeAppeal.created_at),
        Waits.rows("同一时间约了两处的", ("desk",), in_two_places, Appointment.changed_at),
    ],
    seed=seed,
)
