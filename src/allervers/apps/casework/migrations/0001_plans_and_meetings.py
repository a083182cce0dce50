"""Tables of plans, of their rights, of meetings and notes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("partnership", "0003_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("household", models.CharField(db_index=True, max_length=64)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("list", "Une liste"),
                            ("appointment", "Un rendez-vous pris"),
                            ("domiciliation", "Une domiciliation"),
                            ("counter", "L'accueil"),
                            ("health", "Un passage au centre de santé"),
                            ("other", "Une autre démarche"),
                        ],
                        max_length=16,
                    ),
                ),
                ("line", models.CharField(blank=True, max_length=64)),
                ("started_at", models.DateTimeField()),
                ("held_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("answers", models.TextField(blank=True)),
                ("version", models.PositiveIntegerField(default=0)),
                ("draft", models.CharField(blank=True, max_length=40)),
                ("sequence", models.PositiveIntegerField(default=0)),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partnership.team"
                    ),
                ),
            ],
            options={
                "ordering": ("-started_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("household", models.CharField(db_index=True, max_length=64)),
                ("commune", models.CharField(blank=True, max_length=5)),
                ("situations", models.JSONField(default=list)),
                ("papers_due_on", models.DateField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(db_index=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "agent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="partnership.organisation"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partnership.team"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("shared", "Partagée avec la personne"),
                            ("team", "Pour l'équipe"),
                            ("private", "Pour moi seul"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                ("key", models.CharField(max_length=40)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="casework.meeting",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="casework.plan"
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "-pk"),
            },
        ),
        migrations.AddField(
            model_name="meeting",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="meetings", to="casework.plan"
            ),
        ),
        migrations.CreateModel(
            name="PlannedRight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("right", models.CharField(max_length=64)),
                ("unit", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("detected", "Repéré"),
                            ("proposed", "Proposé"),
                            ("accepted", "Accepté par la personne"),
                            ("declined", "Non souhaité par la personne"),
                            ("requested", "Demandé"),
                            ("granted", "Décision : accordé"),
                            ("refused", "Décision : refusé"),
                            ("paid", "Versé ou ouvert"),
                        ],
                        max_length=16,
                    ),
                ),
                ("detected_on", models.DateField(null=True)),
                ("proposed_on", models.DateField(null=True)),
                ("answered_on", models.DateField(null=True)),
                ("requested_on", models.DateField(null=True)),
                ("decided_on", models.DateField(null=True)),
                ("paid_on", models.DateField(null=True)),
                ("proposed_eur_month", models.FloatField(null=True)),
                ("paid_eur_month", models.FloatField(null=True)),
                ("paid_month", models.CharField(blank=True, max_length=7)),
                ("paid_by", models.CharField(blank=True, max_length=64)),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_needed", "La personne n'en a pas besoin"),
                            ("too_complex", "Les démarches lui semblent trop lourdes"),
                            ("fear_of_debt", "Elle craint d'avoir à rembourser"),
                            ("privacy", "Elle ne veut pas donner ces informations"),
                            ("later", "Elle préfère plus tard"),
                            ("other", "Autre raison"),
                        ],
                        max_length=16,
                    ),
                ),
                ("linked_from", models.CharField(blank=True, max_length=64)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "helped_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rights", to="casework.plan"
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="RightChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("detected", "Repéré"),
                            ("proposed", "Proposé"),
                            ("accepted", "Accepté par la personne"),
                            ("declined", "Non souhaité par la personne"),
                            ("requested", "Demandé"),
                            ("granted", "Décision : accordé"),
                            ("refused", "Décision : refusé"),
                            ("paid", "Versé ou ouvert"),
                        ],
                        max_length=16,
                    ),
                ),
                ("on", models.DateField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "planned",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="casework.plannedright"
                    ),
                ),
            ],
            options={
                "ordering": ("at", "pk"),
            },
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(fields=["agent", "closed_at"], name="plan_agent"),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("organisation", "household"), name="one_open_plan"
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.UniqueConstraint(fields=("plan", "key"), name="one_note_a_key"),
        ),
        migrations.AddIndex(
            model_name="plannedright",
            index=models.Index(fields=["status", "requested_on"], name="planned_status"),
        ),
        migrations.AddConstraint(
            model_name="plannedright",
            constraint=models.UniqueConstraint(fields=("plan", "right", "unit"), name="one_right_a_plan"),
        ),
    ]
