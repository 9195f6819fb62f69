"""Programmes: the community's fourteen flowers and six works of governance, and what can be done for each today."""

from app.feature import Feature
from handlers.programmes.actions import install_rows
from handlers.programmes.api import api
from handlers.programmes.chat import chat
from handlers.programmes.console import console

feature = Feature(
    name="programmes",
    title="社区项目",
    chat=chat,
    api=api,
    console=console,
    console_menu=(("项目", "programmes_console.programmes", "flower"),),
    essentials=install_rows,
    seed=install_rows,
)
