"""Invitations: one that waits an address, the mail that left, the operator who invites."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """After the tables."""

    dependencies = (
        ("accounts", "0002_initial"),
        ("partnership", "0001_initial"),
    )

    operations = (
        migrations.AddField(
            model_name="invitation",
            name="sent_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="invited_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                name="one_invitation_an_address",
            ),
        ),
    )
