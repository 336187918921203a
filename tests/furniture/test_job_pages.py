"""The pages of jobs: one's own in full, of others' only that they work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huiyin.audit.models import Event
from huiyin.furniture.models import Job, JobStatus
from huiyin.organisation.models import Account, Holding
from huiyin.organisation.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


def account(name: str, role: Role) -> Account:
    made = Account.objects.create(username=name)
    Holding.objects.create(account=made, role=role)
    return made


@pytest.fixture
def chen() -> Account:
    return account("chen", Role.OFFICE)


def running(of: Account | None, **values: Any) -> Job:
    return Job.objects.create(
        **{
            "task": "furniture.read_import",
            "title": "区划.xlsx",
            "account": of and of.pk,
            "status": JobStatus.RUNNING,
            "percent": 40,
            "phase": "Writing 3",
            "started_at": datetime.now(UTC) - timedelta(seconds=119),
        }
        | values
    )


def signed_in(reader: Account) -> Client:
    """A browser of somebody who chose English by the switch."""
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(reader)
    return client


def seen_by(reader: Account, url: str, **headers: str) -> Any:
    return signed_in(reader).get(url, headers=headers)


def page(job: Job) -> str:
    return reverse("furniture:job", args=[job.pk])


def test_a_job_that_works_says_how_far_it_is_and_when_it_ends(chen: Account) -> None:
    text = seen_by(chen, page(running(chen))).content.decode()
    assert "Writing 3" in text
    assert "40 %" in text
    assert "about 3 minutes left" in text
    assert 'hx-trigger="every 2s"' in text


def test_asked_again_by_the_page_only_the_part_that_changes_is_sent(chen: Account) -> None:
    text = seen_by(chen, page(running(chen)), **{"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert 'id="job"' in text


def test_a_job_that_ended_asks_no_more_and_leads_to_what_came_of_it(chen: Account) -> None:
    done = running(chen, status="done", percent=100, ended_at=NOW, result={"url": "/territory/"})
    text = seen_by(chen, page(done)).content.decode()
    assert "hx-trigger" not in text
    assert 'href="/territory/"' in text


def test_a_job_that_failed_says_why_and_what_to_do(chen: Account) -> None:
    problem = {"code": "job-lost", "place": "", "values": {}}
    failed = running(chen, status="failed", ended_at=NOW, problem=problem)
    assert "start it again" in seen_by(chen, page(failed)).content.decode()


def test_somebody_elses_job_is_not_shown(chen: Account) -> None:
    liu = account("liu", Role.OFFICE)
    assert seen_by(liu, page(running(chen))).status_code == 403
    listed = seen_by(liu, reverse("furniture:jobs")).content.decode()
    assert "区划.xlsx" not in listed


def test_the_administrator_sees_that_it_works_but_neither_message_nor_result(
    chen: Account,
) -> None:
    keeper = account("keeper", Role.ADMINISTRATOR)
    done = running(chen, message="41,352 rows", result={"told": "secret of chen"})
    text = seen_by(keeper, page(done)).content.decode()
    assert "区划.xlsx" in text
    assert "41,352 rows" not in text
    assert "secret of chen" not in text
    assert "区划.xlsx" in seen_by(keeper, reverse("furniture:jobs")).content.decode()


def test_stopping_asks_first_then_leaves_an_event(chen: Account) -> None:
    job = running(chen)
    client = signed_in(chen)
    url = reverse("furniture:cancel_job", args=[job.pk])
    assert "stops at its next step" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    job.refresh_from_db()
    assert job.cancel_asked
    assert Event.objects.get(act="furniture.cancel_job").label == str(job)


def test_what_has_ended_cannot_be_stopped(chen: Account) -> None:
    done = running(chen, status="done", ended_at=NOW)
    client = signed_in(chen)
    answer = client.post(reverse("furniture:cancel_job", args=[done.pk]))
    assert answer.status_code == 409


def test_a_job_that_is_not_there_is_not_found(chen: Account) -> None:
    assert seen_by(chen, reverse("furniture:job", args=[999])).status_code == 404


def test_jobs_are_forgotten_after_ninety_days_and_the_systems_own_after_three() -> None:
    from huiyin.furniture.jobs import Progress
    from huiyin.furniture.jobs.tidying import forget_jobs

    today = datetime.now(UTC)
    kept = account("chen", Role.OFFICE)
    for days, of in ((89, kept), (91, kept), (2, None), (4, None)):
        running(of, status="done", title=f"{days}", ended_at=today - timedelta(days=days))
    forget_jobs(Progress())
    assert set(Job.objects.values_list("title", flat=True)) == {"89", "2"}
