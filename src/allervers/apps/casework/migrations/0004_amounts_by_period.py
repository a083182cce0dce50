"""Amounts of a plan are those of the right's own period: what is paid once a year is no longer told by the month."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import F

_BY_YEAR = ("ars", "bourse_college", "bourse_lycee", "cheque_energie")
_NOT_MONTHLY = (*_BY_YEAR, "paje_naissance")


def by_their_period(apps: Any, _schema: Any) -> None:
    """The lists gave a twelfth of the year. What was typed as a month may have been the whole: it is not known."""
    planned = apps.get_model("casework", "PlannedRight").objects
    planned.filter(right__in=_BY_YEAR, proposed_eur__isnull=False).update(proposed_eur=F("proposed_eur") * 12)
    planned.filter(right__in=_NOT_MONTHLY, paid_month="").update(paid_eur=None)


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_for_whom")]

    operations = [
        migrations.RenameField("plannedright", "proposed_eur_month", "proposed_eur"),
        migrations.RenameField("plannedright", "paid_eur_month", "paid_eur"),
        migrations.RunPython(by_their_period, migrations.RunPython.noop),
    ]
