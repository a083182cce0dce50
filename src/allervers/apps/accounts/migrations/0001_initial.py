"""Accounts and invitations, without their organisation."""

import allervers.apps.accounts.models
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "public_id",
                    models.CharField(
                        default=allervers.apps.accounts.models.new_public_id, editable=False, max_length=16, unique=True
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("full_name", models.CharField(max_length=150)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("agent", "Agent"),
                            ("team_manager", "Responsable d'équipe"),
                            ("organisation_admin", "Administrateur de l'organisme"),
                            ("analyst", "Analyste de l'observatoire"),
                            ("data_protection_officer", "Délégué à la protection des données"),
                            ("platform_admin", "Administrateur de la plateforme"),
                        ],
                        max_length=32,
                    ),
                ),
                ("proconnect_sub", models.CharField(blank=True, max_length=255)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254)),
                ("full_name", models.CharField(max_length=150)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("agent", "Agent"),
                            ("team_manager", "Responsable d'équipe"),
                            ("organisation_admin", "Administrateur de l'organisme"),
                            ("analyst", "Analyste de l'observatoire"),
                            ("data_protection_officer", "Délégué à la protection des données"),
                            ("platform_admin", "Administrateur de la plateforme"),
                        ],
                        max_length=32,
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
