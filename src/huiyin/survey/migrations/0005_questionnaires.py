"""What was found in workbooks handed in; a version once stored stays as it is."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

#: What residents were asked is evidence: a version is only ever followed by another.
KEEP = """
CREATE FUNCTION survey_version_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'version % of questionnaire % is never changed', OLD.number, OLD.questionnaire_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_version_kept';
END $$;
CREATE TRIGGER survey_version_kept BEFORE UPDATE OR DELETE ON survey_version
    FOR EACH ROW EXECUTE FUNCTION survey_version_keep();
"""
LET_GO = """
DROP TRIGGER survey_version_kept ON survey_version;
DROP FUNCTION survey_version_keep();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("furniture", "0002_jobs_say_why_they_failed"),
        ("survey", "0004_indicators"),
    ]

    operations = [
        migrations.CreateModel(
            name="Check",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="What changed")),
                ("account", models.BigIntegerField(null=True, verbose_name="Handed in by")),
                ("findings", models.JSONField(null=True, verbose_name="Findings")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="Handed in at",
                    ),
                ),
                (
                    "questionnaire",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="survey.questionnaire",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="furniture.upload",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="survey.version",
                    ),
                ),
            ],
            options={
                "verbose_name": "check of a questionnaire",
                "verbose_name_plural": "checks of questionnaires",
                "ordering": ("-id",),
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version", None), ("findings__isnull", False), _connector="OR"
                        ),
                        name="version_only_after_its_check",
                    )
                ],
            },
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
