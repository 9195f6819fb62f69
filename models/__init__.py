"""What is true: tables, states and limits. A program knows the tables that it imports; one that asks for all of them
says so with `know_all`."""

from importlib import import_module
from pkgutil import iter_modules


def know_all() -> None:
    """Make every table known to `Base.metadata`."""
    for module in iter_modules(__path__):
        if module.name != "migrations":
            import_module(f"models.{module.name}")
