"""The database itself refuses that an entry of the register be changed or removed."""

from __future__ import annotations

from typing import Any

from django.db import migrations

_SQLITE = [
    f"""CREATE TRIGGER audit_entry_no_{verb} BEFORE {verb.upper()} ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"""
    for verb in ("update", "delete")
]
_POSTGRESQL = [
    """CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit_entry is append-only'; END $$""",
    """CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()""",
    """CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()""",
]


def protect(apps: Any, schema_editor: Any) -> None:
    """Add the triggers of the database in use."""
    del apps
    for statement in _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE:
        schema_editor.execute(statement)


def unprotect(apps: Any, schema_editor: Any) -> None:
    """Remove them."""
    del apps
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION audit_entry_refuse() CASCADE")
    else:
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER audit_entry_no_{verb}")


class Migration(migrations.Migration):
    """After the tables."""

    dependencies = (("audit", "0001_initial"),)
    operations = (migrations.RunPython(protect, unprotect),)
