"""Deposited files."""

import allervers.apps.intake.domain
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jobs", "0002_workers_and_calendar"),
        ("partnership", "0002_signatures_and_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Deposit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("format", models.CharField(max_length=64)),
                ("reference_on", models.DateField()),
                ("file_name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                ("bytes", models.BigIntegerField()),
                ("mapping", models.TextField(blank=True)),
                ("stored", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "En attente d'import"),
                            ("imported", "Importé"),
                            ("refused", "Refusé"),
                            ("cancelled", "Annulé"),
                        ],
                        default=allervers.apps.intake.domain.DepositState["WAITING"],
                        max_length=16,
                    ),
                ),
                ("message", models.CharField(blank=True, max_length=1000)),
                ("deposited_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("import_id", models.CharField(blank=True, max_length=200)),
                ("retention_on", models.DateField(null=True)),
                ("rows_read", models.PositiveIntegerField(default=0)),
                ("rows_kept", models.PositiveIntegerField(default=0)),
                ("rows_rejected", models.PositiveIntegerField(default=0)),
                ("reasons", models.JSONField(default=dict)),
                ("notes", models.JSONField(default=dict)),
                ("has_rejects", models.BooleanField(default=False)),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposits",
                        to="partnership.convention",
                    ),
                ),
                (
                    "deposited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="jobs.job"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposits",
                        to="partnership.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ("-deposited_at", "-pk"),
                "indexes": [models.Index(fields=["organisation", "-deposited_at"], name="deposit_organisation")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", allervers.apps.intake.domain.DepositState["WAITING"])),
                        fields=("convention", "organisation", "format", "reference_on", "sha256"),
                        name="one_waiting_deposit_a_file",
                    )
                ],
            },
        ),
    ]
