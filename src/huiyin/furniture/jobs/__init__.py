"""Jobs: work done behind the page, in a worker, with progress for who started it.

A room declares its jobs in its ``jobs.py``, which every process reads at start::

    @job("territory.import_divisions", title=_("Import divisions"), resumable=True)
    def import_divisions(progress: Progress, upload: int) -> dict[str, object]:
        progress(40, phase=_("Writing"))  # raises Cancelled when asked to stop
        return {"added": 41_352}

and starts one with ``start(actor, import_divisions, upload=upload.pk)``. It is queued in the
transaction of who asks: rolled back, it never was. Its page is ``furniture:job``.
Commands and tests do the work here and now: ``import_divisions(Progress(actor), upload=...)``.
"""

from __future__ import annotations

from huiyin.furniture.jobs.progress import Cancelled, Progress
from huiyin.furniture.jobs.queue import cancel, start
from huiyin.furniture.jobs.registry import Task, job, periodic

__all__ = ["Cancelled", "Progress", "Task", "cancel", "job", "periodic", "start"]
