"""The adapter and the sandbox were written apart from each other, from one description: here they meet.

Pushes of the sandbox are opened and answered by our seal in every mode; every group of calls is made for real.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from PIL import Image

from app.wechat import mass
from app.wechat.articles import DraftArticle
from app.wechat.capabilities import MINI_PROGRAM, capabilities
from app.wechat.client import AppFacts, WeChat
from app.wechat.errors import WeChatError
from app.wechat.messages import read_push
from app.wechat.push import Push
from app.wechat.replies import NOTHING, Article, text_reply
from app.wechat.sealing import Seal
from tests.sandbox.platform_process import RunningPlatform, account, mini_program, start_platform
from tests.wechat.stand_in import Asked, Said, StandIn, serve

HEARD = "听到了]]>"


class Webhook:
    """The least that an account needs: open, read, answer, close."""

    def __init__(self) -> None:
        self.server = StandIn()
        self.http = serve(self.server)
        self.server.answers = {"/wx": self.answer, "/mini": self.answer_mini}
        self.heard: list[Push] = []
        self.encryption = "secure"

    def answer(self, asked: Asked) -> Said:
        return self._answer(asked, account(""))

    def answer_mini(self, asked: Asked) -> Said:
        return self._answer(asked, mini_program(""))

    def _answer(self, asked: Asked, app: dict[str, str]) -> Said:
        now = datetime.now(UTC)
        encryption = self.encryption if asked.path == "/wx" else "secure"
        seal = Seal(app["token"], app["aes_key"], app["appid"], encryption=encryption)
        opened = seal.open(asked.query, asked.body, now)
        push = read_push(opened)
        self.heard.append(push)
        reply = text_reply(push, HEARD, now) if asked.path == "/wx" else NOTHING
        return Said(
            seal.close(reply, asked.query["nonce"], now, opened).encode(), content_type="application/xml"
        )

    def stop(self) -> None:
        self.server.ended.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture(scope="module")
def webhook() -> Iterator[Webhook]:
    made = Webhook()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, webhook: Webhook) -> Iterator[RunningPlatform]:
    address = webhook.server.url
    apps = {"accounts": [account(f"{address}/wx")], "miniprograms": [mini_program(f"{address}/mini")]}
    folder: Path = tmp_path_factory.mktemp("sandbox")
    running = start_platform(folder, apps)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def neighbour(sandbox: RunningPlatform) -> str:
    made = sandbox.http.post(f"{sandbox.url}/phone/api/neighbours", json={"name": "白玉兰"}).json()
    sandbox.phone(made["id"], "follow")
    sandbox.phone(made["id"], "send", kind="text", text="您好")
    return str(made["id"])


@pytest.fixture
def openid(sandbox: RunningPlatform, neighbour: str) -> str:
    return sandbox.openid(neighbour)


def client(sandbox: RunningPlatform, app: dict[str, str], allowed: frozenset[str]) -> WeChat:
    where = (sandbox.url, sandbox.url, sandbox.url)
    return WeChat(AppFacts(app["name"], app["appid"], app["secret"], *where, allowed))


@pytest.fixture
def wechat(sandbox: RunningPlatform) -> WeChat:
    return client(sandbox, account(""), capabilities("service", verified=True))


@pytest.fixture
def mini(sandbox: RunningPlatform) -> WeChat:
    return client(sandbox, mini_program(""), MINI_PROGRAM)


@pytest.fixture
def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 40), (200, 30, 30)).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("encryption", ["secure", "compatible", "plain"])
def test_pushes_are_opened_and_answered_in_every_mode(sandbox, webhook, neighbour, encryption):
    sandbox.control("PUT", "/apps/main", encryption=encryption)
    webhook.encryption = encryption
    told = sandbox.phone(neighbour, "send", kind="text", text="预约 ]]> 体检")
    sandbox.control("PUT", "/apps/main", encryption="secure")
    webhook.encryption = "secure"
    assert told["push"]["outcome"] == "answered"
    assert told["bubbles"][-1]["text"] == HEARD
    assert webhook.heard[-1].content == "预约 ]]> 体检"


def test_every_kind_that_the_phone_sends_has_a_form(sandbox, webhook, neighbour):
    webhook.heard.clear()
    for kind in ("image", "voice", "video", "sticker", "file"):
        sandbox.phone(neighbour, "send", kind=kind)
    sandbox.phone(neighbour, "send", kind="location", lat=36.62, lng=101.78, label="互助中路")
    sandbox.phone(neighbour, "send", kind="link", title="题", description="述", url="https://x.example")
    heard = [(type(push).__name__, getattr(push, "unsupported", False)) for push in webhook.heard]
    assert {name for name, _ in heard} >= {"Image", "Voice", "Video", "Location", "Link"}
    assert any(unsupported for _, unsupported in heard)
    assert not any(name == "UnknownMessage" for name, unsupported in heard if not unsupported)


def test_messages_menu_codes_and_followers_are_taken(sandbox, neighbour, openid, wechat, picture):
    sandbox.phone(neighbour, "send", kind="text", text="您好")  # opens the window again
    wechat.menu.create({"button": [{"type": "click", "name": "办事", "key": "A"}]})
    assert wechat.menu.get()["menu"]["button"][0]["key"] == "A"
    code = wechat.qr.temporary("door:1", 600)
    assert requests.get(code.image_url, timeout=5).headers["Content-Type"].startswith("image/")
    assert wechat.users.get(openid).following
    assert list(wechat.users.followers()) == [openid]
    wechat.messages.text(openid, "您好")
    wechat.messages.news(openid, Article("题", "述", "https://x.example", "https://x.example/p.jpg"))
    media_id = wechat.media.upload("image", picture, "p.jpg")
    wechat.messages.image(openid, media_id)
    assert wechat.media.get(media_id) == picture
    assert wechat.templates.send(openid, "TPL-APPOINTMENT", appointment("体检"), client_msg_id="o1")
    with pytest.raises(WeChatError, match=r"thing1.*rid") as fault:
        wechat.templates.send(openid, "TPL-APPOINTMENT", appointment("体" * 30))
    assert fault.value.handling == "content"
    kept = wechat.media.add_material("image", picture, "p.jpg")
    draft = wechat.drafts.add([DraftArticle("题", "<p>文</p>", kept.media_id)])
    assert wechat.drafts.get(draft)[0]["title"] == "题"
    assert wechat.mass.to_tag(None, mass.text("停水通知"), "bc-1").msg_id
    assert len(wechat.jssdk.config("http://127.0.0.1:8000/a", datetime.now(UTC))["signature"]) == 40


def appointment(what: str) -> dict[str, str]:
    return {"thing1": what, "time2": "2026年12月1日 09:00", "phrase3": "成功"}


def test_a_visitor_of_our_pages_is_the_follower(sandbox, neighbour, openid, wechat):
    address = wechat.oauth.authorize_url("http://127.0.0.1:8000/h5/back", "s1").partition("#")[0]
    back = requests.get(f"{address}&as={neighbour}", allow_redirects=False, timeout=5).headers["Location"]
    query = parse_qs(urlsplit(back).query)
    assert query["state"] == ["s1"]
    assert wechat.oauth.exchange(query["code"][0]).openid == openid
    with pytest.raises(WeChatError) as fault:
        wechat.oauth.exchange(query["code"][0])
    assert fault.value.handling == "login"


def test_the_mini_program_logs_in_and_asks_for_a_phone(sandbox, neighbour, mini):
    login = mini.mini.login(code_of(sandbox, neighbour, "login"))
    assert login.openid
    assert mini.mini.phone(code_of(sandbox, neighbour, "phone")).startswith("1")
    assert mini.mini.code("s=1", "pages/index")
    assert mini.mini.check_text(login.openid, "您好").suggest == "pass"


def code_of(sandbox: RunningPlatform, neighbour: str, what: str) -> str:
    address = f"{sandbox.url}/phone/api/{neighbour}/mini/mini/{what}"
    return str(requests.post(address, timeout=5).json()["code"])


def test_f17_expired_tokens_and_faults_end_as_they_should(sandbox, openid, wechat, monkeypatch):
    wechat.users.get(openid)
    monkeypatch.setattr(wechat.call.token, "_fresh_until", 0.0)  # a minute later
    sandbox.control("POST", "/tokens/expire")
    assert wechat.users.get(openid).following
    for fault, handling in (("busy", "passing"), ("bad_token", "credential")):
        sandbox.control("PUT", "/faults", **{fault: True})
        with pytest.raises(WeChatError) as refused:
            wechat.users.get(openid)
        sandbox.control("POST", "/faults/reset")
        assert refused.value.handling == handling
