"""``huiyin demo``: build the city on a site of its own, then serve it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from huiyin.site.running.session import problems_told, site, told
from huiyin.site.running.words import say


def serve_city(options: argparse.Namespace) -> int:
    """Measure the city's survey, build the city, print its accounts, become ``huiyin serve``.

    What was done before is not done again.
    """

    def work() -> int:
        with site(options.data), problems_told():
            from huiyin.demo.site import build
            from huiyin.site.running.migrating import apply

            apply()
            with _bar() as progress:
                accounts = build(progress)
            Console().print(accounts, highlight=False, markup=False)
        return 0

    return _measure(options) or told(work) or _become_serve(options)


def _measure(options: argparse.Namespace) -> int:
    """Two simulated rounds and their bulletin, unless they are there."""
    bulletin = Path(options.out) / "results" / "bulletin.html"
    if bulletin.exists():
        print(say(f"Bulletin: {bulletin}", f"通报：{bulletin}"))
        return 0
    from huiyin.demo.command import run

    return run(options)


def _become_serve(options: argparse.Namespace) -> int:
    """Take this process's place: the supervisor carries nothing of what was built here."""
    place = ["--data", options.data, "--host", options.host, "--port", str(options.port)]
    os.execv(sys.executable, [sys.executable, "-m", "huiyin.cli", "serve", *place])


@contextmanager
def _bar() -> Iterator[Callable[[float, str], None]]:
    """A progress bar on stderr; called with the share done (0–1) and what is being done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say("building the city", "正在建立安和市"), total=1.0)
        yield lambda share, phase: bar.update(task, completed=share, description=phase)
