"""``huiyin demo``: simulate the city, measure it, show the bulletin."""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from pathlib import Path

from huiyin.demo import write_survey
from huiyin.measure.run.command import run as measure


def run(options: argparse.Namespace) -> int:
    """Carry out the command; see ``huiyin demo --help``."""
    folder = Path(options.out)
    print(f"Simulating two rounds of interviews in {folder / 'survey'} (seed {options.seed}) ...")
    survey = write_survey(folder / "survey", seed=options.seed)
    out = folder / "results"
    options_of_measure = argparse.Namespace(
        survey=survey,
        out=out,
        engine="duckdb",
        formats="html,docx,xlsx,pdf",
        language=None,
        json=False,
        quiet=False,
    )
    status = measure(options_of_measure)
    bulletin = (out / "bulletin.html").resolve()
    print(f"\nBulletin: {bulletin}")
    print(f"Word, Excel, PDF and tables are beside it; the survey file is {survey}.")
    if not options.no_open and _has_screen():
        webbrowser.open(bulletin.as_uri())
    return status


def _has_screen() -> bool:
    """Whether there is somebody to open a page for."""
    if not sys.stdout.isatty():
        return False
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
