"""The launch is walked beside the real sandbox platform, on both databases, as the delivery is."""

from tests.scheduler.conftest import platform, post  # noqa: F401
