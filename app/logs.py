"""Logs are JSON lines for machines; secrets, openids and phones are masked on the way out, whoever wrote them.

Each line names its host; the lines of one request share its number (app/request_ids.py), those of one message its row.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor

from app import metrics
from app.wechat.redaction import redact_event

if TYPE_CHECKING:
    from app.settings import Settings


class Unfailing:
    """Lines to a place that may be full, closed or gone: what cannot be written is counted and given up, since nobody's
    message may be lost for a line about it (trust F29)."""

    def __init__(self, place: TextIO) -> None:
        self._place = place

    def write(self, text: str) -> int:
        try:
            return self._place.write(text)
        except (OSError, ValueError):
            metrics.lines_lost.inc()
            return 0

    def flush(self) -> None:
        try:
            self._place.flush()
        except (OSError, ValueError):
            metrics.lines_lost.inc()


def start_logs(settings: Settings) -> None:
    def name_host(_logger: Any, _name: str, event: EventDict) -> EventDict:
        event["host"] = settings.host.name
        return event

    gathered: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        name_host,
        structlog.processors.format_exc_info,
    ]
    written: list[Processor] = [redact_event, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[*gathered, *written],
        logger_factory=lambda *_: structlog.PrintLogger(cast("TextIO", Unfailing(sys.stdout))),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    _write_likewise(gathered, written)


def _write_likewise(gathered: list[Processor], written: list[Processor]) -> None:
    """What libraries log through the standard library takes the same form, and the same masks."""
    handler = logging.StreamHandler()
    formatter = structlog.stdlib.ProcessorFormatter
    handler.setFormatter(
        formatter(foreign_pre_chain=gathered, processors=[formatter.remove_processors_meta, *written])
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
