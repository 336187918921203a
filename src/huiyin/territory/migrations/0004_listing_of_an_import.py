"""The whole plan of an import as a file."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("territory", "0003_a_region_lies_in_its_parent")]

    operations = [
        migrations.AddField(
            model_name="divisionimport",
            name="listing",
            field=models.FileField(blank=True, upload_to="territory/%Y/%m/"),
        ),
        migrations.AddField(
            model_name="divisionimport", name="uploads", field=models.JSONField(default=list)
        ),
    ]
