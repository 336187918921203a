"""A worker with jobs to be killed in, run by ``test_jobs_killed.py`` as a process of its own."""

from __future__ import annotations

import os
import time
from pathlib import Path

from huiyin.site.running.session import prepare_django

prepare_django()

from huiyin.furniture.jobs import Progress, job  # noqa: E402
from huiyin.site.running.worker import work  # noqa: E402

MARKS = Path(os.environ["HUIYIN_TEST_MARKS"])


def slow(progress: Progress, name: str) -> dict[str, object]:
    """Say that it began, then take its time unless the test lets it go."""
    with MARKS.joinpath(name).open("a") as marks:
        marks.write("begun\n")
    while not MARKS.joinpath(f"{name}.go").exists():
        progress(30, phase="Waiting")
        time.sleep(0.05)
    return {"attempts": len(MARKS.joinpath(name).read_text().splitlines())}


job("trial.slow", title="Slow", resumable=True)(slow)
job("trial.fragile", title="Fragile")(slow)

if __name__ == "__main__":
    raise SystemExit(work(jobs=1, grace=1))
