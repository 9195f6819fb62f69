"""Followers and their tags. WeChat has not given names or pictures since 2021."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.wechat.caller import Caller
from app.wechat.capabilities import Capability
from app.wechat.wire import Answer

_NEEDS = (Capability.USERS,)
_MOST_INFOS = 100
_MOST_TAGGED = 50


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
class Tag:
    id: int
    name: str
    count: int


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
        """Every follower's openid, ten thousand in one call."""
        yield from self._pages("/cgi-bin/user/get", None)

    def count(self) -> int:
        """How many people follow."""
        return int(self.call.get("/cgi-bin/user/get", _NEEDS, next_openid="").get("total") or 0)

    def remark(self, openid: str, remark: str) -> None:
        """A note of less than 30 bytes that WeChat's console shows beside the person."""
        self.call.post("/cgi-bin/user/info/updateremark", {"openid": openid, "remark": remark}, _NEEDS)

    def tags(self) -> list[Tag]:
        rows = self.call.get("/cgi-bin/tags/get", _NEEDS).get("tags", [])
        return [Tag(int(row["id"]), str(row["name"]), int(row.get("count", 0))) for row in rows]

    def create_tag(self, name: str) -> Tag:
        """A tag of at most 30 bytes; an account has a hundred."""
        row = self.call.post("/cgi-bin/tags/create", {"tag": {"name": name}}, _NEEDS)["tag"]
        return Tag(int(row["id"]), str(row["name"]), 0)

    def rename_tag(self, tag_id: int, name: str) -> None:
        self.call.post("/cgi-bin/tags/update", {"tag": {"id": tag_id, "name": name}}, _NEEDS)

    def delete_tag(self, tag_id: int) -> None:
        self.call.post("/cgi-bin/tags/delete", {"tag": {"id": tag_id}}, _NEEDS)

    def tagged(self, tag_id: int) -> Iterator[str]:
        """The openids that carry a tag."""
        yield from self._pages("/cgi-bin/user/tag/get", tag_id)

    def tag(self, openids: Sequence[str], tag_id: int) -> None:
        """Give a tag to any number of people, fifty in one call."""
        self._tagging("/cgi-bin/tags/members/batchtagging", openids, tag_id)

    def untag(self, openids: Sequence[str], tag_id: int) -> None:
        self._tagging("/cgi-bin/tags/members/batchuntagging", openids, tag_id)

    def _tagging(self, path: str, openids: Sequence[str], tag_id: int) -> None:
        for start in range(0, len(openids), _MOST_TAGGED):
            listed = list(openids[start : start + _MOST_TAGGED])
            self.call.post(path, {"openid_list": listed, "tagid": tag_id}, _NEEDS)

    def _pages(self, path: str, tag_id: int | None) -> Iterator[str]:
        """Pages until one is empty or names no successor; `data` is missing on the last one."""
        after = ""
        while True:
            answer = self._page(path, tag_id, after)
            openids = (answer.get("data") or {}).get("openid") or []
            yield from openids
            following = str(answer.get("next_openid") or "")
            if not openids or not following or following == after:
                return
            after = following

    def _page(self, path: str, tag_id: int | None, after: str) -> Answer:
        if tag_id is None:
            return self.call.get(path, _NEEDS, next_openid=after)
        return self.call.post(path, {"tagid": tag_id, "next_openid": after}, _NEEDS)


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
