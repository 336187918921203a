"""Composites in composites; a set that a round past its draft is bound to no longer changes."""

import django.db.models.deletion
from django.db import migrations, models

#: The rounds that hold a set fast; survey_round_reached comes with the rounds' own rules.
FREEZE = """
CREATE FUNCTION survey_indicator_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bound bigint;
    row record;
BEGIN
    IF TG_OP = 'DELETE' THEN row := OLD; ELSE row := NEW; END IF;
    IF TG_TABLE_NAME = 'survey_part' THEN
        SELECT set_id INTO bound FROM survey_composite WHERE id = row.composite_id;
    ELSE
        bound := row.set_id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM survey_round
        WHERE indicators_id = bound AND survey_round_reached(status, 'ready')
    ) THEN
        RAISE EXCEPTION 'a round past its draft is bound to set %', bound
            USING ERRCODE = 'check_violation', CONSTRAINT = 'indicators_of_a_round_frozen';
    END IF;
    RETURN row;
END $$;
"""
TABLES = ("survey_indicator", "survey_composite", "survey_part")
TRIGGERS = "".join(
    f"CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION survey_indicator_freeze();\n"
    for table in TABLES
)
THAW = (
    "".join(f"DROP TRIGGER {table}_frozen ON {table};\n" for table in TABLES)
    + "DROP FUNCTION survey_indicator_freeze();"
)


class Migration(migrations.Migration):
    dependencies = [("survey", "0003_frames")]

    operations = [
        migrations.AlterModelOptions(
            name="part",
            options={
                "default_permissions": (),
                "ordering": ("composite", "id"),
                "verbose_name": "part of a composite",
                "verbose_name_plural": "parts of composites",
            },
        ),
        migrations.AlterField(
            model_name="part",
            name="indicator",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to="survey.indicator",
            ),
        ),
        migrations.AddField(
            model_name="part",
            name="nested",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="held_by",
                to="survey.composite",
            ),
        ),
        migrations.AddConstraint(
            model_name="part",
            constraint=models.UniqueConstraint(
                fields=("composite", "nested"), name="composite_once_in_a_composite"
            ),
        ),
        migrations.AddConstraint(
            model_name="part",
            constraint=models.CheckConstraint(
                condition=models.Q(("indicator", None)) ^ models.Q(("nested", None)),
                name="part_is_an_indicator_or_a_composite",
            ),
        ),
        migrations.AddConstraint(
            model_name="part",
            constraint=models.CheckConstraint(
                condition=models.Q(("nested", None))
                | models.Q(("nested", models.F("composite")), _negated=True),
                name="composite_not_part_of_itself",
            ),
        ),
        migrations.RunSQL(FREEZE + TRIGGERS, THAW),
    ]
