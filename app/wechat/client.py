"""Everything that one of our apps can ask of WeChat, in groups: `wechat.messages.text(…)`,
`wechat.qr.temporary(…)`.

Every call ends in a result, a WeChatError (WeChat said no: `handling` and `advice` say what next) or
NotWeChat (no valid answer: `maybe_done` says whether it may have happened all the same).
"""

from __future__ import annotations

from redis import Redis

from app.wechat.articles import Drafts, Publishing
from app.wechat.caller import AppFacts, Caller
from app.wechat.mass import Mass
from app.wechat.media import Media
from app.wechat.menu import Menu
from app.wechat.mini import Mini
from app.wechat.oauth import JsSdk, OAuth
from app.wechat.qr import QrCodes
from app.wechat.sending import CustomMessages, Notices, Templates
from app.wechat.users import Users

__all__ = ["AppFacts", "WeChat"]


class WeChat:
    """One account or mini-program. Safe between threads; opens no connection before the first call.

    `redis` may be None or away: tokens are then kept in memory.
    """

    def __init__(self, app: AppFacts, redis: Redis | None = None) -> None:
        self.app = app
        self.call = Caller(app, redis)
        self.menu = Menu(self.call)
        self.qr = QrCodes(self.call)
        self.users = Users(self.call)
        self.messages = CustomMessages(self.call)
        self.templates = Templates(self.call)
        self.notices = Notices(self.call)
        self.mass = Mass(self.call)
        self.drafts = Drafts(self.call)
        self.publishing = Publishing(self.call)
        self.media = Media(self.call)
        self.oauth = OAuth(self.call)
        self.jssdk = JsSdk(self.call)
        self.mini = Mini(self.call)

    def clear_quota(self) -> None:
        """Set back the counters of what this app called today: ten times a month, those at WeChat itself included."""
        self.call.post("/cgi-bin/clear_quota", {"appid": self.app.appid})

    def can(self, capability: str) -> bool:
        """Whether this kind of account may do it."""
        return capability in self.app.capabilities
