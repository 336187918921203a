"""Templates lay out a whole structure in one act, and doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.organisation.structure_cast import (
    COUNTY_OFFICE,
    OFFICE,
    TODAY,
    Place,
    body,
    browse,
    place,
)

from huiyin.audit.acts import SYSTEM
from huiyin.audit.models import Event
from huiyin.organisation import layouts
from huiyin.organisation.actions import structures
from huiyin.organisation.models import (
    Duty,
    Group,
    GroupKind,
    Post,
    PostKind,
    StructureTemplate,
)
from huiyin.problems import Problem

__all__ = ["browse", "place"]

WORDS = st.text("平安建设综治协调督导甲乙丙丁", min_size=1, max_size=8)
TITLES = st.lists(st.sampled_from(["组长", "副组长", "双指挥长", "联络员", "秘书"]), unique=True)


@st.composite
def structures_of_parts(draw: st.DrawFn) -> list[layouts.Part]:
    """Parts with names of their own, each below an earlier one or none."""
    parts: list[layouts.Part] = []
    for name in draw(st.lists(WORDS, min_size=1, max_size=8, unique=True)):
        superior = draw(st.sampled_from(["", *(part.name for part in parts)]))
        duties = draw(st.lists(st.sampled_from(Duty.values), unique=True))
        kind = draw(st.sampled_from(GroupKind.values))
        posts = tuple(draw(TITLES))
        parts.append(layouts.Part(kind, name, superior, posts, tuple(duties)))
    return parts


@given(structures_of_parts())
def test_a_structure_that_is_written_reads_back_the_same(parts: list[layouts.Part]) -> None:
    assert layouts.read_parts(layouts.write_parts(parts)) == parts


@given(structures_of_parts(), st.integers(0, 8))
def test_laying_out_a_second_time_changes_nothing(parts: list[layouts.Part], there: int) -> None:
    """004-02: whatever of a structure exists, what is laid out once is complete."""
    existing: dict[str, list[str]] = {part.name: [] for part in parts[:there]}
    for planned in layouts.plan(parts, "云山县", existing):
        existing.setdefault(planned.part.name, []).extend(planned.posts)
    assert set(existing) == {part.name for part in parts}
    assert not any(each.changes for each in layouts.plan(parts, "云山县", existing))


def template(name: str) -> StructureTemplate:
    return StructureTemplate.objects.get(name=name)


def test_one_office_two_groups_six_task_forces_are_laid_out_in_one_act(place: Place) -> None:
    """004-02 一办两组六专班, and a second county repeats it."""
    lines = template("一办两组六专班").lines
    made = structures.lay_out(SYSTEM, place.county, lines, on=TODAY)
    kinds = list(place.county.groups.values_list("kind", flat=True))
    assert {kind: kinds.count(kind) for kind in kinds} == {
        GroupKind.COMMAND: 1, GroupKind.OFFICE: 1, GroupKind.WORKING: 2, GroupKind.TASK_FORCE: 6,
    }  # fmt: skip
    assert made.groups == 10
    assert Event.objects.filter(act="organisation.lay_out").count() == 1
    assert structures.lay_out(SYSTEM, place.other, lines, on=TODAY) == made
    assert Group.objects.filter(name="临江县反电诈专班", region=place.other).exists()


def test_laying_out_again_makes_nothing_and_leaves_what_was_changed(place: Place) -> None:
    """004-02, in the database."""
    lines = template("一办两组六专班").lines
    structures.lay_out(SYSTEM, place.county, lines, on=TODAY)
    group = place.county.groups.get(name="云山县禁毒专班")
    Group.objects.filter(pk=group.pk).update(duties=[Duty.GUIDE])
    Post.objects.filter(group=group, title="副组长").delete()
    assert structures.lay_out(SYSTEM, place.county, lines, on=TODAY) == structures.LaidOut(0, 1)
    assert structures.lay_out(SYSTEM, place.county, lines, on=TODAY) == structures.LaidOut(0, 0)
    group.refresh_from_db()
    assert group.duties == [Duty.GUIDE]


def test_a_command_has_two_joint_commanders_and_an_executive_deputy(place: Place) -> None:
    """004-01 双指挥长、常务副指挥长."""
    structures.lay_out(SYSTEM, place.county, template("双指挥长指挥部").lines, on=TODAY)
    posts = Post.objects.filter(group__kind=GroupKind.COMMAND).values_list("title", "kind")
    assert list(posts) == [
        ("第一指挥长", PostKind.JOINT_COMMANDER),
        ("第二指挥长", PostKind.JOINT_COMMANDER),
        ("常务副指挥长", PostKind.EXECUTIVE_DEPUTY),
    ]


def test_a_leading_group_gets_its_office(place: Place) -> None:
    """002-16 领导小组＋办公室."""
    structures.lay_out(SYSTEM, place.city, template("领导小组＋办公室").lines, on=TODAY)
    office = place.city.groups.get(kind=GroupKind.OFFICE)
    assert office.superior is not None
    assert (office.superior.kind, office.superior.name) == (
        GroupKind.LEADING, "安和市平安建设领导小组",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ("", "template-empty", None),
        ("专班 | 甲\n小队 | 乙", "template-kind", 2),
        ("专班 |  ", "template-name", 1),
        ("专班 | 甲\n\n专班 | 甲", "template-name-twice", 3),
        ("专班 | 甲 | 乙\n指挥部 | 乙", "template-superior", 1),
        ("专班 | 甲 | | 组长 | 罚款", "template-duty", 1),
        (f"专班 | 甲 | | {'长' * 61}", "template-post", 1),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_number(
    lines: str, code: str, line: int | None
) -> None:
    with pytest.raises(Problem) as refused:
        layouts.read_parts(lines)
    assert refused.value.code == code
    assert refused.value.values.get("line") == line


def test_lines_pasted_from_excel_are_understood() -> None:
    parts = layouts.read_parts("指挥部\t甲\n专项组\t乙\t甲\t组长，联络员")
    assert [part.kind for part in parts] == [GroupKind.COMMAND, GroupKind.WORKING]
    assert parts[1].posts == ("组长", "联络员")


def test_a_name_that_becomes_too_long_or_double_with_the_region_is_refused() -> None:
    for lines in (f"专班 | {{region}}{'组' * 90}", "专班 | 云山县甲\n专班 | {region}甲"):
        with pytest.raises(Problem) as refused:
            layouts.plan(layouts.read_parts(lines), "云山县" * 5 if "组" in lines else "云山县", {})
        assert refused.value.code in ("template-name", "template-name-twice")


def test_what_would_be_made_is_shown_edited_and_only_then_made(
    place: Place, browse: Callable[..., Any]
) -> None:
    """004-02, by screen: preview, editable, each county repeats it."""
    stored = template("一办两组六专班")
    url = f"/organisation/templates/{stored.pk}/lay-out/"
    lines = stored.lines.replace("“利剑护蕾”专班", "校园安全专班")
    sent = {"region": "云山县 439901000000", "lines": lines}
    page = body(browse(COUNTY_OFFICE, url, {**sent, "preview": ""}))
    assert "云山县校园安全专班" in page
    assert not Group.objects.exists()
    answer = browse(COUNTY_OFFICE, url, {**sent, "apply": ""})
    assert answer.status_code == 302
    assert Group.objects.filter(name="云山县校园安全专班").exists()
    assert "云山县校园安全专班" in body(browse(COUNTY_OFFICE, answer["Location"]))
    again = body(browse(COUNTY_OFFICE, url, {**sent, "preview": ""}))
    assert again.count("保持不变") == 10


def test_the_office_of_a_county_lays_nothing_out_elsewhere(
    place: Place, browse: Callable[..., Any]
) -> None:
    url = f"/organisation/templates/{template('一办两组六专班').pk}/lay-out/"
    sent = {"region": "临江县", "lines": "专班 | 甲专班", "apply": ""}
    with pytest.raises(Problem) as refused:
        browse(COUNTY_OFFICE, url, sent)
    assert refused.value.code == "not-permitted"


def test_a_wrong_line_is_told_beside_the_lines(place: Place, browse: Callable[..., Any]) -> None:
    sent = {"name": "新模板", "lines": "小队 | 甲"}
    answer = browse(OFFICE, "/organisation/templates/add/", sent)
    assert answer.status_code == 422
    assert "第1行" in body(answer)
    assert 'id="id_lines_error"' in body(answer)
    assert (
        browse(OFFICE, "/organisation/templates/add/", {**sent, "lines": "专班 | 甲"})["Location"]
        == StructureTemplate.objects.get(name="新模板").get_absolute_url()
    )
