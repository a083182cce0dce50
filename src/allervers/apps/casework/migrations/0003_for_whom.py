"""For whom a right of a plan is, where several families live together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0002_steps_and_grid")]

    operations = [
        migrations.AddField(
            model_name="plannedright",
            name="whose",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
