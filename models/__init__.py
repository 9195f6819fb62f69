"""What is true: tables, states and limits. Importing the package makes every table known to `Base.metadata`."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    if _module.name != "migrations":
        import_module(f"models.{_module.name}")
