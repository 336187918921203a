"""Jobs: queued with their asker's transaction, told of while they work, ended exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from huiyin.audit.acts import SYSTEM
from huiyin.furniture.jobs import (
    Cancelled,
    Progress,
    Task,
    cancel,
    job,
    periodic,
    running,
    start,
    telling,
)
from huiyin.furniture.jobs.asking import actors_come_from, asker
from huiyin.furniture.jobs.lost import recover
from huiyin.furniture.jobs.registry import TASKS
from huiyin.furniture.jobs.rules import estimated_end, rounded
from huiyin.furniture.models import Job, JobStatus
from huiyin.organisation.models import Account
from huiyin.organisation.queries import actor_of
from huiyin.problems import JOB_ENDED

NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_tasks() -> Iterator[None]:
    """Jobs declared by a test are forgotten after it."""
    known = dict(TASKS)
    yield
    TASKS.clear()
    TASKS.update(known)


def declared(work: Any, **options: Any) -> Task:
    return job("trial.work", title="Trial", **options)(work)


def run(started: Job, *, leaving: bool = False, actor: Any = SYSTEM, **arguments: Any) -> Job:
    """What a worker does with a job of the queue."""
    running.run(started.pk, arguments, asker(actor), lambda resumable: leaving)
    started.refresh_from_db()
    return started


def state_of_queue(of: Job) -> str:
    return str(ProcrastinateJob.objects.get(pk=of.queue_id).status)


# --- declaring ---------------------------------------------------------------------------------


def test_a_job_is_declared_once_and_named_room_and_verb() -> None:
    declared(lambda progress: None)
    with pytest.raises(ValueError, match="twice"):
        declared(lambda progress: None)
    with pytest.raises(ValueError, match=r"room\.verb"):
        job("trial", title="Trial")(lambda progress: None)


def test_a_periodic_job_runs_alone_and_is_resumed() -> None:
    task = periodic("trial.tick", "*/5 * * * *", title="Tick")(lambda progress: None)
    assert (task.alone, task.resumable) == ("trial.tick", True)


# --- the end, estimated ------------------------------------------------------------------------


def test_a_job_at_a_quarter_after_one_minute_ends_in_three() -> None:
    assert estimated_end(NOW - timedelta(minutes=1), 25, NOW) == NOW + timedelta(minutes=3)


@pytest.mark.parametrize(("started", "percent"), [(None, 50), (NOW, 50), (-1, 4), (-1, 100)])
def test_too_early_or_over_nothing_is_said_of_the_end(started: Any, percent: int) -> None:
    begun = NOW - timedelta(minutes=1) if started == -1 else started
    assert estimated_end(begun, percent, NOW) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, (10, "second")), (41, (50, "second")), (51, (1, "minute")), (61, (2, "minute"))],
)
def test_a_time_left_is_rounded_up(seconds: int, said: tuple[int, str]) -> None:
    assert rounded(timedelta(seconds=seconds)) == said


# --- running -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_job_asked_for_in_a_transaction_that_fails_never_was() -> None:
    task = declared(lambda progress: None)
    with transaction.atomic():
        started = start(SYSTEM, task)
        assert state_of_queue(started) == "todo"
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_while_the_jobs_own_transaction_is_open() -> None:
    seen: list[tuple[int, str, str]] = []

    def work(progress: Progress, rows: int) -> dict[str, Any]:
        with transaction.atomic():
            Account.objects.create(username="made")
            progress(40, phase="Writing", message=f"{rows} rows")
            seen.append(Job.objects.values_list("percent", "phase", "status").get())
        return {"rows": rows}

    done = run(start(SYSTEM, declared(work), "file.xlsx", rows=3), rows=3)
    assert seen == [(40, "Writing", "running")]
    assert (done.status, done.percent, done.result) == ("done", 100, {"rows": 3})
    assert done.ended_at >= done.started_at


@pytest.mark.django_db(transaction=True)
def test_a_job_asked_to_stop_stops_at_its_next_step_and_its_transaction_is_undone() -> None:
    def work(progress: Progress) -> None:
        with transaction.atomic():
            Account.objects.create(username="made")
            _ask_from_elsewhere()
            progress(50)
            raise AssertionError("went on")

    stopped = run(start(SYSTEM, declared(work)))
    assert stopped.status == JobStatus.CANCELLED
    assert not Account.objects.filter(username="made").exists()


def _ask_from_elsewhere() -> None:
    from django.db import connection

    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("UPDATE furniture_job SET cancel_asked = true")
    other.close()


@pytest.mark.django_db(transaction=True)
def test_a_waiting_job_is_taken_off_the_queue_and_never_runs() -> None:
    started = start(SYSTEM, declared(lambda progress: pytest.fail("ran")))
    assert cancel(started, NOW).status == JobStatus.CANCELLED
    assert state_of_queue(started) == "cancelled"
    assert run(started).status == JobStatus.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_a_problem_is_kept_by_its_code_and_told_in_the_readers_language() -> None:
    def work(progress: Progress) -> None:
        raise JOB_ENDED(place="row 3")

    failed = run(start(SYSTEM, declared(work)))
    assert failed.status == JobStatus.FAILED
    with translation.override("en"):
        english = str(telling.told(failed.problem))
    with translation.override("zh-hans"):
        chinese = str(telling.told(failed.problem))
    assert english.startswith("row 3: This has ended already")
    assert chinese == "row 3: 该任务已经结束，无需终止。"


@pytest.mark.django_db(transaction=True)
def test_a_fault_of_ours_is_told_by_a_number_that_the_log_has_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work(progress: Progress) -> None:
        raise ZeroDivisionError("secret words")

    failed = run(start(SYSTEM, declared(work)))
    assert failed.problem["code"] == "our-fault"
    assert "secret words" not in str(failed.problem)
    assert failed.problem["values"]["reference"] == caplog.records[-1].reference  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_the_database_out_of_reach_is_tried_again_as_often_as_declared_then_fails() -> None:
    def work(progress: Progress) -> None:
        raise OperationalError("gone")

    started = start(SYSTEM, declared(work, retries=1))
    with pytest.raises(running.TryAgain) as again:
        run(started)
    assert again.value.seconds == 10
    started.refresh_from_db()
    assert started.status == JobStatus.WAITING
    assert run(started).status == JobStatus.FAILED


@pytest.mark.django_db(transaction=True)
def test_a_job_that_another_worker_holds_is_not_run_twice() -> None:
    started = start(SYSTEM, declared(lambda progress: pytest.fail("ran twice")))
    with running.line(started.pk) as elsewhere:
        assert elsewhere.hold()
        with pytest.raises(running.TryAgain):
            run(started)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_leaves_gives_back_what_can_be_resumed_and_fails_the_rest() -> None:
    for resumable in (True, False):
        TASKS.pop("trial.work", None)
        task = declared(lambda progress: progress(10), resumable=resumable)
        started = start(SYSTEM, task)
        if resumable:
            with pytest.raises(running.TryAgain):
                run(started, leaving=True)
            started.refresh_from_db()
            assert started.status == JobStatus.WAITING
        else:
            assert run(started, leaving=True).problem["code"] == "job-lost"


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_account_was_closed_meanwhile_does_not_run() -> None:
    actors_come_from(actor_of)
    account = Account.objects.create(username="chen", is_active=True)
    actor = actor_of(account, NOW.date())
    started = start(actor, declared(lambda progress: pytest.fail("ran")))
    account.is_active = False
    account.save()
    assert run(started, actor=actor).problem["code"] == "job-without-owner"


@pytest.mark.django_db(transaction=True)
def test_a_job_speaks_the_language_of_who_asked() -> None:
    spoken: list[str] = []
    with translation.override("en"):
        started = start(SYSTEM, declared(lambda progress: spoken.append(_("Chinese"))))
        asked = asker(SYSTEM)
    with translation.override("zh-hans"):
        running.run(started.pk, {}, asked, lambda resumable: False)
    assert spoken == ["Chinese"]


# --- lost --------------------------------------------------------------------------------------


def lost(task: Task, *, attempts: int = 1) -> Job:
    """A job as a worker leaves it that was killed."""
    started = start(SYSTEM, task)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [started.queue_id]
        )
    started.status, started.attempts, started.started_at = JobStatus.RUNNING, attempts, NOW
    started.save()
    return started


@pytest.mark.django_db(transaction=True)
def test_a_lost_job_that_can_be_resumed_waits_again_and_runs() -> None:
    started = lost(declared(lambda progress: {"ran": True}, resumable=True))
    assert [found.status for found in recover(NOW)] == [JobStatus.WAITING]
    assert state_of_queue(started) == "todo"
    assert run(started).result == {"ran": True}


@pytest.mark.django_db(transaction=True)
def test_a_lost_job_that_cannot_be_resumed_fails_and_says_what_to_do() -> None:
    started = lost(declared(lambda progress: None))
    (found,) = recover(NOW)
    assert (found.status, found.problem["code"]) == (JobStatus.FAILED, "job-lost")
    assert state_of_queue(started) == "failed"


@pytest.mark.django_db(transaction=True)
def test_a_job_that_lost_its_worker_three_times_is_resumed_no_more() -> None:
    lost(declared(lambda progress: None, resumable=True), attempts=3)
    assert [found.status for found in recover(NOW)] == [JobStatus.FAILED]


@pytest.mark.django_db(transaction=True)
def test_a_job_that_runs_is_not_taken_for_lost() -> None:
    started = lost(declared(lambda progress: None, resumable=True))
    with running.line(started.pk) as held:
        held.hold()
        assert recover(NOW) == []


def test_the_work_can_be_done_here_and_now() -> None:
    task = declared(lambda progress, rows: {"rows": rows})
    assert task(Progress(), rows=2) == {"rows": 2}
    stop = Progress(tell=lambda *said: running.Asked.CANCEL)
    with pytest.raises(Cancelled):
        stop(10)
