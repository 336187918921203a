"""Whether the site is alive, and whether it can work: for whoever keeps it running.

``/healthz`` answers as long as the process does, and asks nothing of anything else: a process that
does not answer is to be started anew. ``/readyz`` says what the site lacks to do its work: no
requests should be sent to it until that is there. Neither tells a visitor of addresses, versions
or secrets.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from huiyin.furniture.views import open_to_all

log = logging.getLogger(__name__)


@require_safe
@open_to_all
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return _never_kept(JsonResponse({"status": "alive"}))


@require_safe
@open_to_all
def ready(request: HttpRequest) -> HttpResponse:
    """200 if the site can work; 503 if not, with what is missing."""
    found = {name: check() for name, check in CHECKS.items()}
    missing = {name: wrong for name, wrong in found.items() if wrong}
    if missing:
        log.warning("not ready: %s", ", ".join(missing))
    answer = {
        "status": "not ready" if missing else "ready",
        "checks": {name: wrong or "ok" for name, wrong in found.items()},
    }
    return _never_kept(JsonResponse(answer, status=503 if missing else 200))


def _never_kept(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    return response


def database() -> str:
    """What is wrong with the database; "" = it answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "does not answer"
    return ""


def migrations() -> str:
    """Which rooms' tables are not those of this version; "" = all are."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return "cannot be read"
    rooms = sorted({migration.app_label for migration, _backwards in plan})
    return f"not applied: {', '.join(rooms)}; run huiyin migrate" if rooms else ""


def storage() -> str:
    """What is wrong with the folder of uploads; "" = it can be written."""
    folder = Path(settings.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"ready")
            trial.flush()
    except OSError as wrong:
        return f"uploads cannot be written: {os.strerror(wrong.errno or 0).lower()}"
    return ""


def audit() -> str:
    """What is wrong with the audit; "" = acts can be recorded."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_lane")
            lanes = cursor.fetchone()
    except Error:
        return "cannot be read"
    return "" if lanes and lanes[0] else "has no lanes; run huiyin migrate"


#: By name, what gives what is wrong.
CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "storage": storage,
    "audit": audit,
}
