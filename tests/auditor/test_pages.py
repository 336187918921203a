"""The auditor's pages: who sees them, what the list finds, what an event's page says."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation
from tests.audit.cast import Mallory, Write, sql, write
from tests.site.people import office, somebody

from huiyin.audit.acts import SYSTEM
from huiyin.audit.models import Event
from huiyin.audit.verification import unguarded
from huiyin.auditor.home import tasks
from huiyin.auditor.jobs import seal_hourly, verify_nightly
from huiyin.auditor.queries import last_verification
from huiyin.furniture.jobs import Progress
from huiyin.furniture.telling import changes_of
from huiyin.organisation.models import Unit
from huiyin.organisation.roles import Role

__all__ = ["write"]
pytestmark = pytest.mark.django_db


def browse(role: Role = Role.AUDITOR, unit: Unit | None = None) -> Client:
    client = Client(headers={"accept-language": "zh-cn"})
    client.force_login(somebody(role, username=f"{role.value}.one", unit=unit))
    return client


@pytest.fixture
def auditor(db: None) -> Client:
    return browse()


def labels(client: Client, asked: str) -> list[str]:
    """The objects that the list gives, as exported."""
    content = client.get(f"/audit/?{asked}&columns=label&export=csv").getvalue()
    return [line.strip('"') for line in content.decode("utf-8-sig").splitlines()[1:]]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_nobody_but_an_auditor_reads_the_audit_not_even_the_administrator(role: Role) -> None:
    """P-34. Who manages accounts does not read, and so cannot watch, who audits him."""
    assert browse(role).get("/audit/").status_code == 403


def test_an_auditor_who_belongs_to_a_judged_unit_is_behind_the_wall() -> None:
    """P-34"""
    unit = office()
    Unit.objects.update(judged=True)
    assert browse(unit=unit).get("/audit/").status_code == 403


def test_the_list_finds_parts_of_chinese_names_people_regions_and_days(
    auditor: Client, write: Write
) -> None:
    """P-34"""
    write("东街社区路灯不亮", region="991101001000")
    write("西街社区下水道堵塞", region="991102000000")
    day = f"{timezone.localdate():%Y-%m-%d}"
    past = "2020-01-01"
    for asked, found in {
        "q=社区路灯": ["东街社区路灯不亮"],
        "q=街社区": ["西街社区下水道堵塞", "东街社区路灯不亮"],
        "q=东街 不亮": ["东街社区路灯不亮"],
        "q=灯": ["东街社区路灯不亮"],
        "q=路亮": [],
        "q=%25&act=": [],
        "region=991101000000": ["东街社区路灯不亮"],
        "who=system&region=99": ["西街社区下水道堵塞", "东街社区路灯不亮"],
        "who=sys": [],
        f"region=99&at_from={day}": ["西街社区下水道堵塞", "东街社区路灯不亮"],
        f"region=99&at_to={past}": [],
    }.items():
        assert (asked, labels(auditor, asked)) == (asked, found)


def test_exporting_the_audit_is_itself_recorded(auditor: Client) -> None:
    """P-34"""
    auditor.get("/audit/?export=csv")
    event = Event.objects.get(act="audit.export_events")
    assert event.actor_name == "auditor.one"


def test_a_page_of_events_asks_the_same_few_queries_whatever_its_length(
    auditor: Client, write: Write, django_assert_max_num_queries: object
) -> None:
    """P-34"""
    for _ in range(60):
        write()
    auditor.get("/audit/")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert auditor.get("/audit/?size=50").status_code == 200


def test_the_page_of_an_event_says_what_changed_and_that_it_stands(
    auditor: Client, write: Write
) -> None:
    """P-34"""
    write("before")
    event = write("东街社区", people=5000)
    write("after")
    page = auditor.get(f"/audit/{event.pk}/").content.decode()
    for part in ("东街社区", "5000", event.hash, event.previous, "相符"):
        assert part in page
    assert "不符" not in page
    assert "缺失" not in page


def test_the_page_of_a_changed_event_says_that_its_hash_does_not_hold(
    auditor: Client, write: Write
) -> None:
    """P-34"""
    event = write()
    with Mallory() as mallory:
        mallory.change(event, label="x")
    assert "不符" in auditor.get(f"/audit/{event.pk}/").content.decode()


def test_the_page_of_an_event_whose_neighbour_is_gone_says_so(
    auditor: Client, write: Write
) -> None:
    """P-34"""
    gone, event = write(), write()
    with Mallory() as mallory:
        mallory.delete(gone)
    assert "缺失" in auditor.get(f"/audit/{event.pk}/").content.decode()


def test_a_verification_is_recorded_with_its_findings_and_stands_on_the_home_page(
    auditor: Client, write: Write
) -> None:
    """P-34"""
    event = write()
    with Mallory() as mallory:
        mallory.change(event, label="x")
    result = verify_nightly(Progress())
    assert result is not None
    assert result["count"] == 1
    report = last_verification()
    assert report is not None
    page = auditor.get(result["url"]).content.decode()
    assert f"/audit/{event.pk}/" in page
    assert "被改动" in page
    found = list(tasks(SYSTEM, timezone.now()))
    assert [(task.url, task.tone) for task in found] == [(f"/audit/{report.pk}/", "overdue")]


def test_a_chain_not_verified_for_two_days_stands_on_the_home_page_and_a_whole_one_does_not(
    write: Write,
) -> None:
    """P-34"""
    write()
    with Mallory():
        pass  # leaves all guards on
    verify_nightly(Progress())
    report = last_verification()
    assert report is not None
    assert list(tasks(SYSTEM, report.at + timedelta(days=2))) == []
    late = list(tasks(SYSTEM, report.at + timedelta(days=2, seconds=1)))
    assert [task.tone for task in late] == ["near"]


def test_a_guard_that_is_off_stands_on_the_home_page_and_on_the_page_of_the_chain(
    auditor: Client, write: Write
) -> None:
    """P-34"""
    sql("ALTER TABLE audit_event DISABLE TRIGGER audit_event_keep")
    assert "audit_event_keep" in unguarded()
    assert any("audit_event_keep" in str(task.detail) for task in tasks(SYSTEM, timezone.now()))
    assert "audit_event_keep" in auditor.get("/audit/chain/").content.decode()


def test_the_head_is_downloaded_as_the_anchor_that_the_command_takes(
    auditor: Client, write: Write
) -> None:
    """P-34"""
    from huiyin.audit.verification import read_anchor

    write()
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    answer = auditor.get("/audit/chain/head/")
    assert "attachment" in answer["Content-Disposition"]
    assert read_anchor(answer.content.decode(), "head").heads


def test_sealing_by_the_hour_and_by_hand_each_write_a_checkpoint(
    auditor: Client, write: Write
) -> None:
    """P-34"""
    write()
    seal_hourly(Progress())
    assert auditor.post("/audit/chain/seal/").status_code == 302
    seals = Event.objects.filter(act="audit.seal_chain").order_by("id")
    assert [event.actor_name for event in seals] == ["system", "auditor.one"]


def test_verifying_from_the_page_starts_a_job(auditor: Client) -> None:
    """P-34"""
    answer = auditor.post("/audit/chain/verify/")
    assert answer["Location"].startswith("/furniture/jobs/")


def test_an_event_that_is_not_there_is_not_found(auditor: Client) -> None:
    """P-34"""
    assert auditor.get("/audit/99999999/").status_code == 404


def test_the_api_reads_events_and_head_and_changes_nothing(auditor: Client, write: Write) -> None:
    """P-34"""
    event = write("东街社区", region="991101001000")
    listed = json.loads(auditor.get("/api/v1/auditor/events?region=9911&act=trial.try").content)
    assert [each["hash"] for each in listed["results"]] == [event.hash]
    one = json.loads(auditor.get(f"/api/v1/auditor/events/{event.pk}").content)
    assert one["label"] == "东街社区"
    head = json.loads(auditor.get("/api/v1/auditor/head").content)
    assert len(head["head"]) == 64
    for method in (auditor.post, auditor.put, auditor.patch, auditor.delete):
        assert method(f"/api/v1/auditor/events/{event.pk}").status_code == 405


def test_what_is_no_field_of_the_object_is_said_in_words_too() -> None:
    """audit: no key of the program stands on a page; laying out a structure counts its posts"""
    event = Event(kind="organisation.group", after={"posts": 12, "name": ["专班"]})
    with translation.override("zh-hans"):
        assert [change.title for change in changes_of(event)] == ["岗位", "名称"]
