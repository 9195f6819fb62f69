"""Logs are JSON lines for machines; secrets, openids and phones are masked on the way out, whoever wrote them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import structlog

from app.wechat.redaction import redact_event

if TYPE_CHECKING:
    from app.settings import Settings


def start_logs(settings: Settings) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            redact_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
