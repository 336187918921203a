"""``huiyin check``: what of the configuration is missing or unsafe for production, and the way out.

Each check looks at facts gathered once (:class:`Facts`) and needs neither network nor clock.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huiyin.audit.models import Event
from huiyin.site import acts
from huiyin.site.embedded import Cluster
from huiyin.site.running.migrating import pending

#: A backup older than this is none; a worker silent for so long is gone.
BACKUP_WITHIN, WORKER_WITHIN = timedelta(days=7), timedelta(minutes=1)
SPACE_NEEDED = 2 * 2**30  # bytes
LOCAL = {"localhost", "127.0.0.1", "[::1]", "testserver"}


class Level(StrEnum):
    """How much a finding matters."""

    GOOD = "good"
    ADVICE = "advice"
    UNSAFE = "unsafe"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        code: stable name of the check.
        level: how much it matters.
        message: what is so, and the way out.
        values: what fills the message.
    """

    code: str
    level: Level
    message: str | Promise
    values: Mapping[str, Any]

    def told(self) -> str:
        """The message in the language now active."""
        return str(self.message).format(**self.values)


@dataclass(frozen=True)
class Facts:
    """What the checks look at.

    Attributes:
        environment: the variables of the process.
        data: the data folder.
        hosts: under which names the site answers.
        embedded: whether the database is the embedded server.
        pending: migrations that the database lacks.
        backup_at: when the last backup was made.
        heard_at: when a worker was last heard of.
        free: bytes free on the disk of the data folder.
    """

    environment: Mapping[str, str]
    data: Path
    hosts: tuple[str, ...]
    https: bool
    debug: bool
    embedded: bool
    mail: bool
    zone: str
    pending: int
    backup_at: datetime | None
    heard_at: datetime | None
    free: int
    now: datetime


Check = Callable[[Facts], tuple[Level, str | Promise, dict[str, Any]]]
CHECKS: dict[str, Check] = {}


def _named(code: str) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        CHECKS[code] = check
        return check

    return keep


@_named("debug")
def _debug(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if facts.debug:
        return (
            Level.UNSAFE,
            _("DEBUG is on: failures show the inside of the program. Turn DEBUG off."),
            {},
        )
    return Level.GOOD, _("DEBUG is off."), {}


@_named("secret")
def _secret(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if facts.environment.get("HUIYIN_SECRET_KEY"):
        if len(facts.environment["HUIYIN_SECRET_KEY"]) < 40:
            return Level.UNSAFE, _("HUIYIN_SECRET_KEY is short. Give 40 characters or more."), {}
        return Level.GOOD, _("The secret comes from the environment."), {}
    folder = facts.data / "secrets"
    if _others_may_read(folder):
        words = _("Others on this machine can read {folder}. Run: chmod -R go= {folder}")
        return Level.UNSAFE, words, {"folder": folder}
    words = _(
        "The secret is a file in {folder}. It is in no backup: keep a copy in another place, or set"
        " HUIYIN_SECRET_KEY."
    )
    return Level.ADVICE, words, {"folder": folder}


@_named("https")
def _https(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if facts.https:
        return Level.GOOD, _("People reach the site by HTTPS only."), {}
    words = _(
        "Passwords travel unprotected. Put a proxy with a certificate before the site and set"
        " HUIYIN_HTTPS=yes."
    )
    return (Level.ADVICE if set(facts.hosts) <= LOCAL else Level.UNSAFE), words, {}


@_named("hosts")
def _hosts(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if "*" in facts.hosts:
        words = _("The site answers under any name. Set HUIYIN_HOSTS to its own names.")
        return Level.UNSAFE, words, {}
    if set(facts.hosts) <= LOCAL:
        words = _(
            "The site answers on this machine only. Set HUIYIN_HOSTS to its names, such as"
            " huiyin.example.gov.cn."
        )
        return Level.ADVICE, words, {}
    return Level.GOOD, _("The site answers as {hosts}."), {"hosts": ", ".join(facts.hosts)}


@_named("database")
def _database(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if facts.embedded:
        words = _(
            "The database is the embedded server. For more than a trial, run a PostgreSQL of your"
            " own with continuous archiving and name it in DATABASE_URL."
        )
        return Level.ADVICE, words, {}
    return Level.GOOD, _("The database is the server that DATABASE_URL names."), {}


@_named("migrations")
def _migrations(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if facts.pending:
        words = _("The database lacks {count} changes of this version. Run: huiyin migrate")
        return Level.UNSAFE, words, {"count": facts.pending}
    return Level.GOOD, _("The database is up to date."), {}


@_named("backup")
def _backup(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if facts.backup_at is None:
        words = _("No backup was ever made. Run huiyin backup FILE every day, to another machine.")
        return Level.UNSAFE, words, {}
    age = facts.now - facts.backup_at
    if age > BACKUP_WITHIN:
        words = _("The last backup is {days} days old. Run huiyin backup FILE every day.")
        return Level.UNSAFE, words, {"days": age.days}
    return Level.GOOD, _("The last backup is of {day}."), {"day": f"{facts.backup_at:%Y-%m-%d}"}


@_named("worker")
def _worker(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if facts.heard_at is None or facts.now - facts.heard_at > WORKER_WITHIN:
        words = _("No worker runs: jobs wait. Run huiyin serve, or huiyin worker beside it.")
        return Level.UNSAFE, words, {}
    return Level.GOOD, _("A worker runs."), {}


@_named("mail")
def _mail(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if not facts.mail:
        words = _("No mail is sent: invitations are handed over by hand. Set HUIYIN_MAIL.")
        return Level.ADVICE, words, {}
    return Level.GOOD, _("Mail is sent."), {}


@_named("time-zone")
def _zone(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    if facts.zone not in available_timezones():
        words = _("“{zone}” is no time zone. Set HUIYIN_TIME_ZONE, such as Asia/Shanghai.")
        return Level.UNSAFE, words, {"zone": facts.zone}
    return Level.GOOD, _("Days begin in the time zone {zone}."), {"zone": facts.zone}


@_named("disk")
def _disk(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    values = {"folder": facts.data, "free": f"{facts.free / 2**30:.1f}"}
    if facts.free < SPACE_NEEDED:
        words = _("Only {free} GB are free where {folder} is. Make room, or move the folder.")
        return Level.UNSAFE, words, values
    return Level.GOOD, _("{free} GB are free where {folder} is."), values


@_named("data-folder")
def _folder(facts: Facts) -> tuple[Level, str | Promise, dict[str, Any]]:
    uploads = facts.data / "uploads"
    if _others_may_read(uploads):
        words = _("Others on this machine can read {folder}. Run: chmod -R go= {folder}")
        return Level.UNSAFE, words, {"folder": uploads}
    return Level.GOOD, _("Only the site's user can read what was handed in."), {}


def _others_may_read(folder: Path) -> bool:
    return folder.exists() and bool(folder.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def findings(facts: Facts) -> Iterator[Finding]:
    """What every check found, in a fixed order."""
    for code, look in CHECKS.items():
        level, message, values = look(facts)
        yield Finding(code, level, message, values)


def gather(now: datetime) -> Facts:
    """The facts of this installation."""
    missing = pending()
    return Facts(
        environment=os.environ,
        data=settings.DATA,
        hosts=tuple(settings.ALLOWED_HOSTS),
        https=settings.HTTPS,
        debug=settings.DEBUG,
        embedded=os.environ.get("DATABASE_URL") == Cluster(settings.DATA).url,
        mail=bool(os.environ.get("HUIYIN_MAIL", "").strip()),
        zone=settings.TIME_ZONE,
        pending=len(missing),
        backup_at=None if missing else _last_backup(),
        heard_at=None if missing else _last_heard(),
        free=shutil.disk_usage(settings.DATA).free,
        now=now,
    )


def _last_backup() -> datetime | None:
    made = Event.objects.filter(act=acts.MAKE_BACKUP.name).order_by("-at")
    return made.values_list("at", flat=True).first()


def _last_heard() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        row = cursor.fetchone()
    return row[0] if row else None


def report(found: list[Finding]) -> str:
    """The findings as lines for a console."""
    marks = {Level.GOOD: "✓", Level.ADVICE: "·", Level.UNSAFE: "✗"}
    lines = [f"{marks[each.level]} {each.told()}" for each in found]
    last = _("Nothing unsafe was found.") if is_safe(found) else _("Not fit for production yet.")
    return "\n".join([*lines, str(last)])


def report_json(found: list[Finding]) -> str:
    """The findings as one JSON object, in both languages."""
    said = {"safe": is_safe(found), "findings": [_as_dict(each) for each in found]}
    return json.dumps(said, ensure_ascii=False, indent=1)


def is_safe(found: list[Finding]) -> bool:
    return all(each.level is not Level.UNSAFE for each in found)


def _as_dict(finding: Finding) -> dict[str, object]:
    said = {}
    for language, code in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(code):
            said[language] = finding.told()
    return {"code": finding.code, "level": finding.level.value, "message": said}
