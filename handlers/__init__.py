"""The features of the house, in the order in which they are asked."""

FEATURES: tuple[str, ...] = (
    "people",
    "programmes",
    "notices",
    "appointments",
    "activities",
    "volunteers",
    "desk",
    "care",
)
