"""A column by which a statement must not begin: `unindexed(ActivitySession.starts) <= now`.

"Has begun" holds for everything that ever was, "is not over" for a handful; both columns have an index, and SQLite
knows of neither how many rows lie behind it. Without statistics (a fresh or a restored house) it believes whichever
stands first, with them that every half line is as good as another. What is named here is looked at in the rows that
something else has found.
"""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class unindexed(FunctionElement[Any]):  # noqa: N801 (a function of SQL)
    """The column itself. PostgreSQL keeps histograms and needs no word."""

    inherit_cache = True

    def __init__(self, column: Any) -> None:
        super().__init__(column)
        self.type = next(iter(self.clauses)).type


@compiles(unindexed)
def _as_it_is(element: Any, compiler: Any, **how: Any) -> str:
    return str(compiler.process(element.clauses, **how))


@compiles(unindexed, "sqlite")
def _with_a_plus(element: Any, compiler: Any, **how: Any) -> str:
    return f"+{compiler.process(element.clauses, **how)}"
