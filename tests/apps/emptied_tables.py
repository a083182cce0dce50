"""Tests with real transactions empty the tables at their end, which the register refuses: its guard steps aside."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

_append_only = import_module("allervers.apps.audit.migrations.0002_append_only")
_empty = BaseDatabaseOperations.execute_sql_flush


def _without_guard(self: BaseDatabaseOperations, sql_list: list[str]) -> Any:
    with connection.schema_editor() as editor:
        _append_only.unprotect(None, editor)
    _empty(self, sql_list)
    with connection.schema_editor() as editor:
        _append_only.protect(None, editor)


def let_tests_empty_the_register() -> None:
    """For the tests' own database alone: called by their conftest."""
    BaseDatabaseOperations.execute_sql_flush = _without_guard  # type: ignore[method-assign]
