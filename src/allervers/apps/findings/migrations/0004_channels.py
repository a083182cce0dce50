"""How the person of a line may be reached. Unknown for the lines already there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """After the commune of follow-ups."""

    dependencies = (("findings", "0003_commune_of_follow_ups"),)

    operations = (
        migrations.AddField(model_name="finding", name="channels", field=models.CharField(max_length=24, null=True)),
    )
