"""Messages to one person: customer service within WeChat's windows, templates, subscription notices.

`client_msg_id` makes a template or notice safe to repeat for ten minutes; customer-service messages and the
mini-program's notices have nothing of the kind and must not be repeated when their outcome is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.wechat.caller import KF, Caller
from app.wechat.capabilities import Capability
from app.wechat.markup import clean
from app.wechat.replies import LONGEST_TEXT, Article, fits
from app.wechat.wire import Answer

_CUSTOM = "/cgi-bin/message/custom/send"


@dataclass(frozen=True, slots=True)
class MiniPage:
    """Where a message leads in the mini-program."""

    appid: str
    path: str


@dataclass(frozen=True, slots=True)
class CustomMessages:
    """5 messages within 48 hours of the person's own, 3 within a minute of a tap, follow or scan."""

    call: Caller

    def text(self, openid: str, content: str) -> None:
        if not fits(content):
            raise self.call.refuse(45002, f"more than {LONGEST_TEXT} bytes", _CUSTOM)
        self._send(openid, "text", {"content": clean(content)})

    def news(self, openid: str, article: Article) -> None:
        """One card; two would be refused."""
        card = {"title": article.title, "description": article.description}
        card |= {"url": article.url, "picurl": article.picture_url}
        self._send(openid, "news", {"articles": [card]})

    def image(self, openid: str, media_id: str) -> None:
        self._send(openid, "image", {"media_id": media_id})

    def voice(self, openid: str, media_id: str) -> None:
        self._send(openid, "voice", {"media_id": media_id})

    def article(self, openid: str, article_id: str) -> None:
        """A published article."""
        self._send(openid, "mpnewsarticle", {"article_id": article_id})

    def menu(self, openid: str, head: str, options: Sequence[tuple[str, str]], tail: str = "") -> None:
        """Lines to tap, (id, words) each: a tap comes back as a text with the id in `menu_item`."""
        listed = [{"id": option, "content": words} for option, words in options]
        self._send(openid, "msgmenu", {"head_content": head, "list": listed, "tail_content": tail})

    def mini_page(self, openid: str, title: str, page: MiniPage, thumb_media_id: str) -> None:
        """A card of a linked mini-program; thumbnail 520×416."""
        card = {"title": title, "appid": page.appid, "pagepath": page.path, "thumb_media_id": thumb_media_id}
        self._send(openid, "miniprogrampage", card)

    def link(self, openid: str, article: Article) -> None:
        """A link card; only a mini-program's customer service has this kind."""
        card = {"title": article.title, "description": article.description}
        card |= {"url": article.url, "thumb_url": article.picture_url}
        self._send(openid, "link", card)

    def typing(self, openid: str, *, on: bool = True) -> None:
        """Show or end "is typing"; only within 30 seconds of the person's message."""
        command = "Typing" if on else "CancelTyping"
        self.call.post("/cgi-bin/message/custom/typing", {"touser": openid, "command": command}, KF)

    def _send(self, openid: str, kind: str, payload: Mapping[str, Any]) -> None:
        self.call.post(_CUSTOM, {"touser": openid, "msgtype": kind, kind: payload}, KF)


@dataclass(frozen=True, slots=True)
class Templates:
    """Important service notices to followers of a verified service account; marketing costs the template."""

    call: Caller

    def send(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        url: str = "",
        page: MiniPage | None = None,
        client_msg_id: str = "",
    ) -> str:
        """The message's id, by which TEMPLATESENDJOBFINISH reports later. `data` is field → value."""
        body = _notice(openid, template_id, data, client_msg_id) | _target("url", url, page)
        answer = self.call.post("/cgi-bin/message/template/send", body, (Capability.TEMPLATE,))
        return str(answer.get("msgid", ""))

    def list(self) -> list[Answer]:
        """The account's templates: template_id, title, content, example."""
        answer = self.call.get("/cgi-bin/template/get_all_private_template", (Capability.TEMPLATE,))
        return list(answer.get("template_list", []))


@dataclass(frozen=True, slots=True)
class Notices:
    """Subscription notices: one for each time that a person said yes (long-term ones: many)."""

    call: Caller

    def bizsend(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        url: str = "",
        page: MiniPage | None = None,
        client_msg_id: str = "",
    ) -> None:
        """By the account; subscribe_msg_sent_event reports later."""
        body = _notice(openid, template_id, data, client_msg_id) | _target("page", url, page)
        body |= {"miniprogram_state": "formal", "lang": "zh_CN"}
        self.call.post("/cgi-bin/message/subscribe/bizsend", body, (Capability.BIZSEND,))

    def mini(
        self, openid: str, template_id: str, data: Mapping[str, str], *, page: str = "", state: str = "formal"
    ) -> str:
        """By the mini-program, to `page` in it; `state` is formal, trial or developer."""
        body = _notice(openid, template_id, data, "") | {"miniprogram_state": state, "lang": "zh_CN"}
        if page:
            body["page"] = page
        answer = self.call.post("/cgi-bin/message/subscribe/send", body, (Capability.MINI,))
        return str(answer.get("msgid", ""))

    def templates(self) -> list[Answer]:
        """The notices that the app may send: priTmplId, title, content, type 2 once, 3 long-term."""
        needs = (Capability.BIZSEND, Capability.MINI)
        return list(self.call.get("/wxaapi/newtmpl/gettemplate", needs).get("data", []))


def _notice(openid: str, template_id: str, data: Mapping[str, str], client_msg_id: str) -> dict[str, Any]:
    values = {name: {"value": clean(value)} for name, value in data.items()}
    body: dict[str, Any] = {"touser": openid, "template_id": template_id, "data": values}
    if client_msg_id:
        body["client_msg_id"] = client_msg_id
    return body


def _target(name: str, url: str, page: MiniPage | None) -> dict[str, Any]:
    """Where a tap leads; with both, WeChat opens the mini-program first."""
    target: dict[str, Any] = {name: url} if url else {}
    if page:
        target["miniprogram"] = {"appid": page.appid, "pagepath": page.path}
    return target
