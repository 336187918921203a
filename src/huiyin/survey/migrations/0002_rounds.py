import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import huiyin.survey.models.rounds

#: From the state on, the column keeps its value (see huiyin.survey.round_rules.FROZEN_FROM).
FREEZE = """
CREATE FUNCTION survey_round_reached(status text, needed text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT array_position(states, status) >= array_position(states, needed)
    FROM (SELECT ARRAY['draft', 'ready', 'fielding', 'closed', 'measured', 'published']) AS s(states)
$$;

CREATE FUNCTION survey_round_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rule text[];
    rules text[] := ARRAY[
        ARRAY['series_id', 'ready'], ARRAY['year', 'ready'], ARRAY['half', 'ready'],
        ARRAY['centre_id', 'ready'], ARRAY['caller_id', 'ready'], ARRAY['least_age', 'ready'],
        ARRAY['resident_months', 'ready'], ARRAY['version_id', 'ready'],
        ARRAY['indicators_id', 'ready'], ARRAY['frames', 'ready'], ARRAY['table_id', 'ready'],
        ARRAY['design', 'ready'], ARRAY['modes', 'ready'], ARRAY['field_from', 'ready'],
        ARRAY['allocation', 'fielding'], ARRAY['field_until', 'closed'],
        ARRAY['break_reason', 'published']
    ];
BEGIN
    FOREACH rule SLICE 1 IN ARRAY rules LOOP
        IF survey_round_reached(OLD.status, rule[2])
            AND to_jsonb(OLD) -> rule[1] IS DISTINCT FROM to_jsonb(NEW) -> rule[1]
        THEN
            RAISE EXCEPTION 'round % is %: % no longer changes', OLD.id, OLD.status, rule[1]
                USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_round_frozen';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER survey_round_frozen BEFORE UPDATE ON survey_round
    FOR EACH ROW EXECUTE FUNCTION survey_round_freeze();

CREATE FUNCTION survey_round_part_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part record;
    found text;
BEGIN
    FOR part IN SELECT * FROM (VALUES (TG_OP <> 'INSERT', 0), (TG_OP <> 'DELETE', 1)) AS v(asked, new)
    LOOP
        CONTINUE WHEN NOT part.asked;
        IF part.new = 1 THEN
            SELECT status INTO found FROM survey_round WHERE id = NEW.round_id;
        ELSE
            SELECT status INTO found FROM survey_round WHERE id = OLD.round_id;
        END IF;
        IF survey_round_reached(found, TG_ARGV[0]) THEN
            RAISE EXCEPTION '% of a round that is % no longer change', TG_TABLE_NAME, found
                USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_round_frozen';
        END IF;
    END LOOP;
    RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER survey_quota_frozen BEFORE INSERT OR UPDATE OR DELETE ON survey_quota
    FOR EACH ROW EXECUTE FUNCTION survey_round_part_freeze('fielding');
CREATE TRIGGER survey_callinghours_frozen BEFORE INSERT OR UPDATE OR DELETE ON survey_callinghours
    FOR EACH ROW EXECUTE FUNCTION survey_round_part_freeze('closed');
CREATE TRIGGER survey_staff_frozen BEFORE INSERT OR UPDATE OR DELETE ON survey_staff
    FOR EACH ROW EXECUTE FUNCTION survey_round_part_freeze('closed');
"""
THAW = """
DROP TRIGGER survey_round_frozen ON survey_round;
DROP TRIGGER survey_quota_frozen ON survey_quota;
DROP TRIGGER survey_callinghours_frozen ON survey_callinghours;
DROP TRIGGER survey_staff_frozen ON survey_staff;
DROP FUNCTION survey_round_freeze();
DROP FUNCTION survey_round_part_freeze();
DROP FUNCTION survey_round_reached(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0006_account_of_a_role"),
        ("survey", "0001_surveys"),
        ("territory", "0005_calendar"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Quota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "sex",
                    models.CharField(
                        choices=[("all", "Both sexes"), ("male", "Male"), ("female", "Female")],
                        default="all",
                        max_length=6,
                        verbose_name="Sex",
                    ),
                ),
                ("age_from", models.PositiveSmallIntegerField(default=0, verbose_name="Age from")),
                (
                    "age_to",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="Age to"),
                ),
                ("target", models.PositiveIntegerField(verbose_name="Interviews wanted")),
            ],
            options={
                "verbose_name": "quota",
                "verbose_name_plural": "quotas",
                "ordering": ("round", "region__code", "sex", "age_from"),
                "default_permissions": (),
            },
        ),
        migrations.RemoveField(
            model_name="round",
            name="mode",
        ),
        migrations.RemoveField(
            model_name="round",
            name="quotas",
        ),
        migrations.AddField(
            model_name="round",
            name="design",
            field=models.TextField(blank=True, verbose_name="Sample design"),
        ),
        migrations.AddField(
            model_name="round",
            name="frames",
            field=models.JSONField(
                default=huiyin.survey.models.rounds.mobile, verbose_name="Frames"
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="modes",
            field=models.JSONField(
                default=huiyin.survey.models.rounds.telephone, verbose_name="Modes"
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="table",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rounds",
                to="survey.segmenttable",
                verbose_name="Segment table",
            ),
        ),
        migrations.AddField(
            model_name="series",
            name="annual",
            field=models.CharField(
                choices=[
                    ("pooled", "Both rounds pooled: every interview counts by its weight"),
                    ("mean", "Mean of the two rounds' results"),
                ],
                default="pooled",
                max_length=10,
                verbose_name="Annual result",
            ),
        ),
        migrations.AddConstraint(
            model_name="callinghours",
            constraint=models.UniqueConstraint(
                fields=("round", "weekday", "begins"), name="calling_hours_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("caller_id", "12340")), name="round_calls_from_12340"
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("least_age__gte", 16), ("least_age__lte", 120)),
                name="round_asks_from_sixteen",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("resident_months__in", (6, 12))), name="round_asks_residents"
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["supervisor", "interviewer", "verifier"])),
                name="staff_of_the_centre",
            ),
        ),
        migrations.AddConstraint(
            model_name="staff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("role__in", ["interviewer", "verifier"])),
                fields=("round", "account"),
                name="staff_asks_or_verifies",
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="territory.region",
                verbose_name="Region",
            ),
        ),
        migrations.AddField(
            model_name="quota",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quotas",
                to="survey.round",
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.UniqueConstraint(
                fields=("round", "region", "sex", "age_from"), name="quota_once_in_a_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(("target__gt", 0)), name="quota_above_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("age_to", None), ("age_to__gte", models.F("age_from")), _connector="OR"
                ),
                name="quota_age_band",
            ),
        ),
        migrations.RunSQL(FREEZE, THAW),
    ]
