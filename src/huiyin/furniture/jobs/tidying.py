"""What the system does by itself: forget what nobody asks for any more."""

from __future__ import annotations

from datetime import timedelta

from django.core.management import call_command
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huiyin.furniture.exchange import preview
from huiyin.furniture.jobs.progress import Progress
from huiyin.furniture.jobs.registry import periodic
from huiyin.furniture.models import Job

#: Days that the result of a job is kept: somebody's, and the system's own.
KEPT, KEPT_OF_SYSTEM = 90, 3
#: Days within which an import is confirmed, or handed in again.
KEPT_OF_PREVIEW = 7

_FORGET_QUEUED = """
    DELETE FROM procrastinate_jobs queued
    WHERE queued.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
      AND NOT EXISTS (SELECT 1 FROM furniture_job job WHERE job.queue_id = queued.id)
"""


@periodic("furniture.forget_jobs", "20 3 * * *", title=_("Forget old jobs"))
def forget_jobs(progress: Progress) -> dict[str, object]:
    """Remove what ended long ago, with its place in the queue."""
    now = timezone.now()
    old = Q(account=None, ended_at__lt=now - timedelta(days=KEPT_OF_SYSTEM)) | Q(
        ended_at__lt=now - timedelta(days=KEPT)
    )
    removed, _each = Job.objects.filter(old).delete()
    progress(50)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_QUEUED)
    return {"removed": removed}


@periodic("furniture.forget_previews", "30 3 * * *", title=_("Forget old previews of imports"))
def forget_previews(progress: Progress) -> dict[str, object]:
    """Remove the previews that nobody confirmed: they hold what the files held."""
    return {"removed": preview.forget_before(timezone.now() - timedelta(days=KEPT_OF_PREVIEW))}


@periodic("furniture.forget_sessions", "40 3 * * *", title=_("Forget ended sessions"))
def forget_sessions(progress: Progress) -> dict[str, object]:
    """Remove the sessions that have run out."""
    call_command("clearsessions", verbosity=0)
    return {}
