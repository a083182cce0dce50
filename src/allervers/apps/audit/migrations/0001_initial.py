"""The register and the end of its chain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField(default=0)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
                ("actor", models.CharField(blank=True, db_index=True, max_length=64)),
                ("organisation", models.CharField(blank=True, db_index=True, max_length=64)),
                ("action", models.CharField(db_index=True, max_length=64)),
                ("kind", models.CharField(max_length=32)),
                ("target", models.CharField(max_length=80)),
                ("purpose", models.CharField(blank=True, max_length=32)),
                ("convention", models.CharField(blank=True, max_length=100)),
                ("details", models.JSONField(default=dict)),
                ("previous", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ("number",),
                "indexes": [models.Index(fields=["kind", "target"], name="audit_kind_target")],
            },
        ),
    ]
