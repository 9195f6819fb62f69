"""值班 at the console: the Blueprint that the pages of this folder enter themselves into."""

from app.channels.console import Console

console = Console("duty_console", __name__, under="值班")
