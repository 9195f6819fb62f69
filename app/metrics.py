"""Counters that staff and alarms read at /metrics. No label ever holds a person."""

from prometheus_client import Counter, Gauge, Histogram

pushes = Counter("xingfu_pushes_total", "Pushes received from WeChat", ["app", "kind"])
repeats = Counter("xingfu_push_repeats_total", "Pushes answered from the inbox")
refused = Counter("xingfu_pushes_refused_total", "Pushes that did not open", ["reason"])
unanswered = Counter("xingfu_pushes_unanswered_total", "Kinds that no feature answers", ["kind"])
not_done = Counter("xingfu_pushes_not_done_total", "Pushes that met a busy or absent database")
turned_away = Counter("xingfu_turned_away_total", "Requests for which there was no slot")
waiting = Gauge("xingfu_waiting", "Requests that wait for a slot in this process")
faults = Counter("xingfu_push_faults_total", "Pushes that met a fault of ours")
seconds = Histogram(
    "xingfu_push_seconds", "Time to answer a push", buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 3.5, 5)
)
sent = Counter("xingfu_messages_sent_total", "Messages handed to WeChat", ["road", "outcome"])
