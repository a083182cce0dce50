"""A follow-up knows its commune; those already there take it from the current lists."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce


def fill(apps, schema_editor):  # noqa: ARG001 (given by Django)
    """Those whose household is in no list stay without a commune."""
    finding = apps.get_model("findings", "Finding").objects.filter(household=OuterRef("household"))
    commune = Coalesce(Subquery(finding.values("commune")[:1]), Value(""))
    apps.get_model("findings", "FollowUp").objects.update(commune=commune)


class Migration(migrations.Migration):
    """After the category of a datum."""

    dependencies = (("findings", "0002_correction_category"),)

    operations = (
        migrations.AddField(
            model_name="followup",
            name="commune",
            field=models.CharField(blank=True, default="", max_length=5),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    )
