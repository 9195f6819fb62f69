"""What an administrator does once at the real platform, done by itself at the sandbox: the menu, codes at doors.

Without it a stranger would meet an account without a menu and a neighbourhood without a code to scan.
"""

from __future__ import annotations

import time

import structlog
from redis.exceptions import RedisError
from sqlalchemy import select

from app.site import Site
from app.wechat.capabilities import Capability
from app.wechat.errors import NotWeChat, WeChatError
from handlers.menus.actions import menu_for_wechat
from models.places import Place

log = structlog.get_logger()
DONE = "sandbox:opened"
PATIENCE_SECONDS = 30
DOORS = ("committee", "estate")


def open_account(site: Site) -> None:
    """Once for an installation; the platform may still be starting, so it is asked for half a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _opened(site) and time.monotonic() < deadline:
        time.sleep(0.5)


def _opened(site: Site) -> bool:
    try:
        if site.main.can(Capability.MENU):
            with site.database.reading() as session:
                menu = menu_for_wechat(session, site.settings.web.public_url)
            site.main.menu.create(menu)
        if site.main.can(Capability.QRCODE) and site.redis.set(DONE, 1, nx=True):
            _print_door_codes(site)
    except (WeChatError, NotWeChat, RedisError) as away:
        log.info("account_not_open_yet", reason=str(away))
        return False
    return True


def _print_door_codes(site: Site) -> None:
    with site.database.reading() as session:
        doors = select(Place.id).where(Place.kind.in_(DOORS)).order_by(Place.id)
        scenes = [f"door:{number}" for number in session.scalars(doors)]
    for scene in scenes:
        site.main.qr.permanent(scene)
