"""Broadcasts: a notice sent to those whom it concerns, by the best road that WeChat still allows."""

from app.feature import Feature
from handlers.broadcasts import events  # noqa: F401 — enters what WeChat reports into the chat
from handlers.broadcasts.calls import send_calls
from handlers.broadcasts.chat import chat
from handlers.broadcasts.jobs import JOBS, carry_on
from handlers.broadcasts.pages import pages

feature = Feature(
    "broadcasts",
    "群发",
    chat=chat,
    pages=pages,
    jobs=JOBS,
    errands=(carry_on, send_calls),
)
