"""F13, F14: whatever HTTP is spoken by WeChat or by what stands before it, an answer is read whole or it is none."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.wechat import wire
from app.wechat.errors import NotWeChat
from app.wechat.wire import Call, Upload, Wire

OK = b'{"errcode":0,"msgid":7}'
KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(OK) + OK


class Line:
    """A server that says these pieces, whatever is asked, and then ends or waits for the next question."""

    def __init__(self, pieces: list[bytes], *, ends: bool, pause: float) -> None:
        self.pieces, self.ends, self.pause = pieces, ends, pause
        self.asked: list[bytes] = []
        self.opened = 0
        self.door = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.door.getsockname()[1]}/gate"

    def serve(self) -> None:
        while True:
            try:
                caller, _ = self.door.accept()
            except OSError:
                return
            self.opened += 1
            threading.Thread(target=self._speak, args=(caller,), daemon=True).start()

    def _speak(self, caller: socket.socket) -> None:
        with caller:
            while asked := caller.recv(65_536):
                self.asked.append(asked)
                try:
                    for piece in self.pieces:
                        caller.sendall(piece)
                        time.sleep(self.pause)
                except OSError:
                    return
                if self.ends:
                    return


@contextmanager
def spoken(*pieces: bytes, ends: bool = True, pause: float = 0.01) -> Iterator[tuple[Wire, Line]]:
    line = Line(list(pieces), ends=ends, pause=pause)
    threading.Thread(target=line.serve, daemon=True).start()
    try:
        yield Wire("main", line.base), line
    finally:
        line.door.close()


def chunked(*parts: bytes, after: bytes = b"") -> bytes:
    body = b"".join(b"%x;name=1\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n" + after + b"\r\n"


WHOLE = {
    "in one piece": [KEPT],
    "byte by byte": [KEPT[at : at + 1] for at in range(len(KEPT))],
    "in chunks": [chunked(OK[:5], OK[5:])],
    "in chunks, cut anywhere": [chunked(OK[:5], OK[5:])[:60], chunked(OK[:5], OK[5:])[60:]],
    "in chunks with a trailer": [chunked(OK, after=b"X-Sum: 1\r\n")],
    "until the end": [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", OK],
    "by an old server": [b"HTTP/1.0 200 OK\r\ncontent-length:%d\r\n\r\n" % len(OK), OK],
    "without a reason": [b"HTTP/1.1 200\r\nCONTENT-LENGTH: %d\r\n\r\n" % len(OK) + OK],
    "after a word that says go on": [b"HTTP/1.1 100 Continue\r\n\r\n", KEPT],
}


@pytest.mark.parametrize("pieces", WHOLE.values(), ids=WHOLE.keys())
def test_f14_a_whole_answer_is_read_in_whatever_form_it_comes(pieces):
    with spoken(*pieces, pause=0.001) as (wechat, _):
        assert wechat.exchange(Call("/x", body={}))[0]["msgid"] == 7


NONE = {
    "another protocol": [b"SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    "no number": [b"HTTP/1.1 abc OK\r\n\r\n"],
    "nothing": [b""],
    "half a head": [b"HTTP/1.1 200 OK\r\nContent-Le"],
    "half a body": [KEPT[:-3]],
    "half a chunk": [chunked(OK)[:-12]],
    "no last chunk": [chunked(OK)[:-5]],
    "a chunk of no size": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
    "a chunk of less than nothing": [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n"
    ],
    "a chunk of 0x2": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n"],
    "a length below nothing": [b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", OK],
    "an endless head": [b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"y" * 60_000 + b"\r\n"] * 3],
    "an answer without a body": [b"HTTP/1.1 204 No Content\r\n\r\n"],
}


@pytest.mark.parametrize("pieces", NONE.values(), ids=NONE.keys())
def test_f14_what_is_no_whole_answer_may_have_been_heard_and_is_not_sent(pieces):
    with spoken(*pieces) as (wechat, line):
        with pytest.raises(NotWeChat) as fault:
            wechat.exchange(Call("/x", body={}))
        assert fault.value.maybe_done
        assert len(line.asked) == 1


def test_f13_a_dripping_head_ends_too(monkeypatch):
    monkeypatch.setattr(wire, "LONGEST_SECONDS", 0.3)
    head = [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100]
    with spoken(*head, pause=0.05) as (wechat, _):
        started = time.monotonic()
        with pytest.raises(NotWeChat, match="too long"):
            wechat.exchange(Call("/x", body={}))
    assert time.monotonic() - started < 3


def test_a_connection_is_kept_for_the_next_call():
    with spoken(KEPT, ends=False) as (wechat, line):
        for _ in range(3):
            wechat.exchange(Call("/x", body={}))
        assert (line.opened, len(line.asked)) == (1, 3)


SPENT = {
    "it says that it closes": [KEPT.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n")],
    "something came after the answer": [KEPT + b"HTTP/1.1 200 OK\r\n\r\n"],
    "it ended without a word": [KEPT],
}


@pytest.mark.parametrize("pieces", SPENT.values(), ids=SPENT.keys())
def test_a_connection_that_cannot_be_trusted_is_not_asked_again(pieces):
    with spoken(*pieces, ends=pieces == [KEPT]) as (wechat, line):
        for _ in range(3):
            assert wechat.exchange(Call("/x", body={}))[0]["msgid"] == 7
            time.sleep(0.05)  # so that its end has come
        assert (line.opened, len(line.asked)) == (3, 3)


def test_what_is_asked_is_one_plain_request():
    with spoken(KEPT) as (wechat, line):
        wechat.exchange(Call("/x", {"type": "图 片"}, body={"text": "您好"}), "T&1")
    head, _, body = line.asked[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /gate/x?access_token=T%261&type=%E5%9B%BE+%E7%89%87 HTTP/1.1",
        b"Host: " + line.base.split("/")[2].encode(),
        b"Accept-Encoding: identity",
        b"Content-Type: application/json; charset=utf-8",
        b"Content-Length: 17",
    ]
    assert body.decode() == '{"text":"您好"}'


@pytest.mark.parametrize("path", ["/x y", "/x\r\nHost: evil", "/预约"])
def test_b22_no_path_becomes_two_lines(path):
    with spoken(KEPT) as (wechat, line):
        with pytest.raises(ValueError):
            wechat.exchange(Call(path))
        assert not line.asked


def test_a_file_goes_out_whole():
    with spoken(KEPT) as (wechat, line):
        wechat.exchange(Call("/x", upload=Upload(b"\x00picture\xff", "p.jpg", "image/jpeg")))
        assert b"\x00picture\xff" in b"".join(line.asked)
