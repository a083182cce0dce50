"""Accounts and invitations: their organisation, and what holds between columns."""

import allervers.apps.accounts.domain
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("partnership", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="partnership.organisation",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="invited_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="organisation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to="partnership.organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("email"), name="one_account_an_address"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=models.Q(("proconnect_sub", ""), _negated=True),
                fields=("proconnect_sub",),
                name="one_account_a_sub",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("organisation", None), ("role", allervers.apps.accounts.domain.Role["PLATFORM_ADMIN"])),
                    models.Q(
                        models.Q(("role", allervers.apps.accounts.domain.Role["PLATFORM_ADMIN"]), _negated=True),
                        ("organisation__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="organisation_unless_platform",
            ),
        ),
    ]
