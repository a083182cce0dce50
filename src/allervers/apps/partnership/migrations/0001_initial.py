"""Organisations, teams, conventions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=150)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("caf", "Caisse d'allocations familiales"),
                            ("cpam", "Caisse primaire d'assurance maladie"),
                            ("departement", "Département"),
                            ("ccas", "Centre communal d'action sociale"),
                            ("commune", "Commune"),
                            ("retraite", "Caisse de retraite"),
                            ("bailleur", "Bailleur"),
                            ("association", "Association"),
                            ("etat", "État"),
                            ("other", "Autre"),
                        ],
                        max_length=16,
                    ),
                ),
                ("dpo_contact", models.EmailField(blank=True, max_length=254)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Convention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=100, unique=True)),
                ("title", models.CharField(max_length=200)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("information", "Informer les personnes de leurs droits (CRPA L. 114-8, II)"),
                            ("attribution", "Attribuer un droit (CRPA L. 114-8, II)"),
                        ],
                        max_length=16,
                    ),
                ),
                ("legal_base", models.CharField(max_length=200)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("signed_on", models.DateField(blank=True, null=True)),
                ("dpo_contact", models.EmailField(max_length=254)),
            ],
            options={
                "ordering": ("-starts_on", "reference"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="convention_ends_after_start"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Habilitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="habilitations",
                        to="partnership.convention",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="habilitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("convention", "user"), name="named_once")],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(
                        choices=[("gives", "fournit des données"), ("receives", "reçoit des listes")], max_length=8
                    ),
                ),
                ("categories", models.JSONField(default=list)),
                ("formats", models.JSONField(default=list)),
                ("excluded", models.JSONField(default=list)),
                ("rights", models.JSONField(default=list)),
                ("events", models.JSONField(default=list)),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parties", to="partnership.convention"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="partnership.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("convention", "organisation", "side"), name="one_party_a_side")
                ],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("communes", models.JSONField(default=list)),
                ("rights", models.JSONField(default=list)),
                ("events", models.JSONField(default=list)),
                ("capacity", models.PositiveIntegerField(blank=True, null=True)),
                ("members", models.ManyToManyField(blank=True, related_name="teams", to=settings.AUTH_USER_MODEL)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="teams", to="partnership.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "constraints": [models.UniqueConstraint(fields=("organisation", "name"), name="one_team_a_name")],
            },
        ),
    ]
