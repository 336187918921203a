"""Groups: lead and member units, duties and what they permit, charters, commitments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.organisation.structure_cast import (
    COUNTY_OFFICE,
    INTERVIEWER,
    OFFICE,
    TODAY,
    Place,
    body,
    browse,
    place,
    somebody,
)

from huiyin.audit.acts import ACTS, SYSTEM
from huiyin.audit.models import Event
from huiyin.organisation import acts, rules, unit_queries
from huiyin.organisation.actions import groups
from huiyin.organisation.models import Charter, Duty, Group, GroupKind, Member
from huiyin.organisation.roles import Role
from huiyin.problems import Problem

__all__ = ["browse", "place"]

#: The least that a file must have to be taken for a PDF.
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # noqa: E501


def test_every_act_that_a_duty_permits_is_declared() -> None:
    """001-09: five duties, each a set of acts, none in two of them."""
    assert set(rules.DUTY_ACTS) == set(Duty)
    assert rules.acts_of(Duty) <= set(ACTS)
    assert sum(len(each) for each in rules.DUTY_ACTS.values()) == len(rules.acts_of(Duty))


@given(st.sets(st.sampled_from(list(Duty))))
def test_a_group_can_do_what_its_duties_permit_and_nothing_else(duties: set[Duty]) -> None:
    """001-09 指导、协调、推进、督促、考评."""
    permitted = rules.acts_of(duties)
    for act in rules.acts_of(Duty):
        assert (act in permitted) is (rules.duty_for(act) in duties)


def test_a_group_without_the_duty_to_coordinate_holds_no_meetings(place: Place) -> None:
    """001-09, and the refusal names the duty that is missing."""
    group = place.group(duties=[Duty.GUIDE])
    groups.adopt_charter(SYSTEM, group, adopted_on=TODAY, text="工作规则")
    with pytest.raises(Problem) as refused:
        groups.hold_meeting(
            SYSTEM, group, kind="plenary", held_on=TODAY, chair="王建国", attendees="李明",
            today=TODAY,
        )  # fmt: skip
    assert refused.value.code == "duty-missing"
    assert refused.value.values["duty"] == Duty.COORDINATE.label


def test_a_duty_permits_nobody_whom_the_table_of_roles_does_not(place: Place) -> None:
    group = place.group()
    stranger = somebody(Role.HANDLER, unit=place.government.pk)
    with pytest.raises(Problem) as refused:
        groups.adopt_charter(stranger, group, adopted_on=TODAY, text="工作规则")
    assert refused.value.code == "not-permitted"
    groups.adopt_charter(
        somebody(Role.HANDLER, unit=place.police.pk), group, adopted_on=TODAY, text="工作规则"
    )


def test_the_page_offers_only_what_the_duties_permit(
    place: Place, browse: Callable[..., Any]
) -> None:
    """001-09, by screen."""
    full, narrow = place.group(), place.group("云山县禁毒专班", duties=[Duty.URGE])
    assert "meetings/add/" in body(browse(OFFICE, f"/organisation/groups/{full.pk}/"))
    page = body(browse(OFFICE, f"/organisation/groups/{narrow.pk}/"))
    for offered in ("meetings/add/", "charter/add/", "commitments/add/"):
        assert offered not in page


def test_a_group_has_one_lead_unit_and_member_units_with_their_responsibilities(
    place: Place,
) -> None:
    """000-08 牵头单位主体责任、成员单位职责."""
    group = place.group()
    groups.set_member(SYSTEM, group, place.government, responsibility="入户宣传反诈知识")
    groups.set_member(SYSTEM, group, place.government, responsibility="排查涉诈线索")
    assert group.members.get().responsibility == "排查涉诈线索"
    for act, field in (
        (lambda: groups.set_member(SYSTEM, group, place.police), "unit"),
        (lambda: groups.change_group(SYSTEM, group, lead_unit=place.government), "lead_unit"),
    ):
        with pytest.raises(Problem) as refused:
            act()
        assert (refused.value.code, refused.value.place) == ("lead-and-member", field)


def test_a_unit_is_a_member_once_and_may_leave(place: Place) -> None:
    group = place.group()
    member = groups.set_member(SYSTEM, group, place.government)
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(group=group, unit=place.government)
    groups.remove_member(SYSTEM, member)
    assert not group.members.exists()
    left = Event.objects.latest("pk")
    assert left.before["unit"] == str(place.government)


def test_a_leading_group_has_an_office_below_it(place: Place) -> None:
    """002-16 领导小组下设办公室: and neither can stand below itself."""
    leading = place.group("平安建设领导小组", kind=GroupKind.LEADING)
    office = place.group("领导小组办公室", kind=GroupKind.OFFICE, superior=leading)
    (branch,) = unit_queries.group_tree(Group.objects.order_by("pk"))
    assert [branch.group, branch.below[0].group] == [leading, office]
    with pytest.raises(Problem) as refused:
        groups.change_group(SYSTEM, leading, superior=office)
    assert refused.value.code == "superior-circle"


def test_a_new_edition_of_a_charter_leaves_the_old_one_as_it_was(place: Place) -> None:
    """001-19: make-up, duties and working rules of a group."""
    group = place.group()
    for text in ("第一版规则", "第二版规则"):
        groups.adopt_charter(COUNTY_OFFICE, group, adopted_on=TODAY, text=text)
    assert list(group.charters.values_list("number", "text")) == [
        (2, "第二版规则"), (1, "第一版规则"),
    ]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Charter.objects.create(group=group, number=3, adopted_on=TODAY)


def test_charter_and_commitment_are_attached_as_files_and_given_out_again(
    place: Place, browse: Callable[..., Any], settings: Any, tmp_path: Any
) -> None:
    """001-19 and 001-20 组长表态, by screen."""
    settings.MEDIA_ROOT = tmp_path
    group = place.group()
    at = f"/organisation/groups/{group.pk}"
    sent = {"adopted_on": "2026-11-01", "text": "", "file": SimpleUploadedFile("章程.pdf", PDF)}
    assert browse(OFFICE, f"{at}/charter/add/", sent).status_code == 302
    sent = {
        "signed_by": "王建国", "title": "组长", "signed_on": "2026-11-02", "text": "",
        "file": SimpleUploadedFile("承诺书.pdf", PDF),
    }  # fmt: skip
    assert browse(OFFICE, f"{at}/commitments/add/", sent).status_code == 302
    page = body(browse(OFFICE, f"{at}/"))
    for said in ("章程.pdf", "承诺书.pdf", "组长 王建国"):
        assert said in page
    given = browse(OFFICE, f"/organisation/files/charter/{group.charters.get().pk}/")
    assert b"".join(given.streaming_content) == PDF
    with pytest.raises(Problem) as refused:
        browse(INTERVIEWER, f"/organisation/files/charter/{group.charters.get().pk}/")
    assert refused.value.code == "not-permitted"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"text": ""}, "请填写正文，或者上传附件"),
        ({"text": "", "file": SimpleUploadedFile("章程.pdf", b"MZ\x90 not a document")}, "pdf"),
    ],
)
def test_a_charter_without_words_or_with_a_false_file_is_refused(
    place: Place, browse: Callable[..., Any], sent: dict[str, Any], says: str
) -> None:
    group = place.group()
    url = f"/organisation/groups/{group.pk}/charter/add/"
    answer = browse(OFFICE, url, {"adopted_on": "2026-11-01", **sent})
    assert answer.status_code == 422
    assert says in body(answer)
    assert not group.charters.exists()


def test_the_duty_to_assess_shows_whether_the_groups_units_are_ready(
    place: Place, browse: Callable[..., Any]
) -> None:
    """001-09 考评."""
    group, blind = place.group(), place.group("云山县禁毒专班", duties=[Duty.GUIDE])
    assert "专人专费落实情况" in body(browse(OFFICE, f"/organisation/groups/{group.pk}/"))
    assert "专人专费落实情况" not in body(browse(OFFICE, f"/organisation/groups/{blind.pk}/"))
    assert acts.SEE_GROUP_READINESS.name in rules.DUTY_ACTS[Duty.ASSESS]


def test_interviewers_see_no_groups(place: Place, browse: Callable[..., Any]) -> None:
    group = place.group()
    for url in ("/organisation/groups/", f"/organisation/groups/{group.pk}/"):
        with pytest.raises(Problem) as refused:
            browse(INTERVIEWER, url)
        assert refused.value.code == "not-permitted"
