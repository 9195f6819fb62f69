"""The door of hours: what follows from attendance, as other features and all channels ask for it."""

from handlers.hours.carrying import carry
from handlers.hours.following import follow

__all__ = ["carry", "follow"]
