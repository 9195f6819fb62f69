"""Counters that staff and alarms read at /metrics. No label ever holds a person.

A host has several processes, and any of them may be asked. With PROMETHEUS_MULTIPROC_DIR (the supervisor and the units
set it) all of them count in files of that folder, and whoever is asked adds up what the whole host has counted.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from app.watchdog import is_alive

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
Figures = Iterable[tuple[str, str, Mapping[str, float]]]

pushes = Counter("xingfu_pushes_total", "Pushes received from WeChat", ["app", "kind"])
repeats = Counter("xingfu_push_repeats_total", "Pushes answered from the inbox")
refused = Counter("xingfu_pushes_refused_total", "Pushes that did not open", ["reason"])
unanswered = Counter("xingfu_pushes_unanswered_total", "Kinds that no feature answers", ["kind"])
not_done = Counter("xingfu_pushes_not_done_total", "Pushes that met a busy or absent database")
turned_away = Counter("xingfu_turned_away_total", "Requests for which there was no slot")
waiting = Gauge(
    "xingfu_waiting", "Requests that wait for a slot in this process", multiprocess_mode="livesum"
)
faults = Counter("xingfu_push_faults_total", "Pushes that met a fault of ours")
seconds = Histogram(
    "xingfu_push_seconds", "Time to answer a push", buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3.5, 5)
)
sent = Counter("xingfu_messages_sent_total", "Messages handed to WeChat", ["road", "outcome"])
lines_lost = Counter("xingfu_log_lines_lost_total", "Lines of the log that could not be written")


class _Looked(Collector):
    """Gauges that are looked at when somebody asks."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, words, values in self._figures:
            family = GaugeMetricFamily(name, words, labels=["check"])
            for label, value in values.items():
                family.add_metric([label], value)
            yield family


def _forget_ended(folder: Path) -> None:
    """What a process that was killed had waiting, waits no more."""
    for file in folder.glob("gauge_live*.db"):
        if not is_alive(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)


def exposition(figures: Figures) -> bytes:
    """What the whole host has counted, and `figures` (name, words, check → value) as gauges."""
    looked = CollectorRegistry()
    looked.register(_Looked(figures))
    counted = REGISTRY
    if folder := os.environ.get(FOLDER):
        _forget_ended(Path(folder))
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return generate_latest(counted) + generate_latest(looked)
