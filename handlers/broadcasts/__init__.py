"""Broadcasts: a notice sent to those whom it concerns, by the best road that WeChat still allows."""

from app.feature import Feature
from handlers.broadcasts.chat import chat
from handlers.broadcasts.jobs import JOBS, carry_on
from handlers.broadcasts.pages import pages

feature = Feature(
    "broadcasts",
    "群发",
    chat=chat,
    pages=pages,
    jobs=JOBS,
    errands=(carry_on,),
)
