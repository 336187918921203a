"""``huiyin check``: each rule on its own, its way out, both languages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from huiyin.site import checks
from huiyin.site.checks import CHECKS, Facts, Finding, Level, findings

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


@pytest.fixture
def sound(tmp_path: Path) -> Facts:
    """An installation without fault."""
    return Facts(
        environment={"HUIYIN_SECRET_KEY": "k" * 48},
        data=tmp_path,
        hosts=("huiyin.example.gov.cn",),
        https=True,
        debug=False,
        embedded=False,
        mail=True,
        zone="Asia/Shanghai",
        pending=0,
        backup_at=NOW - timedelta(days=1),
        heard_at=NOW - timedelta(seconds=5),
        free=100 * 2**30,
        now=NOW,
    )


def found(facts: Facts, code: str) -> Finding:
    return next(each for each in findings(facts) if each.code == code)


def test_a_sound_installation_has_nothing_to_mend(sound: Facts) -> None:
    everything = list(findings(sound))
    assert [each.code for each in everything if each.level is not Level.GOOD] == []
    assert checks.is_safe(everything)


LONG_AGO = NOW - timedelta(days=8)


@pytest.mark.parametrize(
    ("code", "change", "level", "way_out"),
    [
        ("debug", {"debug": True}, Level.UNSAFE, "DEBUG"),
        ("secret", {"environment": {"HUIYIN_SECRET_KEY": "short"}}, Level.UNSAFE, "40"),
        ("secret", {"environment": {}}, Level.ADVICE, "HUIYIN_SECRET_KEY"),
        ("https", {"https": False}, Level.UNSAFE, "HUIYIN_HTTPS=yes"),
        ("https", {"https": False, "hosts": ("localhost",)}, Level.ADVICE, "HUIYIN_HTTPS=yes"),
        ("hosts", {"hosts": ("*",)}, Level.UNSAFE, "HUIYIN_HOSTS"),
        ("hosts", {"hosts": ("127.0.0.1",)}, Level.ADVICE, "HUIYIN_HOSTS"),
        ("database", {"embedded": True}, Level.ADVICE, "DATABASE_URL"),
        ("migrations", {"pending": 2}, Level.UNSAFE, "huiyin migrate"),
        ("backup", {"backup_at": None}, Level.UNSAFE, "huiyin backup"),
        ("backup", {"backup_at": LONG_AGO}, Level.UNSAFE, "huiyin backup"),
        ("worker", {"heard_at": None}, Level.UNSAFE, "huiyin worker"),
        ("worker", {"heard_at": NOW - timedelta(minutes=2)}, Level.UNSAFE, "huiyin worker"),
        ("mail", {"mail": False}, Level.ADVICE, "HUIYIN_MAIL"),
        ("time-zone", {"zone": "Mars/Olympus"}, Level.UNSAFE, "HUIYIN_TIME_ZONE"),
        ("disk", {"free": 2**30}, Level.UNSAFE, "1.0 GB"),
    ],
)
def test_what_is_missing_or_unsafe_is_told_with_the_way_out_in_both_languages(
    sound: Facts, code: str, change: dict[str, Any], level: Level, way_out: str
) -> None:
    finding = found(replace(sound, **change), code)
    assert finding.level is level
    said = []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said.append(finding.told())
    assert all(way_out in text for text in said)
    assert said[0] != said[1]


@pytest.mark.parametrize(("hours", "level"), [(7 * 24, Level.GOOD), (7 * 24 + 1, Level.UNSAFE)])
def test_a_backup_of_seven_days_passes_and_one_hour_more_fails(
    sound: Facts, hours: int, level: Level
) -> None:
    facts = replace(sound, backup_at=NOW - timedelta(hours=hours))
    assert found(facts, "backup").level is level


@pytest.mark.parametrize(("mode", "level"), [(0o700, Level.GOOD), (0o750, Level.UNSAFE)])
def test_uploads_that_others_may_read_are_unsafe(sound: Facts, mode: int, level: Level) -> None:
    folder = sound.data / "uploads"
    folder.mkdir()
    folder.chmod(mode)
    assert found(sound, "data-folder").level is level


def test_the_json_has_every_check_in_both_languages(sound: Facts) -> None:
    said = json.loads(checks.report_json(list(findings(sound))))
    assert said["safe"] is True
    assert [each["code"] for each in said["findings"]] == list(CHECKS)
    assert all(set(each["message"]) == {"zh", "en"} for each in said["findings"])


@pytest.mark.django_db
def test_the_facts_of_an_installation_are_gathered_with_and_without_tables() -> None:
    facts = checks.gather(NOW)
    assert (facts.pending, facts.backup_at) == (0, None)
    assert facts.free > 0
