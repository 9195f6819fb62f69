"""The generator of crowds counts from the moment a push was due, and says again what was not answered."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.crowd import Crowd, Sent, judged, mixed

REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"


@contextmanager
def server(stall: float, silent: int = 0) -> Iterator[tuple[str, list[float]]]:
    """Serves one connection after the other, and nobody at all for the first `stall` seconds; the first `silent`
    requests get no answer."""
    heard: list[float] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:

        def serve() -> None:
            time.sleep(stall)
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            with connection:
                while connection.recv(4096):
                    heard.append(time.monotonic())
                    if len(heard) > silent:
                        connection.sendall(ANSWER)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", heard
        listening.shutdown(socket.SHUT_RDWR)  # closing alone lets the thread that waits accept one more


def pushes(count: int, apart: float) -> list[Sent]:
    begin = time.monotonic() + 0.05
    return [Sent(str(number), "talk", begin + number * apart, REQUEST) for number in range(count)]


def test_waiting_behind_a_house_that_stalls_counts_from_the_moment_it_was_due():
    made = pushes(20, 0.02)
    with server(stall=0.8) as (web, _heard):
        Crowd(web).send(made)
    seen = judged(made, made[0].due, lambda _body: "")
    assert len(seen.ended("accepted")) == 20
    assert seen.at(0.99) > 0.7, "the first waited for the whole stall"
    assert seen.at(0.0) > 0.2, "and so, a little less, did everybody who was due meanwhile"


def test_what_is_not_answered_is_said_again_with_the_same_bytes():
    made = pushes(1, 0.1)
    with server(stall=0, silent=2) as (web, heard):
        Crowd(web, tries=3, answer_seconds=0.4).send(made)
    assert (len(heard), made[0].tries, made[0].status) == (3, 3, 200)
    assert made[0].latency > 0.8


def test_nobody_there_is_no_answer():
    made = pushes(2, 0.01)
    with server(stall=0) as (web, _heard):
        pass
    Crowd(web, answer_seconds=0.2).send(made)
    assert [one.end for one in judged(made, 0, lambda _body: "").pushes] == ["no answer", "no answer"]


def test_the_same_seed_makes_the_same_crowd_in_the_shares_of_a_usual_day():
    one, two = ([*itertools.islice(mixed(200, 7), 2000)] for _ in range(2))
    assert one == two
    kinds = [kind for _, kind, _, _ in one]
    assert 0.56 < kinds.count("click") / 2000 < 0.64
    assert 0.31 < kinds.count("talk") / 2000 < 0.39
    assert len({openid for openid, *_ in one}) > 150
