"""Figures for Prometheus: what they count, and who is given them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from huiyin.audit.actions import seal
from huiyin.audit.acts import SYSTEM
from huiyin.audit.models import Event
from huiyin.furniture.models import Job
from huiyin.site import metrics

pytestmark = pytest.mark.django_db


def figures(**headers: str) -> dict[str, float]:
    """By name and labels, as Prometheus reads them."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_requests_are_counted_by_view_method_and_status_and_timed() -> None:
    """P-34"""
    name = 'huiyin_requests_total{method="GET",status="200",view="healthz"}'
    before = figures().get(name, 0)
    Client().get("/healthz")
    after = figures()
    assert after[name] == before + 1
    assert after['huiyin_request_seconds_count{view="healthz"}'] >= 1


def test_no_figure_names_an_address_that_somebody_asked_for() -> None:
    """P-34"""
    Client().get("/li.ming/13812345678/")
    Client().generic("LIMING", "/healthz")
    text = Client().get("/metrics").content.decode()
    assert "ming" not in text.lower()
    assert 'view="none"' in text
    assert not re.search(r"1[3-9]\d{9}(?!\d)", re.sub(r"[\d.]+e[+-]\d+|\d+\.\d+", "", text))


def test_database_jobs_and_audit_are_told() -> None:
    """P-34"""
    Job.objects.create(task="trial.work", status="waiting")
    seal(SYSTEM)
    told = figures()
    assert told["huiyin_database_up"] == 1
    assert told["huiyin_database_bytes"] > 0
    assert told['huiyin_jobs{status="waiting"}'] == 1
    assert len([name for name in told if name.startswith("huiyin_audit_events{")]) == 16
    assert "huiyin_audit_last_verification_age_seconds" not in told


def test_the_age_of_the_last_event_and_of_the_last_seal_grow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """P-34"""
    at = seal(SYSTEM).at
    later = at + timedelta(hours=2)
    monkeypatch.setattr(metrics.timezone, "now", lambda: later)
    ages = {each.name: each.samples[0].value for each in metrics._of_database() if each.samples}
    assert ages["huiyin_audit_last_seal_age_seconds"] == pytest.approx(7200)
    assert ages["huiyin_audit_last_event_age_seconds"] == pytest.approx(7200)
    assert Event.objects.get().at < timezone.now()


def test_a_database_that_does_not_answer_is_a_figure_and_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """P-34"""

    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(metrics, "_of_database", refuse)
    assert figures()["huiyin_database_up"] == 0


@pytest.mark.parametrize(
    ("address", "headers", "given"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("10.0.0.9", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.9"}, False),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.9"}, False),
        ("10.0.0.9", {"X-Forwarded-For": "127.0.0.1"}, False),
        ("nonsense", {}, False),
    ],
)
def test_without_a_token_only_the_machine_itself_is_answered(
    address: str, headers: dict[str, str], given: bool
) -> None:
    """P-34"""
    answer = Client(REMOTE_ADDR=address).get("/metrics", headers=headers)
    assert answer.status_code == (200 if given else 403)


@pytest.mark.parametrize(
    ("authorization", "given"),
    [("Bearer 秘密abc", False), ("Bearer s3cret", True), ("Bearer s3cre", False), ("", False)],
)
def test_where_a_token_is_set_it_opens_from_anywhere_and_nothing_else_does(
    monkeypatch: pytest.MonkeyPatch, authorization: str, given: bool
) -> None:
    """P-34"""
    monkeypatch.setenv("HUIYIN_METRICS_TOKEN", "s3cret")
    for address in ("127.0.0.1", "10.0.0.9"):
        client = Client(REMOTE_ADDR=address)
        answer = client.get("/metrics", HTTP_AUTHORIZATION=authorization)
        assert answer.status_code == (200 if given else 403)
