"""Whether the site is alive and can work, as a supervisor or a load balancer asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from huiyin.site import health


def test_a_process_is_alive_without_asking_the_database() -> None:
    """P-34. The test has no database; asking it would fail."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_site_that_has_all_it_needs_is_ready() -> None:
    """P-34"""
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()["checks"].values()) == {"ok"}


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_named_by_its_room_with_the_way_out() -> None:
    """P-34"""
    MigrationRecorder.Migration.objects.filter(app="audit", name="0002_chain").delete()
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == "not applied: audit; run huiyin migrate"


@pytest.mark.django_db
def test_a_folder_of_uploads_that_cannot_be_written_is_named_without_its_path(
    settings: Any, tmp_path: Path
) -> None:
    """P-34"""
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file"
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["storage"].startswith("uploads cannot be written")
    assert str(tmp_path) not in answer.content.decode()


@pytest.mark.django_db
def test_an_audit_without_lanes_cannot_record_and_so_is_not_ready() -> None:
    """P-34"""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_lane DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM audit_lane")
    assert Client().get("/readyz").json()["checks"]["audit"] == "has no lanes; run huiyin migrate"


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_told_without_address_or_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """P-34"""

    def refuse(*_args: object) -> None:
        raise OperationalError("connection to 10.0.0.5 failed for user huiyin password=secret")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    monkeypatch.setattr(health, "MigrationExecutor", refuse)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": "does not answer",
        "migrations": "cannot be read",
        "storage": "ok",
        "audit": "cannot be read",
    }
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_only_read(path: str) -> None:
    """P-34"""
    assert Client().post(path).status_code == 405
