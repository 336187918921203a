"""Figures for Prometheus: requests by view, and the state of database, jobs and audit.

Several processes answer requests. Each keeps its own counts in a folder that they share, and
whichever is asked adds them up. What the database knows is read when it is asked for.
"""

from __future__ import annotations

import hmac
import os
import shutil
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from huiyin.furniture.views import open_to_all
from huiyin.problems import METRICS_CLOSED
from huiyin.site.logs import view_of

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


def _folder() -> Path:
    """Where the processes of one supervisor keep their counts; those of earlier ones go."""
    together = settings.DATA / "metrics"
    mine = together / os.environ.get("HUIYIN_SUPERVISOR", "0")
    mine.mkdir(parents=True, exist_ok=True)
    for other in together.iterdir():
        if other != mine and not Path("/proc", other.name).exists():
            shutil.rmtree(other, ignore_errors=True)
    return mine


os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(_folder()))  # read when it is imported

from prometheus_client import (  # noqa: E402
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

REQUESTS = Counter(
    "huiyin_requests", "Requests by view, method and status", ("view", "method", "status")
)
SECONDS = Histogram(
    "huiyin_request_seconds",
    "Seconds until a request was answered, by view",
    ("view",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class MetricsMiddleware:
    """Counts each request under the name of its view: never under its address."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.respond(request)
        view = view_of(request) or "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, str(response.status_code)).inc()
        SECONDS.labels(view).observe(time.perf_counter() - started)
        return response


@require_safe
@open_to_all
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as text.

    Whoever asks shows the token of ``HUIYIN_METRICS_TOKEN``. Where none is set, only this machine
    itself is answered, and nothing that came through a proxy.

    Raises:
        Problem: ``metrics-closed``.
    """
    if not permitted(request):
        raise METRICS_CLOSED()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_State())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def permitted(request: HttpRequest) -> bool:
    """Whether the figures are for whoever asks."""
    token = os.environ.get("HUIYIN_METRICS_TOKEN", "")
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    return not forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return not address  # a Unix socket has none


class _State:
    """What the database says of itself, of jobs and of the audit. Down, it says only that."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("huiyin_database_up", "Whether the database answers")
        try:
            found = list(_of_database())
        except Error:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found


def _of_database() -> Iterator[Metric]:
    yield _gauge(
        "huiyin_database_bytes",
        "Size of the database",
        "SELECT pg_database_size(current_database())",
    )
    yield _gauge(
        "huiyin_database_connections",
        "Connections to the database by state",
        "SELECT coalesce(state, 'none'), count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() GROUP BY 1",
        ["state"],
    )
    yield _gauge(
        "huiyin_jobs",
        "Jobs by status",
        "SELECT status, count(*) FROM furniture_job GROUP BY 1",
        ["status"],
    )
    yield _gauge(
        "huiyin_audit_events",
        "Events in each lane of the audit",
        "SELECT number::text, length FROM audit_lane ORDER BY number",
        ["lane"],
    )
    yield _age("huiyin_audit_last_event_age_seconds", "Since the last event of the audit", "true")
    yield _age(
        "huiyin_audit_last_seal_age_seconds",
        "Since the audit was sealed",
        "act = 'audit.seal_chain'",
    )
    yield _age(
        "huiyin_audit_last_verification_age_seconds",
        "Since the audit was verified",
        "act = 'audit.verify_chain'",
    )
    yield _gauge(
        "huiyin_audit_findings",
        "What the last verification of the audit found",
        "SELECT coalesce((SELECT (after->>'count')::bigint FROM audit_event"
        " WHERE act = 'audit.verify_chain' ORDER BY id DESC LIMIT 1), 0)",
    )


def _age(name: str, help_text: str, condition: str) -> Metric:
    """Seconds since the last event of a kind; nothing while there is none."""
    moment = f"SELECT at FROM audit_event WHERE {condition} ORDER BY id DESC LIMIT 1"
    statement = f"SELECT extract(epoch FROM %s - at) FROM ({moment}) AS last"
    return _gauge(name, help_text, statement, values=[timezone.now()])


def _gauge(
    name: str,
    help_text: str,
    statement: str,
    labels: list[str] | None = None,
    values: list[Any] | None = None,
) -> Metric:
    """A gauge from rows of labels and a number."""
    gauge = GaugeMetricFamily(name, help_text, labels=labels or [])
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for *named, number in cursor.fetchall():
            gauge.add_metric([str(each) for each in named], float(number))
    return gauge
