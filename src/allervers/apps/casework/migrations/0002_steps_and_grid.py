"""Tables of steps, papers, referrals and of the grid."""

import allervers.apps.casework.domain
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0001_plans_and_meetings"),
        ("partnership", "0003_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GridTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.CharField(max_length=7)),
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
                ("outcome", models.CharField(max_length=16)),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partnership.team"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "month", "origin", "outcome"), name="one_tally_an_outcome")
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperTick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("document", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="ticks", to="casework.plan"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("plan", "document"), name="one_tick_a_document")],
            },
        ),
        migrations.CreateModel(
            name="PlanStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("template", models.CharField(blank=True, max_length=40)),
                ("step", models.CharField(max_length=40)),
                ("what", models.TextField()),
                ("right", models.CharField(blank=True, max_length=64)),
                (
                    "doer",
                    models.CharField(
                        choices=[("person", "La personne"), ("agent", "L'agent"), ("place", "Un autre lieu")],
                        max_length=8,
                    ),
                ),
                ("due_on", models.DateField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnership.organisation",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="casework.plan"
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "template", "step"), name="one_step_a_template")
                ],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("right", models.CharField(blank=True, max_length=64)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("decides", "Ce lieu instruit la demande"),
                            ("legal", "Aide juridique ou recours"),
                            ("housing", "Logement ou hébergement"),
                            ("care", "Accès aux soins"),
                            ("social", "Accompagnement social"),
                            ("digital", "Aide aux démarches en ligne"),
                            ("work", "Emploi et formation"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("sent", "En attente"), ("met", "La personne a été reçue"), ("not_met", "Sans suite")],
                        default=allervers.apps.casework.domain.ReferralState["SENT"],
                        max_length=8,
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="referrals", to="casework.plan"
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partnership.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ("-sent_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "sent")),
                        fields=("plan", "to", "why", "right"),
                        name="one_referral_waits",
                    )
                ],
            },
        ),
    ]
