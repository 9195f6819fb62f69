"""Browsers beside a sandbox platform, as in tests/pages."""

from tests.pages.conftest import browser, neighbours, platform, street  # noqa: F401
