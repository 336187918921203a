from django.db import migrations, models


def seed(apps, schema_editor):
    """The years that ship with the software."""
    from huiyin.territory.calendar_seed import shipped_days, source

    day, origin = apps.get_model("territory", "Day"), source()
    day.objects.bulk_create(day(**each._asdict(), source=origin) for each in shipped_days())


class Migration(migrations.Migration):
    dependencies = [("territory", "0004_listing_of_an_import")]

    operations = [
        migrations.CreateModel(
            name="Day",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField(unique=True, verbose_name="Day")),
                (
                    "kind",
                    models.CharField(
                        choices=[("holiday", "Public holiday"), ("workday", "Make-up working day")],
                        max_length=10,
                        verbose_name="Kind",
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="Name")),
                ("source", models.CharField(max_length=200, verbose_name="Source")),
            ],
            options={
                "verbose_name": "day of the calendar",
                "verbose_name_plural": "days of the calendar",
                "ordering": ("-date",),
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["holiday", "workday"])),
                        name="day_of_a_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "holiday"), ("date__iso_week_day__gte", 6), _connector="OR"
                        ),
                        name="only_weekends_are_made_up",
                    ),
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
