"""Posts, groups, meetings, templates and the records that units keep."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

#: Never two holders of a post, never a region paired twice with a post, on any one day. Built on
#: ranges alone: comparing numbers in a GiST index would need the extension btree_gist.
ONE_AT_A_TIME = """
ALTER TABLE organisation_holder ADD CONSTRAINT post_one_holder EXCLUDE USING gist (
    int8range(post_id, post_id, '[]') WITH &&, daterange(since, until, '[]') WITH &&);
ALTER TABLE organisation_pairing ADD CONSTRAINT pairing_once EXCLUDE USING gist (
    int8range(post_id, post_id, '[]') WITH &&, int8range(region_id, region_id, '[]') WITH &&,
    daterange(since, until, '[]') WITH &&);
"""
BACK = """
ALTER TABLE organisation_holder DROP CONSTRAINT post_one_holder;
ALTER TABLE organisation_pairing DROP CONSTRAINT pairing_once;
"""
CAMPAIGN_TYPES = (
    ("大学习", "学习政策法规和先进经验，统一思想认识"),
    ("大调研", "走访群众、摸清底数、找准问题"),
    ("大宣讲", "宣传平安建设，提高群众知晓率和参与率"),
)
TEMPLATES = (
    (
        "领导小组＋办公室",
        "领导小组下设办公室，负责日常工作",
        """\
领导小组 | {region}平安建设领导小组 | | 组长、副组长 | 指导、考评
办公室 | {region}平安建设领导小组办公室 | {region}平安建设领导小组 | 主任、副主任、联络员 | 指导、协调、推进、督促、考评
""",
    ),
    (
        "双指挥长指挥部",
        "党政主要负责同志任双指挥长，副书记任常务副指挥长",
        """\
指挥部 | {region}平安建设指挥部 | | 双指挥长、常务副指挥长 | 指导、协调、推进、督促、考评
办公室 | {region}平安建设指挥部办公室 | {region}平安建设指挥部 | 主任、联络员 | 协调、推进、督促
""",
    ),
    (
        "一办两组六专班",
        "指挥部下设一个办公室、两个工作组、六个专班",
        """\
指挥部 | {region}平安建设指挥部 | | 双指挥长、常务副指挥长 | 指导、协调、推进、督促、考评
办公室 | {region}平安建设指挥部办公室 | {region}平安建设指挥部 | 主任、副主任、联络员 | 指导、协调、推进、督促、考评
工作组 | {region}综合协调组 | {region}平安建设指挥部 | 组长、副组长、联络员 | 指导、协调、推进
工作组 | {region}督导考评组 | {region}平安建设指挥部 | 组长、副组长、联络员 | 督促、考评
专班 | {region}安全生产专班 | {region}平安建设指挥部 | 组长、副组长、联络员 | 指导、协调、推进、督促
专班 | {region}道路交通安全专班 | {region}平安建设指挥部 | 组长、副组长、联络员 | 指导、协调、推进、督促
专班 | {region}防学生溺水专班 | {region}平安建设指挥部 | 组长、副组长、联络员 | 指导、协调、推进、督促
专班 | {region}禁毒专班 | {region}平安建设指挥部 | 组长、副组长、联络员 | 指导、协调、推进、督促
专班 | {region}反电诈专班 | {region}平安建设指挥部 | 组长、副组长、联络员 | 指导、协调、推进、督促
专班 | {region}“利剑护蕾”专班 | {region}平安建设指挥部 | 组长、副组长、联络员 | 指导、协调、推进、督促
""",
    ),
)


def lay_in(apps, schema_editor):
    """What every office begins with and may change: three campaigns, three structures."""
    kinds = apps.get_model("organisation", "CampaignType").objects
    kinds.bulk_create(kinds.model(name=name, purpose=text) for name, text in CAMPAIGN_TYPES)
    templates = apps.get_model("organisation", "StructureTemplate").objects
    templates.bulk_create(
        templates.model(name=name, note=note, lines=lines) for name, note, lines in TEMPLATES
    )


class Migration(migrations.Migration):
    dependencies = [
        ("furniture", "0001_jobs_and_uploads"),
        ("organisation", "0001_initial"),
        ("territory", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CampaignType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="Name")),
                ("purpose", models.CharField(blank=True, max_length=200, verbose_name="Purpose")),
                ("in_use", models.BooleanField(default=True, verbose_name="In use")),
            ],
            options={
                "verbose_name": "campaign type",
                "verbose_name_plural": "campaign types",
                "ordering": ("pk",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="StructureTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="Name")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="Note")),
                ("lines", models.TextField(max_length=8000, verbose_name="Groups, one a line")),
            ],
            options={
                "verbose_name": "structure template",
                "verbose_name_plural": "structure templates",
                "ordering": ("name",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="Name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("leading", "Leading group"),
                            ("office", "Office of a group"),
                            ("command", "Command"),
                            ("working", "Working group"),
                            ("task_force", "Task force"),
                        ],
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("duties", models.JSONField(default=list, verbose_name="Duties")),
                ("founded_on", models.DateField(blank=True, null=True, verbose_name="Founded on")),
                (
                    "dissolved_on",
                    models.DateField(blank=True, null=True, verbose_name="Dissolved on"),
                ),
                (
                    "lead_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups_led",
                        to="organisation.unit",
                        verbose_name="Lead unit",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups",
                        to="territory.region",
                        verbose_name="Region",
                    ),
                ),
                (
                    "superior",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subordinates",
                        to="organisation.group",
                        verbose_name="Superior group",
                    ),
                ),
            ],
            options={
                "verbose_name": "group",
                "verbose_name_plural": "groups",
                "ordering": ("region__code", "pk"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("signed_by", models.CharField(max_length=60, verbose_name="Signed by")),
                ("title", models.CharField(blank=True, max_length=60, verbose_name="Post")),
                ("signed_on", models.DateField(verbose_name="Signed on")),
                ("text", models.TextField(blank=True, max_length=20000, verbose_name="Text")),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="furniture.upload",
                        verbose_name="File",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="commitments",
                        to="organisation.group",
                        verbose_name="Group",
                    ),
                ),
            ],
            options={
                "verbose_name": "commitment",
                "verbose_name_plural": "commitments",
                "ordering": ("-signed_on", "-pk"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Charter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="Edition")),
                ("adopted_on", models.DateField(verbose_name="Adopted on")),
                ("text", models.TextField(blank=True, max_length=20000, verbose_name="Text")),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="furniture.upload",
                        verbose_name="File",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="charters",
                        to="organisation.group",
                        verbose_name="Group",
                    ),
                ),
            ],
            options={
                "verbose_name": "charter",
                "verbose_name_plural": "charters",
                "ordering": ("-number",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("plenary", "Plenary meeting"),
                            ("directors", "Directors' meeting"),
                            ("on_site", "On-site meeting"),
                            ("dispatch", "Dispatch meeting"),
                            ("other", "Other meeting"),
                        ],
                        max_length=10,
                        verbose_name="Kind",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="Number")),
                ("held_on", models.DateField(verbose_name="Held on")),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="Place")),
                ("chair", models.CharField(max_length=60, verbose_name="Chair")),
                ("attendees", models.TextField(max_length=4000, verbose_name="Attendees")),
                ("minutes", models.TextField(blank=True, max_length=40000, verbose_name="Minutes")),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="furniture.upload",
                        verbose_name="File",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="organisation.group",
                        verbose_name="Group",
                    ),
                ),
                (
                    "units",
                    models.ManyToManyField(
                        blank=True,
                        related_name="meetings",
                        to="organisation.unit",
                        verbose_name="Units present",
                    ),
                ),
            ],
            options={
                "verbose_name": "meeting",
                "verbose_name_plural": "meetings",
                "ordering": ("-held_on", "-pk"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="Number")),
                ("text", models.TextField(max_length=2000, verbose_name="Decision")),
                ("due_on", models.DateField(verbose_name="Due on")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="Done on")),
                ("outcome", models.TextField(blank=True, max_length=2000, verbose_name="Outcome")),
                (
                    "lead_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="organisation.unit",
                        verbose_name="Lead unit",
                    ),
                ),
                (
                    "member_units",
                    models.ManyToManyField(
                        blank=True,
                        related_name="decisions_shared",
                        to="organisation.unit",
                        verbose_name="Member units",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="organisation.meeting",
                        verbose_name="Meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
                "ordering": ("meeting", "number"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "responsibility",
                    models.TextField(blank=True, max_length=1000, verbose_name="Responsibility"),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="organisation.group",
                        verbose_name="Group",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="organisation.unit",
                        verbose_name="Unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "member unit",
                "verbose_name_plural": "member units",
                "ordering": ("pk",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="Title")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first", "First-responsible"),
                            ("direct", "Direct-responsible"),
                            ("liaison", "Liaison"),
                            ("commander", "Commander"),
                            ("joint_commander", "Joint commander"),
                            ("executive_deputy", "Executive deputy commander"),
                            ("other", "Other post"),
                        ],
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="Order")),
                (
                    "abolished_on",
                    models.DateField(blank=True, null=True, verbose_name="Abolished on"),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="organisation.group",
                        verbose_name="Group",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="organisation.unit",
                        verbose_name="Unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "post",
                "verbose_name_plural": "posts",
                "ordering": ("order", "pk"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Pairing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateField(verbose_name="Since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="Until")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairings",
                        to="territory.region",
                        verbose_name="Region",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairings",
                        to="organisation.post",
                        verbose_name="Post",
                    ),
                ),
            ],
            options={
                "verbose_name": "pairing",
                "verbose_name_plural": "pairings",
                "ordering": ("-since",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Holder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="Person's name")),
                ("since", models.DateField(verbose_name="Since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="Until")),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Account",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="holders",
                        to="organisation.post",
                        verbose_name="Post",
                    ),
                ),
            ],
            options={
                "verbose_name": "holder",
                "verbose_name_plural": "holders",
                "ordering": ("-since",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Engagement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "deed",
                    models.CharField(
                        choices=[
                            ("organise", "Organised in person"),
                            ("command", "Commanded in person"),
                            ("study", "Studied and coordinated in person"),
                            ("solve", "Solved a problem in person"),
                        ],
                        max_length=10,
                        verbose_name="What was done in person",
                    ),
                ),
                ("person", models.CharField(max_length=60, verbose_name="Person's name")),
                ("done_on", models.DateField(verbose_name="Day")),
                ("account_of_it", models.TextField(max_length=2000, verbose_name="What happened")),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="territory.region",
                        verbose_name="Region",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="organisation.post",
                        verbose_name="Post",
                    ),
                ),
            ],
            options={
                "verbose_name": "leader's engagement",
                "verbose_name_plural": "leaders' engagements",
                "ordering": ("-done_on", "-pk"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Street",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="Name")),
                ("since", models.DateField(verbose_name="Since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="Until")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="streets",
                        to="territory.region",
                        verbose_name="Region",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="streets",
                        to="organisation.unit",
                        verbose_name="Responsible unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "responsibility street",
                "verbose_name_plural": "responsibility streets",
                "ordering": ("region__code", "name", "pk"),
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="meeting",
            name="streets",
            field=models.ManyToManyField(
                blank=True,
                related_name="meetings",
                to="organisation.street",
                verbose_name="Responsibility streets",
            ),
        ),
        migrations.CreateModel(
            name="StudyTopic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="Year")),
                ("month", models.PositiveSmallIntegerField(verbose_name="Month")),
                ("topic", models.CharField(max_length=200, verbose_name="Topic")),
                ("held_on", models.DateField(verbose_name="Held on")),
                ("speaker", models.CharField(blank=True, max_length=60, verbose_name="Speaker")),
                ("people", models.PositiveSmallIntegerField(verbose_name="People present")),
                ("notes", models.TextField(blank=True, max_length=4000, verbose_name="Notes")),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="furniture.upload",
                        verbose_name="File",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="study_topics",
                        to="organisation.unit",
                        verbose_name="Unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "study topic",
                "verbose_name_plural": "study topics",
                "ordering": ("-year", "-month", "unit"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="VillageService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("adviser", "Legal adviser"),
                            ("auxiliary", "Auxiliary police officer"),
                        ],
                        max_length=10,
                        verbose_name="Kind",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="Person's name")),
                (
                    "employer",
                    models.CharField(
                        blank=True, max_length=100, verbose_name="Law firm or police station"
                    ),
                ),
                ("since", models.DateField(verbose_name="Since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="Until")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="territory.region",
                        verbose_name="Village",
                    ),
                ),
            ],
            options={
                "verbose_name": "village service",
                "verbose_name_plural": "village services",
                "ordering": ("region__code", "kind", "-since"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BudgetLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="Year")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="Amount (yuan)"
                    ),
                ),
                (
                    "source",
                    models.CharField(blank=True, max_length=100, verbose_name="Budget item"),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budget_lines",
                        to="organisation.unit",
                        verbose_name="Unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget line",
                "verbose_name_plural": "budget lines",
                "ordering": ("-year",),
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("unit", "year"), name="budget_line_once_a_year"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="budget_line_above_zero"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="group",
            constraint=models.UniqueConstraint(
                fields=("region", "name"), name="group_name_once_in_a_region"
            ),
        ),
        migrations.AddConstraint(
            model_name="commitment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text", ""), _negated=True), ("file__isnull", False), _connector="OR"
                ),
                name="commitment_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="charter",
            constraint=models.UniqueConstraint(
                fields=("group", "number"), name="charter_edition_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="charter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text", ""), _negated=True), ("file__isnull", False), _connector="OR"
                ),
                name="charter_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("meeting", "number"), name="decision_number_once_in_a_meeting"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                fields=("group", "unit"), name="member_once_in_a_group"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group__isnull", False), ("unit", None)),
                    models.Q(("group", None), ("unit__isnull", False)),
                    _connector="OR",
                ),
                name="post_in_a_unit_or_in_a_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="pairing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until", None), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="pairing_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until", None), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="holder_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="street",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until", None), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="street_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(
                fields=("group", "kind", "number"), name="meeting_number_once_in_a_series"
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="meeting_number_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="studytopic",
            constraint=models.UniqueConstraint(
                fields=("unit", "year", "month"), name="study_topic_once_a_month"
            ),
        ),
        migrations.AddConstraint(
            model_name="studytopic",
            constraint=models.CheckConstraint(
                condition=models.Q(("month__gte", 1), ("month__lte", 12)),
                name="study_topic_month_of_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="villageservice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until", None), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="service_days_in_order",
            ),
        ),
        migrations.RunSQL(ONE_AT_A_TIME, BACK),
        migrations.RunPython(lay_in, migrations.RunPython.noop),
    ]
