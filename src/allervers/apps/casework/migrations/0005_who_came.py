"""What somebody who came to the counter is called: a plan that nothing else tells from another is found again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0004_amounts_by_period")]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="person",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
