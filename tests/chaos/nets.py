"""Machines of their own on this one: network namespaces on a bridge, whose cables and ways a test cuts, spoils and mends.

Only root may do this. Everything made here carries this process's number; a janitor takes it away when the block ends, or
when the test is killed in the middle of it.
"""

from __future__ import annotations

import ctypes
import os
import random
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMESPACES = Path("/run/netns")
NOWHERE = "02:00:00:00:00:99"  # a card that nobody has: what is sent to it is lost without a word
CLONE_NEWNET = 0x40000000
SKY = "sky"
JANITOR = """cat > /dev/null
for one in $(ip netns list 2> /dev/null | cut -d' ' -f1 | grep "^$1-"); do
  ip netns pids "$one" | xargs -r kill -9 2> /dev/null; ip netns del "$one"
done
ip link del "$1" 2> /dev/null"""
LATE = ("netem", "delay", "60ms", "40ms", "loss", "8%")


class NoNetworks(Exception):
    """Not root, or a machine without namespaces; says which."""


class Net:
    """Machines are called by name. The test itself stands at `outside`; SKY is another address of its own, behind which
    it keeps what is no machine of the house."""

    def __init__(self, number: int) -> None:
        self._bridge, self._net = f"xf{number}", f"198.18.{number % 256}"
        self._names: list[str] = []
        self.outside, self.sky = f"{self._net}.1", f"{self._net}.2"

    def begin(self) -> None:
        try:
            ip("link", "add", self._bridge, "type", "bridge")
            for address in (self.outside, self.sky):
                ip("addr", "add", f"{address}/24", "dev", self._bridge)
            ip("link", "set", self._bridge, "up")
        except (OSError, subprocess.CalledProcessError) as why:
            raise NoNetworks(f"no bridge can be made here: {getattr(why, 'stderr', None) or why}") from None

    def machine(self, name: str) -> str:
        """A new one, with a cable to the bridge; its address."""
        try:
            ip("netns", "add", self._space(name))
        except subprocess.CalledProcessError as why:
            raise NoNetworks(f"no network namespace can be made here: {why.stderr}") from None
        self._names.append(name)
        ip(
            "link",
            "add",
            self._cable(name),
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            self._space(name),
        )
        ip("link", "set", self._cable(name), "master", self._bridge, "up")
        for said in (f"addr add {self.address(name)}/24 dev eth0", "link set lo up", "link set eth0 up"):
            ip("-n", self._space(name), *said.split())
        return self.address(name)

    def address(self, name: str) -> str:
        return self.sky if name == SKY else f"{self._net}.{10 + self._names.index(name)}"

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """This thread, and the programs that it starts, are on that machine until the block ends."""
        with (
            Path("/proc/thread-self/ns/net").open() as home,
            (NAMESPACES / self._space(name)).open() as there,
        ):
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(home.fileno())

    # ---- what may happen to a network ------------------------------------------------------------------------------

    @contextmanager
    def unplugged(self, name: str) -> Iterator[None]:
        """The cable of a machine is out of the wall."""
        ip("link", "set", self._cable(name), "down")
        try:
            yield
        finally:
            ip("link", "set", self._cable(name), "up")

    @contextmanager
    def parted(self, name: str, *others: str) -> Iterator[None]:
        """Nothing that one of the two sends reaches the other, and nobody is told; everybody else reaches both."""
        pairs = [pair for other in others for pair in ((name, other), (other, name))]
        ways = [(self._space(one), self.address(other)) for one, other in pairs if one != SKY]
        try:
            for space, address in ways:
                ip("-n", space, *f"neigh replace {address} lladdr {NOWHERE} dev eth0 nud permanent".split())
            yield
        finally:
            for space, address in ways:
                ip("-n", space, *f"neigh del {address} dev eth0".split())

    @contextmanager
    def bad_cable(self, name: str, dice: random.Random) -> Iterator[str]:
        """Late and lossy; where the kernel has no netem, a loose contact instead. Which of the two it is."""
        try:
            run("tc", "qdisc", "add", "dev", self._cable(name), "root", *LATE)
        except (OSError, subprocess.CalledProcessError):
            with self._loose_contact(name, dice):
                yield "a loose contact (no netem here)"
            return
        try:
            yield "late and lossy by netem"
        finally:
            run("tc", "qdisc", "del", "dev", self._cable(name), "root")

    @contextmanager
    def _loose_contact(self, name: str, dice: random.Random) -> Iterator[None]:
        over = threading.Event()

        def shake() -> None:
            while not over.wait(dice.uniform(0.1, 0.6)):
                with self.unplugged(name):
                    over.wait(dice.uniform(0.05, 0.4))

        shaking = threading.Thread(target=shake)
        shaking.start()
        try:
            yield
        finally:
            over.set()
            shaking.join()

    def _space(self, name: str) -> str:
        return f"{self._bridge}-{name}"

    def _cable(self, name: str) -> str:
        return f"{self._bridge}{self._names.index(name)}"


@contextmanager
def net() -> Iterator[Net]:
    """Raises NoNetworks, with the reason in words."""
    if os.geteuid() != 0:
        raise NoNetworks("only root may make network namespaces")
    number = os.getpid()
    janitor = subprocess.Popen(
        ["sh", "-c", JANITOR, "janitor", f"xf{number}"], stdin=subprocess.PIPE, start_new_session=True
    )
    made = Net(number)
    try:
        made.begin()
        yield made
    finally:
        janitor.communicate()


def ip(*words: str) -> None:
    run("ip", *words)


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def _enter(space: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(space, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
