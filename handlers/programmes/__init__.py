"""Programmes: the community's fourteen flowers and six works of governance, and what can be done for each today."""

from app.feature import Feature
from handlers.programmes.actions import install_rows
from handlers.programmes.api import api
from handlers.programmes.chat import chat

feature = Feature(
    name="programmes", title="社区项目", chat=chat, api=api, essentials=install_rows, seed=install_rows
)
