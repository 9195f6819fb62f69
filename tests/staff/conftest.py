"""A town beside a real sandbox platform, for those who scan."""

from tests.pages.conftest import browser, neighbours, platform, street  # noqa: F401
