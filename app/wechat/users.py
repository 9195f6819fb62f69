"""Followers. WeChat has not given names or pictures since 2021."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.wechat.caller import Caller
from app.wechat.capabilities import Capability
from app.wechat.wire import Answer

_NEEDS = (Capability.USERS,)
_MOST_INFOS = 100


@dataclass(frozen=True, slots=True)
class Follower:
    """What WeChat tells of a person; who does not follow has nothing but `openid` (and `unionid`)."""

    openid: str = field(repr=False)
    following: bool
    since: int
    unionid: str = field(repr=False)
    scene: str
    qr_scene: str
    tags: tuple[int, ...]
    remark: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Users:
    call: Caller

    def get(self, openid: str) -> Follower:
        return _follower(self.call.get("/cgi-bin/user/info", _NEEDS, openid=openid, lang="zh_CN"))

    def batch(self, openids: Sequence[str]) -> list[Follower]:
        """Any number of people, a hundred in one call."""
        found: list[Follower] = []
        for start in range(0, len(openids), _MOST_INFOS):
            asked = [{"openid": openid, "lang": "zh_CN"} for openid in openids[start : start + _MOST_INFOS]]
            answer = self.call.post("/cgi-bin/user/info/batchget", {"user_list": asked}, _NEEDS)
            found += [_follower(info) for info in answer.get("user_info_list", [])]
        return found

    def followers(self) -> Iterator[str]:
        """Every follower's openid, ten thousand in one call: pages until one is empty or names no successor; `data` is
        missing on the last one."""
        after = ""
        while True:
            answer = self.call.get("/cgi-bin/user/get", _NEEDS, next_openid=after)
            openids = (answer.get("data") or {}).get("openid") or []
            yield from openids
            following = str(answer.get("next_openid") or "")
            if not openids or not following or following == after:
                return
            after = following

    def count(self) -> int:
        """How many people follow."""
        return int(self.call.get("/cgi-bin/user/get", _NEEDS, next_openid="").get("total") or 0)


def _follower(info: Answer) -> Follower:
    return Follower(
        openid=str(info.get("openid", "")),
        following=bool(info.get("subscribe")),
        since=int(info.get("subscribe_time") or 0),
        unionid=str(info.get("unionid") or ""),
        scene=str(info.get("subscribe_scene") or ""),
        qr_scene=str(info.get("qr_scene_str") or info.get("qr_scene") or ""),
        tags=tuple(int(tag) for tag in info.get("tagid_list") or ()),
        remark=str(info.get("remark") or ""),
    )
