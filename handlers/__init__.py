"""The features of the house, in the order in which they are asked."""

FEATURES: tuple[str, ...] = (
    "people",
    "programmes",
    "notices",
    "broadcasts",
    "appointments",
    "wishes",
    "activities",
    "volunteers",
    "ledger",
    "matters",
    "ratings",
    "desk",
    "care",
    "menus",
    "posters",
    "staff",
    "registers",
    "duty",
    "launch",
)
