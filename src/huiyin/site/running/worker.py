"""``huiyin worker``: runs jobs until it is asked to stop; gives back what it cannot finish."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading

from django.db import OperationalError, close_old_connections
from django.utils import timezone
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from huiyin.furniture.jobs.asking import actors_come_from
from huiyin.furniture.jobs.lost import recover
from huiyin.organisation.queries import actor_of
from huiyin.site.running.processes import watch_parent
from huiyin.site.running.words import say

log = logging.getLogger(__name__)

#: Seconds between two looks for jobs whose worker was killed.
LOOK_EVERY = 5
#: Seconds without database after which the worker ends; whoever watches over it starts it again.
OUT_OF_REACH = 5.0


def work(*, jobs: int, grace: int) -> int:
    """Run jobs until SIGTERM or Ctrl-C.

    Args:
        jobs: how many run at the same time.
        grace: seconds that a running job may go on after that; one that can be resumed is given
            back at its next step.
    """
    actors_come_from(actor_of)
    if "HUIYIN_SUPERVISOR" in os.environ:
        watch_parent(int(os.environ["HUIYIN_SUPERVISOR"]), grace=grace + 2)
    try:
        asyncio.run(_work(_own_app(), jobs, grace))
    except ConnectorException as wrong:
        cause = str(wrong.__cause__ or wrong).strip().splitlines()[0]
        print(
            say(
                f"The worker ends: the database is out of reach ({cause}).",
                f"后台进程退出：无法连接数据库（{cause}）。",
            ),
            file=sys.stderr,
        )
        return 1
    return 0


def _own_app() -> App:
    """Procrastinate on connections of its own; what jobs queue goes over Django's as ever."""
    connector = PsycopgConnector(
        kwargs=connector_params(), timeout=OUT_OF_REACH, reconnect_timeout=OUT_OF_REACH
    )
    return app.with_connector(connector)


async def _work(own: App, jobs: int, grace: int) -> None:
    stopping = threading.Event()
    async with own.open_async():
        looking = asyncio.create_task(_look_for_lost())
        working = asyncio.create_task(
            own.run_worker_async(
                concurrency=jobs,
                shutdown_graceful_timeout=grace,
                install_signal_handlers=False,
                additional_context={"stopping": stopping},
            )
        )
        _stop_on_signal(working, stopping)
        try:
            await working
        except asyncio.CancelledError:
            log.info("worker stopped")
        finally:
            looking.cancel()


def _stop_on_signal(working: asyncio.Task[None], stopping: threading.Event) -> None:
    def stop() -> None:
        if not stopping.is_set():
            stopping.set()
            working.cancel()

    for asked in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(asked, stop)


async def _look_for_lost() -> None:
    while True:
        try:
            await asyncio.to_thread(_recover)
        except OperationalError as wrong:  # the worker itself notices when it stays so
            log.warning("cannot look for lost jobs: %s", str(wrong).splitlines()[0])
        await asyncio.sleep(LOOK_EVERY)


def _recover() -> None:
    close_old_connections()
    for job in recover(timezone.now()):
        log.warning("job %s was lost by its worker: now %s", job.pk, job.status)
