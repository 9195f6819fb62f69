"""The account's menu: three columns of five lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.wechat.caller import Caller
from app.wechat.capabilities import Capability
from app.wechat.errors import WeChatError
from app.wechat.wire import Answer

_NEEDS = (Capability.MENU,)
_NO_MENU = 46003


@dataclass(frozen=True, slots=True)
class Menu:
    """Raises WeChatError or NotWeChat, as every group of calls does."""

    call: Caller

    def create(self, menu: Mapping[str, Any]) -> None:
        """Overwrite the whole menu: `{"button": […]}` in WeChat's form. People see it within five minutes."""
        self.call.post("/cgi-bin/menu/create", menu, _NEEDS)

    def get(self) -> Answer | None:
        """The menu made by API, conditional ones beside it; None when there is none."""
        try:
            return self.call.get("/cgi-bin/menu/get", _NEEDS)
        except WeChatError as fault:
            if fault.errcode == _NO_MENU:
                return None
            raise

    def delete(self) -> None:
        """Remove the menu and its conditional ones."""
        self.call.get("/cgi-bin/menu/delete", _NEEDS)

    def auto_replies(self) -> Answer:
        """The answers that were set at WeChat's console; they fall silent when our server is switched on."""
        return self.call.get("/cgi-bin/get_current_autoreply_info")

    def shown(self) -> Answer:
        """What people see, made by API or in WeChat's console; open to every account."""
        return self.call.get("/cgi-bin/get_current_selfmenu_info")
