"""What tests of broadcasts share: the house that really sends, with the sandbox platform beside it."""

from tests.scheduler.conftest import platform, post  # noqa: F401 (fixtures)
